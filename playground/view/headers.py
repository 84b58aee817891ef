"""What the headers of payloads hold, and the same as types for the scripts that read them.

`python -m playground.view.headers` writes `assets/payloads.d.ts`; a test says where that is out of date.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypedDict, get_args, get_origin, get_type_hints, is_typeddict

from playground.engine.javascript import BrowserKnob
from playground.messages import Message
from playground.view.theme import Arrow

FILE = Path(__file__).parents[2] / "assets" / "payloads.d.ts"

Window = tuple[float, float, float, float]  # left, right, bottom, top
Point = tuple[float, float]


class Packed(TypedDict):
    """Where an array lies behind the header."""

    dtype: str
    offset: int
    shape: tuple[int, ...]


class Header(TypedDict):
    """What every header has."""

    arrays: dict[str, Packed]


class Lasting(Header):
    """The header of what other payloads name and do not hold."""

    name: str


class Level(TypedDict):
    """A contour: its place among the losses, 0 to 1, and its loss."""

    at: float
    value: float


class Colours(TypedDict):
    """What every component takes from a theme."""

    text: str
    muted: str
    grid: str
    panel: str
    accent: str
    halo: str


class LinedColours(Colours):
    """And the colour of contours."""

    line: str


class PlayerColours(LinedColours):
    """And of the bands between them."""

    ramp: list[str]


class BasinColours(LinedColours):
    """And of what diverges."""

    alarm: str


class RunColours(Colours):
    """What the figures of trainings take from a theme."""

    background: str
    deep: str
    alarm: str
    heat: list[str]
    layers: list[str]


class PlayerThemes(TypedDict):
    """Both themes."""

    light: PlayerColours
    dark: PlayerColours


class BasinThemes(TypedDict):
    """Both themes."""

    light: BasinColours
    dark: BasinColours


class StepInspectorThemes(TypedDict):
    """Both themes."""

    light: Colours
    dark: Colours


class RunThemes(TypedDict):
    """Both themes."""

    light: RunColours
    dark: RunColours


class Seen(TypedDict):
    """How a racer or run looks: the fields of `Look`."""

    light: str
    dark: str
    dash: tuple[int, ...]
    marker: str
    sign: str


class Named(Seen):
    """A racer, by the place of its look."""

    id: int
    label: str


class Racer(Named):
    """One racer of the player: how it went, and what it is computed from again."""

    length: int
    ended: str
    sentence: Message
    row: list[str]
    program: int  # place among the programs, or -1
    reason: Message  # why it has none
    knobs: list[BrowserKnob]
    factors: int  # row of the array of factors, or -1
    draws: str  # name of the array, or nothing
    decay: float


class PrintedProgram(TypedDict):
    """A loop as JavaScript, and the state variables that it fills in."""

    text: str
    states: tuple[str, ...]


class Column(TypedDict):
    """A head of the table."""

    label: str
    help: str


class Player(Header):
    """The header of the player's payload."""

    key: str
    title: str
    formula: str
    query: str
    alt: str
    compact: bool
    knobs: bool
    window: Window
    axes: tuple[str, str]
    ground: str
    steps: int
    start: list[float]
    minima: list[Point]
    saddles: list[Point]
    levels: list[Level]
    racers: list[Racer]
    programs: list[PrintedProgram]
    columns: list[Column]
    theme: PlayerThemes


class Minimum(TypedDict):
    """A minimum on the maps; its letter is empty where it has none of its own."""

    x: float
    y: float
    loss: float
    letter: str


class Share(TypedDict):
    """A piece of the bar below a map."""

    kind: str
    words: str
    share: float


class MapRacer(Named):
    """One racer of the maps."""

    note: Message
    length: int
    shares: list[Share]


class Basins(Header):
    """The header of the maps' payload."""

    key: str
    whole: bool
    title: str
    alt: str
    query: str
    window: Window
    axes: tuple[str, str]
    ground: str
    fates: str
    side: int
    steps: int
    range: tuple[int, int]
    start: list[float]
    levels: list[Level]
    places: list[Minimum]
    own: int
    racers: list[MapRacer]
    ramps: list[list[str]]
    theme: BasinThemes


class Variable(TypedDict):
    """A state variable that is drawn."""

    name: str
    role: str
    words: str


class StepInspector(Header):
    """The header of the payload of a step taken apart."""

    race: str
    at: tuple[int, int]
    heard: int
    length: int
    racers: list[Named]
    variables: list[Variable]
    arrows: dict[str, Arrow]
    theme: StepInspectorThemes


class ShownRun(Seen):
    """One run of the observatory."""

    key: str
    label: str
    state: str
    stored: bool
    log: str


class Mark(TypedDict):
    """How a layer is drawn."""

    dash: tuple[int, ...]
    marker: str


class Observatory(TypedDict):
    """What the observatory receives."""

    runs: list[ShownRun]
    visitor: str
    base: str
    pulse: int
    note: str
    healthy: tuple[float, float]
    settings: dict[str, str]
    marks: list[Mark]
    theme: RunThemes


PLAIN = {str: "string", Message: "string", int: "number", float: "number", bool: "boolean"}


def header_types() -> list[type]:
    """The types above, in their order, and the dataclasses that they hold."""
    own = [kind for kind in globals().values() if is_typeddict(kind)]
    return [BrowserKnob, Arrow, *own]


def facts(of: type) -> dict[str, Any]:
    """The fields of a type with their types."""
    hints = get_type_hints(of, include_extras=True)
    return {field.name: hints[field.name] for field in fields(of)} if is_dataclass(of) else hints


def problems(value: Any, declared_type: Any, where: str = "header") -> Iterator[str]:
    """Where a header that JSON has brought is not what it is said to be."""
    origin, inner = get_origin(declared_type), get_args(declared_type)
    if origin is list or (origin is tuple and inner[-1] is ...):
        for index, item in enumerate(value):
            yield from problems(item, inner[0], f"{where}[{index}]")
    elif origin is tuple:
        if len(value) != len(inner):
            yield f"{where} has {len(value)} items"
        for index, (item, kind) in enumerate(zip(value, inner)):
            yield from problems(item, kind, f"{where}[{index}]")
    elif origin is dict:
        for name, item in value.items():
            yield from problems(item, inner[1], f"{where}.{name}")
    elif declared_type in PLAIN:
        kinds: Any = {"string": str, "number": (int, float), "boolean": bool}[PLAIN[declared_type]]
        if not isinstance(value, kinds) or (kinds is not bool and isinstance(value, bool)):
            yield f"{where} is {value!r}"
    else:
        types = facts(declared_type)
        yield from (f"{where}.{name} is missing" for name in types.keys() - value.keys())
        yield from (f"{where}.{name} is not declared" for name in value.keys() - types.keys())
        for name in types.keys() & value.keys():
            yield from problems(value[name], types[name], f"{where}.{name}")


def script_type(declared_type: Any) -> str:
    """A type as TypeScript writes it."""
    origin, inner = get_origin(declared_type), get_args(declared_type)
    if origin is list or (origin is tuple and inner[-1] is ...):
        return f"{script_type(inner[0])}[]"
    if origin is tuple:
        return f"[{', '.join(map(script_type, inner))}]"
    if origin is dict:
        return f"Record<string, {script_type(inner[1])}>"
    return PLAIN.get(declared_type) or declared_type.__name__


def declarations() -> str:
    """The text of `assets/payloads.d.ts`."""
    parts = ["// Written by `python -m playground.view.headers` from the types of the headers; not by hand.\n"]
    for kind in header_types():
        lines = (f"  {name}: {script_type(declared_type)};\n" for name, declared_type in facts(kind).items())
        parts.append(
            f"/** {(kind.__doc__ or '').splitlines()[0]} */\nexport interface {kind.__name__} {{\n{''.join(lines)}}}\n"
        )
    return "\n".join(parts)


if __name__ == "__main__":
    FILE.write_text(declarations(), encoding="utf-8")
