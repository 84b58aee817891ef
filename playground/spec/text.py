"""The text of a link: choices as `name,knob:value,...`, and the parts of a query with a sentence for what is wrong.

Every knob is written, also at its default, so that a later change of a default does not change what an old link shows.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, quote_plus

from playground.registry import Choice, ChoiceError, Registry, shown

VERSION = 1
LANGUAGE = "lang"  # the part of a link that says in which language it is read; no part of any spec
MOST_QUERY = 12_000
MOST_NAMES = 16  # in a sentence

Report = Callable[[str], None]


def write_choice(choice: Choice) -> str:
    """`name,knob:value,...`."""
    parts = [f"{name}:{made.format(getattr(choice, name))}" for name, made in choice.knobs().items()]
    return ",".join([choice.name, *parts])


def read_choice(registry: Registry, text: str, report: Report) -> Choice | None:
    """The choice that `text` describes. What is wrong goes to `report` sentence by sentence; the rest is kept."""
    name, *parts = text.split(",")
    if name not in registry:
        report(
            registry.refused.get(name) or f"{registry.kind} is {shown(name)}, but must be {_one_of(registry, name)}."
        )
        return None
    cls = registry[name]
    knobs, values = cls.knobs(), {}
    for part in parts:
        key, _, value = part.partition(":")
        where = f"{cls.label}: {key}"
        if key not in knobs:
            known = f"one of its knobs: {', '.join(knobs)}" if knobs else "left out: it has no knobs"
            report(f"{cls.label} has a knob called {shown(key)} in this link, but it must be {known}.")
            continue
        try:
            values[key] = knobs[key].parse(where, value)
        except ChoiceError as problem:
            report(str(problem))
    return cls(**values)


def _one_of(registry: Registry, name: str) -> str:
    """What is allowed: all names, or of very many those most like `name`."""
    if len(registry) <= MOST_NAMES:
        return f"one of {', '.join(registry)}"
    near = difflib.get_close_matches(name, registry, 5, 0.4) or list(registry)[:5]
    return f"one of the {len(registry)} that the menu lists, such as {', '.join(near)}"


def write_query(pairs: Iterable[tuple[str, str]]) -> str:
    """The query of (name, text) pairs, with the version in front."""
    return "&".join(f"{name}={quote_plus(text, safe=',:~*')}" for name, text in [("v", str(VERSION)), *pairs])


class Linked:
    """A spec that a link holds as a whole; `kind` is what it describes, in a word."""

    kind: ClassVar[str]

    def pairs(self) -> Iterable[tuple[str, str]]:
        """Name and text of each part of the link."""
        raise NotImplementedError

    @classmethod
    def read_query(cls, query: str) -> tuple[Self, list[str]]:
        """The spec of a link as far as it can be read, and a sentence for each part that could not."""
        raise NotImplementedError

    @classmethod
    def from_query(cls, query: str) -> Self:
        """The spec of a link or its query. Raises `ChoiceError` with the first thing that is wrong."""
        found, problems = cls.read_query(query)
        if problems:
            raise ChoiceError(problems[0])
        return found

    def to_query(self) -> str:
        """The link's query, without `?`; `from_query` gives the same spec back."""
        return self._query

    @cached_property
    def _query(self) -> str:
        return write_query(self.pairs())

    @property
    def key(self) -> str:
        """The name of this computation: 32 hexadecimal digits, equal for equal specs only."""
        return hashlib.sha256(f"{self.kind} {self.to_query()}".encode()).hexdigest()[:32]


def numbered(labels: Sequence[str]) -> tuple[str, ...]:
    """The labels, those that stand several times with a number behind them."""
    return tuple(
        f"{label} #{labels[: place + 1].count(label)}" if labels.count(label) > 1 else label
        for place, label in enumerate(labels)
    )


class Query:
    """The parts of a query (or of a whole link), and the sentences about what is wrong with them."""

    def __init__(self, query: str, single: Iterable[str], repeated: Iterable[str]) -> None:
        """`single`: names that may stand once; `repeated`: names that may stand several times."""
        self.problems: list[str] = []
        self.values: dict[str, list[str]] = {}
        query = query.rpartition("?")[2].partition("#")[0]
        if len(query) > MOST_QUERY:
            self.problems.append(f"the link has {len(query)} characters, but may have at most {MOST_QUERY}.")
            return
        for name, value in parse_qsl(query, keep_blank_values=True):
            self.values.setdefault(name, []).append(value)
        self._check_names(tuple(single), tuple(repeated))

    def _check_names(self, single: tuple[str, ...], repeated: tuple[str, ...]) -> None:
        known = ("v", *repeated, *single)
        for name in self.values:
            if name not in (*known, LANGUAGE):
                self.problems.append(f"the link has a part called {shown(name)}, but may have only {', '.join(known)}.")
        for name in ("v", *single):
            if len(self.values.get(name, ())) > 1:
                self.problems.append(f"{name} stands {len(self.values[name])} times in the link, but may stand once.")
        version = self.values.get("v", [str(VERSION)])[0]
        if version != str(VERSION):
            self.problems.append(f"the link's version v is {shown(version)}, but must be {VERSION}.")

    def checked(self, name: str, read: Callable[[], Any]) -> dict[str, Any]:
        """`{name: read()}`, or nothing and a problem."""
        try:
            return {name: read()}
        except ChoiceError as problem:
            self.problems.append(str(problem))
            return {}

    def cut(self, what: str, items: list[Any], most: int) -> list[Any]:
        """At most the first `most` of `items`."""
        if len(items) > most:
            self.problems.append(f"the number of {what} is {len(items)}, but must be from 1 to {most}.")
        return items[:most]
