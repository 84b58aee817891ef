"""What a choice is: a class whose fields are knobs, listed once in the registry of its kind.

Everything the app shows of a choice (menu entry, widgets, error text, part of the link, catalogue line) is read off
the class, so that adding a choice means writing one class and nothing else.
"""

from __future__ import annotations

import copy
import dataclasses
import inspect
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar, cast, dataclass_transform

from playground.messages import Message, listed, marked
from playground.numbers import exact, quoted

HEADS = ("Formula", "Watch", "Reference")  # of paragraphs of a choice's docstring
LINK_SAFE = re.compile(r"[a-z][a-z0-9_]*")

T = TypeVar("T")  # of a knob's values
F = TypeVar("F", bound=Callable[..., Any])


def cached(most: int | None = None) -> Callable[[F], F]:
    """`functools.lru_cache` for what follows from a class, which type checkers take for unhashable."""
    return cast(Callable[[F], F], lru_cache(maxsize=most))


class ChoiceError(ValueError):
    """Bad input; its message is one sentence with the field, the value and what is allowed."""

    def __init__(self, message: Message | str, /, **values: Any) -> None:
        """`message`, or the message of a template and its `values`."""
        super().__init__(message if isinstance(message, Message) else Message(message, **values))

    @property
    def message(self) -> Message:
        """What is wrong; `str()` of the error renders it in the language of here and now."""
        return self.args[0]

    def __str__(self) -> str:
        return str(self.message)


@dataclass(frozen=True, kw_only=True)
class Knob(Generic[T]):
    """One adjustable field of a choice.

    `default` fixes the type: bool is a switch, int and float are numbers within `low` and `high` (both allowed),
    str is one of `options`, or free text that `check_text` accepts and `text` describes. `log` asks for a logarithmic
    control; `symbol` is the LaTeX the field uses for this quantity; `live` the setting under which it may change while
    a run goes on (see `choices.live`).
    """

    default: T
    low: float = -math.inf
    high: float = math.inf
    options: tuple[str, ...] = ()
    check_text: Callable[[str], None] | None = None
    text: str = marked("a formula in x and y")
    log: bool = False
    label: str = ""
    symbol: str = ""
    help: str = ""
    live: str = ""

    def title(self, field: str) -> str:
        """The title of its widget: single letters and short names as the formulas have them."""
        return self.label or (field if len(field) <= 2 else field.replace("_", " ").capitalize())

    @property
    def numeric(self) -> bool:
        """Whether it is a number, and no switch."""
        return isinstance(self.default, (int, float)) and not isinstance(self.default, bool)

    @property
    def allowed(self) -> Message:
        """What values are allowed, as the end of a sentence."""
        if isinstance(self.default, bool):
            return Message("on or off")
        if self.options:
            return Message("one of {options}", options=listed(self.options))
        if isinstance(self.default, str):
            return Message(self.text)
        low, high = exact(self.low), exact(self.high)
        if isinstance(self.default, int):
            return Message("a whole number from {low} to {high}", low=low, high=high)
        return Message("a number from {low} to {high}", low=low, high=high)

    def check(self, field: str | Message, value: Any) -> T:
        """`value` in the knob's own type, or a `ChoiceError` that names `field`, the value and what is allowed."""
        kind = type(self.default)
        if kind is float and type(value) is int:
            value = float(value)
        if kind is int and type(value) is float and value.is_integer():
            value = int(value)
        fits = type(value) is kind
        if fits and kind in (int, float):
            fits = self.low <= value <= self.high
        elif fits and self.options:
            fits = value in self.options
        if kind is float:
            value = value + 0.0 if fits else value  # -0.0 is 0.0: equal specs have equal keys
        if not fits:
            raise ChoiceError(
                "{field} is {value}, but must be {allowed}.", field=field, value=quoted(value), allowed=self.allowed
            )
        if self.check_text is not None:
            self.check_text(value)
        return value

    def parse(self, field: str | Message, text: str) -> T:
        """The value that `text` (from a link) stands for; errors as in `check`."""
        try:
            if isinstance(self.default, bool):
                value: Any = {"on": True, "off": False}[text]
            elif isinstance(self.default, (int, float)):
                value = float(text)
            else:
                value = text
        except (KeyError, ValueError):
            value = text
        return self.check(field, value)

    def format(self, value: Any) -> str:
        """The text of `value` in a link; `parse` gives the same value back."""
        if isinstance(value, bool):
            return "on" if value else "off"
        return value if isinstance(value, str) else exact(value)


def knob(default: T, low: float = -math.inf, high: float = math.inf, **facts: Any) -> T:
    """A dataclass field that carries a `Knob`; arguments as there. Its type is that of the value it will hold."""
    knob = Knob(default=default, low=low, high=high, **facts)
    return dataclasses.field(default=default, metadata={"knob": knob})  # `field` itself claims to be a T


format_number, shown = exact, quoted  # their names until the specs are made of fields


@dataclass_transform(frozen_default=True, kw_only_default=True)
@dataclass(frozen=True, kw_only=True)
class Choice:
    """Base of everything that can be chosen. Subclasses are frozen, keyword-only and either abstract or registered."""

    name: ClassVar[str]  # in links and on the command line
    label: ClassVar[str]  # in menus and legends

    def __post_init__(self) -> None:
        for field, knob in self.knobs().items():
            object.__setattr__(self, field, knob.check(self.path_of(field), getattr(self, field)))

    @classmethod
    @cache
    def path_of(cls, field: str) -> Message:
        """How a sentence names one of its knobs."""
        return Message("{choice}: {field}", choice=Message(cls.label), field=field)

    @classmethod
    @cache
    def knobs(cls) -> dict[str, Knob[Any]]:
        """Field name to knob, in the order of the class text."""
        return {f.name: f.metadata["knob"] for f in dataclasses.fields(cls) if "knob" in f.metadata}

    @classmethod
    def numbers(cls) -> tuple[str, ...]:
        """Names of the knobs that are numbers."""
        return tuple(name for name, knob in cls.knobs().items() if knob.numeric)

    @classmethod
    def summary(cls) -> str:
        """First line of the docstring."""
        return (cls.__doc__ or "").strip().splitlines()[0]

    @classmethod
    def paragraphs(cls) -> dict[str, str]:
        """The paragraphs of the docstring by their heads (`HEADS`); the first one, without a head, under ""."""
        paragraphs: dict[str, str] = {}
        for paragraph in inspect.cleandoc(cls.__doc__ or "").split("\n\n"):
            head, colon, rest = paragraph.partition(": ")
            is_head = bool(colon) and head in HEADS
            paragraphs.setdefault(head if is_head else "", " ".join((rest if is_head else paragraph).split()))
        return paragraphs

    @classmethod
    def with_symbols(cls, symbol: Callable[[str], Any], **fixed: Any) -> Self:
        """An instance whose numeric knobs are `symbol(latex)` instead of numbers; switches and options keep values.

        It skips the checks, and exists so that a rule can be run on symbols to show its formula.
        """
        instance = object.__new__(cls)
        for field, knob in cls.knobs().items():
            keep = fixed.get(field, knob.default)
            object.__setattr__(instance, field, symbol(knob.symbol or field) if knob.numeric else keep)
        return instance

    def with_lanes(self, **values: Any) -> Self:
        """The same choice with arrays for some of its numbers, so that runs side by side differ in them.

        It skips the checks, and exists so that a rule can be run with many learning rates at once.
        """
        instance = copy.copy(self)
        for field, value in values.items():
            object.__setattr__(instance, field, value)
        return instance


K = TypeVar("K", bound=Choice)  # the base class of a kind
C = TypeVar("C", bound=Choice)  # one choice of it


class Registry(Mapping[str, type[K]]):
    """All choices of one kind, by name, in the order in which they are written (which is the order of the menu)."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._classes: dict[str, type[K]] = {}
        self.refused: dict[str, Message] = {}  # name of what exists elsewhere but is no choice here -> why

    def __call__(self, name: str, label: str) -> Callable[[type[C]], type[C]]:
        """Class decorator: makes the class a frozen dataclass and lists it.

        Raises `TypeError` at import for a name that is taken or not fit for a link, or for a missing docstring.
        """

        def add(cls: type[C]) -> type[C]:
            if name in self._classes:
                raise TypeError(f"two {self.kind}s are called {name!r}")
            if not LINK_SAFE.fullmatch(name):
                raise TypeError(f"{self.kind} name {name!r} must match {LINK_SAFE.pattern}")
            if not (cls.__dict__.get("__doc__") or "").strip():
                raise TypeError(f"{self.kind} {name!r} has no docstring")
            doc = cls.__doc__
            cls = dataclass(frozen=True, kw_only=True)(cls)
            cls.__doc__, cls.name, cls.label = doc, name, label
            for field, knob in cls.knobs().items():
                if knob.check_text is None:  # reading a formula takes a tenth of a second; a test reads it
                    knob.check(cls.path_of(field), knob.default)
            self._classes[name] = cls  # type: ignore[assignment]  # no bound can say that C is a K
            return cls

        return add

    def include(self, cls: type[K]) -> None:
        """List a class of another registry here too, under the same name."""
        if cls.name in self._classes:
            raise TypeError(f"two {self.kind}s are called {cls.name!r}")
        self._classes[cls.name] = cls

    def refuse(self, name: str, sentence: Message) -> None:
        """Record why something cannot be chosen here; asking for it raises that sentence."""
        self.refused[name] = sentence

    def make(self, name: str, /, **knobs: Any) -> K:
        """The choice `name`, with some of its knobs."""
        return self._classes[name](**knobs)

    def __getitem__(self, name: str) -> type[K]:
        return self._classes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._classes)

    def __len__(self) -> int:
        return len(self._classes)

    def __repr__(self) -> str:
        return f"<{len(self)} {self.kind}s: {', '.join(self)}>"


def declared(package: str, name: str) -> list[Any]:
    """What the modules of a package declare under one name, ordered by its `place`: a new module needs no list."""
    paths = (Path(folder) for folder in import_module(package).__path__)
    modules = [import_module(f"{package}.{path.stem}") for folder in paths for path in sorted(folder.glob("*.py"))]
    return sorted((getattr(module, name) for module in modules if hasattr(module, name)), key=lambda item: item.place)
