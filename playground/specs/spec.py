"""What all specs have: their checks, their link and their key, which follow from their fields."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any, ClassVar, Self

from playground.messages import Message
from playground.registry import ChoiceError, Knob
from playground.specs.fields import MISSING, Field, KnobField
from playground.specs.text import Query, Report, write_query


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Base of all specs: `kind` is what it describes, in a word. Raises `ChoiceError`, one sentence.

    `row`: how sentences name it, where it is part of another one; `mixed`: its link has the fields in the order of the
    class instead of knobs last; `view_state`: parts of a link that say what a page shows of it.
    """

    kind: ClassVar[str] = ""
    row: ClassVar[str] = ""
    mixed: ClassVar[bool] = False
    view_state: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        for name, field in self.fields().items():
            value = getattr(self, name)
            if field.derive and (value is None or value == ()):
                value = field.derive(getattr(self, field.follows))
            object.__setattr__(self, name, field.check(value))

    @classmethod
    @cache
    def fields(cls) -> dict[str, Field]:
        """Its fields by name, in the order of the class."""
        fields = {}
        for field in dataclasses.fields(cls):
            spec_field = field.metadata.get("field") or KnobField(knob=field.metadata["knob"])
            fields[field.name] = replace(spec_field, name=field.name, link=spec_field.link or field.name, row=cls.row)
        return fields

    @classmethod
    def knobs(cls) -> dict[str, Knob[Any]]:
        """The knobs among its fields."""
        return {name: field.knob for name, field in cls.fields().items() if isinstance(field, KnobField)}

    @classmethod
    def flat(cls) -> list[tuple[Field, Any]]:
        """The fields of its link in their order there, each with None."""
        return cls._in_order(leaf for field in cls.fields().values() for leaf in field.leaves())

    def leaves(self) -> list[tuple[Field, Any]]:
        """The fields of its link in their order there, each with its value."""
        return self._in_order(
            leaf for name, field in self.fields().items() for leaf in field.leaves(getattr(self, name))
        )

    @classmethod
    def _in_order(cls, leaves: Iterable[tuple[Field, Any]]) -> list[tuple[Field, Any]]:
        return list(leaves) if cls.mixed else sorted(leaves, key=lambda leaf: leaf[0].last)

    def pairs(self) -> list[tuple[str, str]]:
        """Name and text of each part of the link."""
        return [pair for field, value in self.leaves() for pair in field.pairs(value)]

    @classmethod
    def read_fields(cls, query: Query) -> dict[str, Any]:
        """What a link says of its fields."""
        values = ((name, field.read(query)) for name, field in cls.fields().items())
        return {name: value for name, value in values if value is not MISSING}

    @classmethod
    def read_query(cls, query: str) -> tuple[Self, list[Message]]:
        """The spec of a link as far as it can be read, and a sentence for each part that could not."""
        fields = [field for field, _ in cls.flat()]
        single = [field.link for field in fields if not field.repeated]
        parts = Query(query, (*single, *cls.view_state), [field.link for field in fields if field.repeated])
        return cls.build(cls.read_fields(parts), parts.report), parts.problems

    @classmethod
    def build(cls, values: dict[str, Any], report: Report) -> Self:
        """The spec with these values, but for one that does not go with the others, for which there is a sentence."""
        try:
            return cls(**values)
        except ChoiceError as problem:
            report(problem.message)
        for name in reversed(values):
            with suppress(ChoiceError):
                return cls(**{other: value for other, value in values.items() if other != name})
        return cls()

    @classmethod
    def from_query(cls, query: str) -> Self:
        """The spec of a link or its query. Raises `ChoiceError` with the first thing that is wrong."""
        spec, problems = cls.read_query(query)
        if problems:
            raise ChoiceError(problems[0])
        return spec

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


class Row(Spec):
    """A spec that is one text in the link of a larger one: its fields in order, with `joint` between them.

    The first has to be there; others may be left out.
    """

    joint: ClassVar[str] = "~"

    def to_text(self) -> str:
        """Its text in a link."""
        return self.joint.join(field.write(getattr(self, name)) for name, field in self.fields().items())

    @classmethod
    def read_text(cls, text: str, report: Report) -> Self | None:
        """The row that `text` describes; problems go to `report`."""
        texts = text.split(cls.joint, len(cls.fields()) - 1)
        values = [(name, field.parse(part, report)) for (name, field), part in zip(cls.fields().items(), texts)]
        return (
            None if values[0][1] is MISSING else cls(**{name: value for name, value in values if value is not MISSING})
        )
