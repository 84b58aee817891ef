"""The text of a link: choices as `name,knob:value,...`, and the parts of a query with a sentence for what is wrong.

Every knob is written, also at its default, so that a later change of a default does not change what an old link shows.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote_plus

from playground.messages import Message, listed
from playground.numbers import quoted
from playground.registry import Choice, ChoiceError, K, Registry

VERSION = 1
LANGUAGE = "lang"  # the part of a link that says in which language it is read; no part of any spec
# Parts that social networks, newsletters and search engines add to a link, and those that embed the page in another.
FOREIGN = re.compile(r"utm_\w+|(fb|g|d|y|tw|tt)clid|msclkid|[gw]braid|igshid|mc_[ce]id|_ga|_gl|embed|embed_options")
MOST_QUERY = 12_000
MOST_NAMES = 16  # in a sentence

Report = Callable[[Message], None]


def write_choice(choice: Choice) -> str:
    """`name,knob:value,...`."""
    parts = [f"{name}:{knob.format(getattr(choice, name))}" for name, knob in choice.knobs().items()]
    return ",".join([choice.name, *parts])


def read_choice(registry: Registry[K], text: str, report: Report) -> K | None:
    """The choice that `text` describes. What is wrong goes to `report` sentence by sentence; the rest is kept."""
    name, *parts = text.split(",")
    if name not in registry:
        report(registry.refused.get(name) or wrong(registry.kind, name, one_of(registry, name)))
        return None
    cls = registry[name]
    knobs, values = cls.knobs(), {}
    for part in parts:
        key, _, value = part.partition(":")
        if key not in knobs:
            report(_no_knob(cls, key))
            continue
        try:
            values[key] = knobs[key].parse(cls.path_of(key), value)
        except ChoiceError as problem:
            report(problem.message)
    return cls(**values)


def _no_knob(cls: type[Choice], key: str) -> Message:
    about = {"choice": Message(cls.label), "name": quoted(key)}
    if not cls.knobs():
        return Message("{choice} has a knob called {name} in this link, but it has no knobs.", **about)
    knob_names = listed(cls.knobs())
    return Message(
        "{choice} has a knob called {name} in this link, but its knobs are {known}.", **about, known=knob_names
    )


def wrong(field: str | Message, value: Any, allowed: Message) -> Message:
    """The sentence that names the field, the value and what is allowed."""
    return Message("{field} is {value}, but must be {allowed}.", field=field, value=quoted(value), allowed=allowed)


def one_of(registry: Registry[Any], name: str = "") -> Message:
    """What is allowed: all names, or of very many those most like `name`."""
    if len(registry) <= MOST_NAMES:
        return Message("one of {options}", options=listed(registry))
    near = difflib.get_close_matches(name, registry, 5, 0.4) or list(registry)[:5]
    return Message("one of the {count} that the menu lists, such as {some}", count=len(registry), some=listed(near))


def write_query(pairs: Iterable[tuple[str, str]]) -> str:
    """The query of (name, text) pairs, with the version in front."""
    return "&".join(f"{name}={quote_plus(text, safe=',:~*')}" for name, text in [("v", str(VERSION)), *pairs])


def numbered(labels: Sequence[str]) -> tuple[str, ...]:
    """The labels, those that stand several times with a number behind them."""
    return tuple(
        f"{label} #{labels[: index + 1].count(label)}" if labels.count(label) > 1 else label
        for index, label in enumerate(labels)
    )


class Query:
    """The parts of a query (or of a whole link), and the sentences about what is wrong with them."""

    def __init__(self, query: str, single: Iterable[str], repeated: Iterable[str]) -> None:
        """`single`: names that may stand once; `repeated`: names that may stand several times."""
        self.problems: list[Message] = []
        self.report: Report = self.problems.append
        self.values: dict[str, list[str]] = {}
        query = query.rpartition("?")[2].partition("#")[0].replace("&amp;", "&")  # as in the source of a web page
        if len(query) > MOST_QUERY:
            about = {"n": len(query), "most": MOST_QUERY}
            self.report(Message("the link has {n} characters, but may have at most {most}.", **about))
            return
        for name, value in parse_qsl(query, keep_blank_values=True):
            if not FOREIGN.fullmatch(name):
                self.values.setdefault(name, []).append(value)
        self._check_names(tuple(single), tuple(repeated))

    def _check_names(self, single: tuple[str, ...], repeated: tuple[str, ...]) -> None:
        names = ("v", *repeated, *single)
        for name in self.values:
            if name not in (*names, LANGUAGE):
                about = {"name": quoted(name), "known": listed(names)}
                self.report(Message("the link has a part called {name}, but may have only {known}.", **about))
        for name in ("v", *single):
            if (count := len(self.values.get(name, ()))) > 1:
                self.report(Message("{name} occurs {n} times in the link, but may occur once.", name=name, n=count))
        version = self.values.get("v", [str(VERSION)])[0]
        if version != str(VERSION):
            about = {"version": quoted(version), "own": VERSION}
            self.report(Message("the link's version v is {version}, but must be {own}.", **about))

    def within(self, pairs: Iterable[tuple[str, str]]) -> Query:
        """The same with other parts: what is wrong with them goes to the same list."""
        inner = object.__new__(Query)
        inner.problems, inner.report = self.problems, self.report
        inner.values = {name: [text] for name, text in pairs}
        return inner
