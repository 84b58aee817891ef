"""The fields that specs consist of.

A field reads and writes its text in a link, checks its value, has a title and a help, and tells how two of its values
differ. It is declared as the default of a dataclass field:

    surface: Surface = choice(surfaces, "rosenbrock")
    racers: tuple[Racer, ...] = rows(Racer, _first_racers, most=12, link="racer")
    steps: int = knob(500, 1, 5000, label="Steps")
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from playground.messages import Message
from playground.numbers import quoted
from playground.registry import Choice, ChoiceError, Knob, Registry
from playground.specs.text import Query, Report, one_of, read_choice, write_choice, wrong

MISSING: Any = object()  # instead of a value: the link does not say it, or says it wrongly


@dataclass(frozen=True, kw_only=True)
class Field:
    """Base of all kinds; what is written as one text, which occurs once in a link.

    `name`: of the dataclass field; `link`: its name in links; `label`: its title, if not made of the name; `row`: of
    which part of the spec, in a sentence; `follows`: a field before it that it belongs to; `derive`: the value, where
    none is given, that follows from that field's; `idle`: whether it changes nothing in the answer, and has no widget.
    """

    name: str = ""
    link: str = ""
    label: str = ""
    help: str = ""
    row: str = ""
    follows: str = ""
    derive: Callable[[Any], Any] | None = None
    idle: bool = False

    repeated: ClassVar[bool] = False  # whether it may stand several times in a link
    last: ClassVar[bool] = False  # whether it comes behind the others in a link

    @property
    def title(self) -> str:
        """The title of its widget."""
        return self.label or self.name.replace("_", " ").capitalize()

    @property
    def path(self) -> str | Message:
        """How a sentence names it."""
        return Message("{row}: {field}", row=self.row, field=self.link) if self.row else self.link

    def leaves(self, value: Any = None) -> Iterator[tuple[Field, Any]]:
        """The fields of which it consists in a link, each with its value; only itself, for most."""
        yield self, value

    def pairs(self, value: Any) -> list[tuple[str, str]]:
        """Its parts of a link."""
        return [(self.link, self.write(value))]

    def read(self, query: Query) -> Any:
        """The value that a link gives it, or `MISSING`; problems go to the query's."""
        texts = query.values.get(self.link)
        return self.parse(texts[0], query.report) if texts else MISSING

    def parse(self, text: str, report: Report) -> Any:
        """The value that `text` describes, or `MISSING`; problems go to `report`."""
        try:
            value = self.from_text(text, report)
            return value if value is MISSING else self.check(value)
        except ChoiceError as problem:
            report(problem.message)
            return MISSING

    def write(self, value: Any) -> str:
        """The text of a value; `from_text` reads it."""
        raise NotImplementedError

    def from_text(self, text: str, report: Report) -> Any:
        """The value of a text, still to be checked."""
        raise NotImplementedError

    def check(self, value: Any) -> Any:
        """`value` in the field's own type. Raises `ChoiceError`."""
        raise NotImplementedError

    def difference(self, value: Any, values: Sequence[Any]) -> str:
        """How `value` differs from the other ones of `values`, of which it is one."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class KnobField(Field):
    """A number, a switch, an option or a text."""

    knob: Knob[Any]

    last: ClassVar[bool] = True

    @property
    def title(self) -> str:
        return self.knob.title(self.name)

    def write(self, value: Any) -> str:
        return self.knob.format(value)

    def from_text(self, text: str, report: Report) -> Any:
        return self.knob.parse(self.path, text)

    def check(self, value: Any) -> Any:
        return self.knob.check(self.path, value)

    def difference(self, value: Any, values: Sequence[Any]) -> str:
        return f"{self.title.lower()} {self.knob.format(value)}"


@dataclass(frozen=True, kw_only=True)
class CoordinateField(KnobField):
    """A coordinate of a point on a surface; the surface has the name of its axis and its scale."""

    axis: int


@dataclass(frozen=True, kw_only=True)
class ChoiceField(Field):
    """A choice of a registry; with `base`, one of that class that is in no registry will do."""

    registry: Registry[Any]
    base: type | None = None

    def write(self, value: Choice) -> str:
        return write_choice(value)

    def from_text(self, text: str, report: Report) -> Any:
        return read_choice(self.registry, text, report) or MISSING

    def check(self, value: Any) -> Choice:
        registered = self.registry.get(getattr(value, "name", "")) is type(value)
        if not registered and not (self.base and isinstance(value, self.base)):
            raise ChoiceError(wrong(self.path, value, one_of(self.registry, str(value))))
        return value

    def difference(self, value: Choice, values: Sequence[Choice]) -> str:
        return " ".join([value.label, *differences(value, values)])


@dataclass(frozen=True, kw_only=True)
class ChoicesField(Field):
    """Any subset of a registry, in the order in which it is given; `a*b` in a link."""

    registry: Registry[Any]

    def write(self, value: tuple[Choice, ...]) -> str:
        return "*".join(map(write_choice, value))

    def from_text(self, text: str, report: Report) -> Any:
        choices = (read_choice(self.registry, part, report) for part in (text.split("*") if text else ()))
        return tuple(choice for choice in choices if choice)

    def check(self, value: Any) -> tuple[Choice, ...]:
        value, field = tuple(value), ChoiceField(registry=self.registry, link=self.link, row=self.row)
        names = [field.check(choice).name for choice in value]
        for name in names:
            if (count := names.count(name)) > 1:
                about = {"field": self.path, "name": name, "n": count}
                raise ChoiceError("{field} holds {name} {n} times, but may hold each once.", **about)
        return value

    def difference(self, value: tuple[Choice, ...], values: Sequence[tuple[Choice, ...]]) -> str:
        others = [choice for each in values for choice in each]
        own = [choice for choice in value if others.count(choice) < len(values)]
        parts = [" ".join([choice.label, *differences(choice, others)]) for choice in own]
        return " + ".join(parts) or f"no {self.title.lower()}"


@dataclass(frozen=True, kw_only=True)
class ManyField(Field):
    """Several values of one kind, from `least` to `most`: a part of the link for each, or one, with `joint` between."""

    least: int = 0
    most: int = 100
    joint: str = ""

    @property
    def repeated(self) -> bool:  # type: ignore[override]
        return not self.joint

    def pairs(self, value: Any) -> list[tuple[str, str]]:
        return super().pairs(value) if self.joint else [(self.link, self.write_one(item)) for item in value]

    def write(self, value: Any) -> str:
        return self.joint.join(map(self.write_one, value))

    def read(self, query: Query) -> Any:
        if self.joint:
            return super().read(query)
        texts = query.values.get(self.link, [])
        if len(texts) > self.most:
            query.report(self._count(len(texts)))
        return tuple(self._parse_all(texts[: self.most], query.report)) or MISSING

    def from_text(self, text: str, report: Report) -> Any:
        return tuple(self._parse_all(text.split(self.joint) if text else (), report))

    def _parse_all(self, texts: Iterable[str], report: Report) -> Iterator[Any]:
        for text in texts:
            try:
                value = self.read_one(text, report)
                if value is not MISSING:
                    yield self.check_one(value)
            except ChoiceError as problem:
                report(problem.message)

    def _count(self, count: int) -> Message:
        about = {"name": self.name, "n": count, "least": self.least, "most": self.most}
        return Message("the number of {name} is {n}, but must be from {least} to {most}.", **about)

    def check(self, value: Any) -> tuple[Any, ...]:
        value = tuple(value)
        if not self.least <= len(value) <= self.most:
            raise ChoiceError(self._count(len(value)))
        return tuple(self.check_one(item) for item in value)

    def write_one(self, value: Any) -> str:
        """The text of one of its values."""
        raise NotImplementedError

    def read_one(self, text: str, report: Report) -> Any:
        """The value of a text, or `MISSING`."""
        raise NotImplementedError

    def check_one(self, value: Any) -> Any:
        """One of its values in its own type. Raises `ChoiceError`."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class PointsField(ManyField):
    """Points (x, y), each `x,y` in a link; `knob` is a coordinate."""

    knob: Knob[Any]

    def write_one(self, value: tuple[float, float]) -> str:
        return ",".join(map(self.knob.format, value))

    def read_one(self, text: str, report: Report) -> tuple[float, ...]:
        parts = text.split(",")
        self._two(parts, text)
        return tuple(self.knob.parse(f"{self.link} {axis}", part) for axis, part in zip("xy", parts))

    def check_one(self, value: Any) -> tuple[float, ...]:
        self._two(value, value)
        return tuple(self.knob.check(f"{self.link} {axis}", coordinate) for axis, coordinate in zip("xy", value))

    def _two(self, parts: Any, value: Any) -> None:
        try:
            fits = len(tuple(parts)) == 2
        except TypeError:
            fits = False
        if not fits:
            raise ChoiceError(wrong(self.link, value, Message("two numbers x,y")))


@dataclass(frozen=True, kw_only=True)
class RowsField(ManyField):
    """Rows of a smaller spec `of`; `admit(row)` gives the row back, or raises `ChoiceError`."""

    of: Any
    admit: Callable[[Any], Any] = lambda row: row

    def write_one(self, value: Any) -> str:
        return value.to_text()

    def read_one(self, text: str, report: Report) -> Any:
        return self.of.read_text(text, report) or MISSING

    def check_one(self, value: Any) -> Any:
        if not isinstance(value, self.of):
            about = {"name": self.name, "kind": f"pg.{self.of.__name__}"}
            raise ChoiceError("{name} holds something else than {kind}, but must hold {kind} only.", **about)
        return self.admit(value)

    def difference(self, value: Any, values: Sequence[Any]) -> str:
        return f"{len(value)} {self.title.lower()}" if value else f"no {self.title.lower()}"


@dataclass(frozen=True, kw_only=True)
class VariantsField(RowsField):
    """Specs of one kind: the first as its own parts of the link, each other one by what differs from it, as `a~b~...`.

    A difference is the name of a part and its text.
    """

    def leaves(self, value: Any = None) -> Iterator[tuple[Field, Any]]:
        yield from value[0].leaves() if value else self.of.flat()
        yield self, value

    def pairs(self, value: Any) -> list[tuple[str, str]]:
        first, *others = (dict(variant.pairs()) for variant in value)
        differences = ([f"{name}~{text}" for name, text in other.items() if text != first[name]] for other in others)
        return [(self.link, "~".join(difference)) for difference in differences]

    def read(self, query: Query) -> Any:
        first, specs = self.of.read_fields(query), []
        texts = query.values.get(self.link, [])
        if len(texts) >= self.most:
            query.report(self._count(len(texts) + 1))
        for text in texts[: self.most - 1]:
            words = text.split("~") if text else []
            pairs = dict(zip(words[::2], words[1::2]))
            self._check_names(pairs, query)
            specs.append(self.of.build(first | self.of.read_fields(query.within(pairs.items())), query.report))
            if len(words) % 2:
                query.report(wrong(self.link, words[-1], Message("followed by a text: differences are name~text")))
        return (self.of.build(first, query.report), *specs)

    def _check_names(self, pairs: Iterable[str], query: Query) -> None:
        links = [field.link for field, _ in self.of.flat()]
        for name in pairs:
            if name not in (*links, self.link, "v"):
                about = {"part": self.link, "name": quoted(name), "known": ", ".join(links)}
                query.report(Message("{part} has a part called {name}, but may have only {known}.", **about))


@dataclass(frozen=True, kw_only=True)
class PartField(Field):
    """Another spec as part of this one, whose fields stand in the link as its own do.

    `limits`: facts of its fields that are narrower here, as {field: {fact: value}}.
    """

    of: Any
    limits: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)

    def fields(self) -> dict[str, Field]:
        """Its fields within the limits."""
        return {name: replace(field, **self.limits.get(name, {})) for name, field in self.of.fields().items()}

    def leaves(self, value: Any = None) -> Iterator[tuple[Field, Any]]:
        for name, field in self.fields().items():
            yield from field.leaves(None if value is None else getattr(value, name))

    def pairs(self, value: Any) -> list[tuple[str, str]]:
        return [pair for field, field_value in self.leaves(value) for pair in field.pairs(field_value)]

    def read(self, query: Query) -> Any:
        values = ((name, field.read(query)) for name, field in self.fields().items())
        return self.of.build({name: value for name, value in values if value is not MISSING}, query.report)

    def check(self, value: Any) -> Any:
        if not isinstance(value, self.of):
            raise ChoiceError(wrong(self.path, value, Message("a {kind}", kind=Message(self.of.kind))))
        for name, field in self.fields().items():
            if name in self.limits:
                field.check(getattr(value, name))
        return value


def differences(choice: Choice, others: Iterable[Choice]) -> list[str]:
    """The knobs in which a choice differs from those `others` that are of its kind, as "lr 0.1"."""
    twins = [other for other in others if other.name == choice.name]
    return [
        f"{name.replace('_', ' ')} {knob.format(getattr(choice, name))}"
        for name, knob in choice.knobs().items()
        if len({getattr(twin, name) for twin in twins}) > 1
    ]


# -- declarations ----------------------------------------------------------------------------------------------------


def declare(field: Field, default: Any) -> Any:
    """The dataclass field of a field; a `default` that can be called makes the value."""
    facts = {"default_factory": default} if callable(default) else {"default": default}
    return dataclasses.field(metadata={"field": field}, **facts)


def choice(
    registry: Registry[Any],
    name: str,
    /,
    base: type | None = None,
    knobs: Mapping[str, Any] | None = None,
    **facts: Any,
) -> Any:
    """A choice of `registry`, at first `name` with some `knobs`."""
    return declare(ChoiceField(registry=registry, base=base, **facts), lambda: registry[name](**(knobs or {})))


def choices(registry: Registry[Any], **facts: Any) -> Any:
    """Any subset of `registry`, at first none."""
    return declare(ChoicesField(registry=registry, **facts), ())


def points(knob: Knob[Any], follows: str, derive: Callable[[Any], Any], **facts: Any) -> Any:
    """Points, at first those that `derive` gives of the field `follows`."""
    return declare(PointsField(knob=knob, follows=follows, derive=derive, **facts), ())


def rows(of: type, default: Any, **facts: Any) -> Any:
    """Rows of a smaller spec."""
    return declare(RowsField(of=of, **facts), default)


def variants(of: type, **facts: Any) -> Any:
    """Specs of one kind, at first one."""
    return declare(VariantsField(of=of, least=1, **facts), lambda: (of(),))


def part(of: type, **limits: Mapping[str, Any]) -> Any:
    """Another spec, whose fields have narrower `limits` here: `part(Race, racers={"most": 4})`."""
    return declare(PartField(of=of, limits=limits), of)


def coordinate(knob: Knob[Any], axis: int, label: str) -> Any:
    """A coordinate of a point on the spec's surface, at first that of the surface's own start."""
    own = CoordinateField(
        knob=knob, axis=axis, label=label, follows="surface", derive=lambda surface: surface.start[axis]
    )
    return declare(own, None)


def same(spec: type, name: str) -> Any:
    """The field of another spec."""
    own = next(field for field in dataclasses.fields(spec) if field.name == name)
    return dataclasses.field(default=own.default, default_factory=own.default_factory, metadata=own.metadata)
