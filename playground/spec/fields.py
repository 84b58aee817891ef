"""Specs of which every field is one choice or one knob: their checks and their links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from playground.choices.surfaces import Surface
from playground.registry import ChoiceError, Knob, Registry, shown
from playground.spec.text import Linked, Query, read_choice, write_choice


@dataclass(frozen=True, kw_only=True)
class Fields(Linked):
    """Base of such specs: `choices` and `plain` name the fields, which all have defaults. Raises `ChoiceError`."""

    choices: ClassVar[Mapping[str, Registry]]
    plain: ClassVar[Mapping[str, Knob]]

    def __post_init__(self) -> None:
        for name, registry in self.choices.items():
            value = getattr(self, name)
            if registry.get(getattr(value, "name", "")) is not type(value):
                raise ChoiceError(f"{name} is {shown(value)}, but must be a {registry.kind}.")
        for name, made in self.plain.items():
            object.__setattr__(self, name, made.check(name, getattr(self, name)))

    def pairs(self) -> list[tuple[str, str]]:
        """Name and text of each part of the link."""
        chosen = [(name, write_choice(getattr(self, name))) for name in self.choices]
        return chosen + [(name, made.format(getattr(self, name))) for name, made in self.plain.items()]

    @classmethod
    def read_query(cls, query: str) -> tuple[Self, list[str]]:
        """The spec of a link as far as it can be read, and a sentence for each part that could not."""
        parts = Query(query, single=(*cls.choices, *cls.plain), repeated=())
        found: dict[str, Any] = {}
        for name, registry in cls.choices.items():
            if name in parts.values:
                choice = read_choice(registry, parts.values[name][0], parts.problems.append)
                found |= {name: choice} if choice else {}
        for name, made in cls.plain.items():
            if name in parts.values:
                found |= parts.checked(name, lambda made=made, name=name: made.parse(name, parts.values[name][0]))
        return cls(**found), parts.problems


@dataclass(frozen=True, kw_only=True)
class OnSurface(Fields):
    """Such a spec with a `surface` and a point `x`, `y` on it, which is where races start unless it is given."""

    def __post_init__(self) -> None:
        if isinstance(self.surface, Surface):
            for name, value in zip("xy", self.surface.start):
                if getattr(self, name) is None:
                    object.__setattr__(self, name, value)
        super().__post_init__()
