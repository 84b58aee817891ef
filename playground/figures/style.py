"""How a figure is drawn into a file: its size, how large its letters and lines are, and its theme."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any

from playground.messages import Message, listed, marked
from playground.numbers import quoted
from playground.registry import ChoiceError, Knob, knob

THEMES = ("light", "dark", "transparent")
SIDES = (200, 8000)  # pixels
SIZE = re.compile(r"(\d{1,5})\s*[x×]\s*(\d{1,5})")
UNITS = 1600  # units of a figure's width at scale 1: letters of 15 are 15/1600 of the picture


def _check_size(text: str) -> None:
    """Raises `ChoiceError` for what is no width and height in pixels, as `1920x1080`."""
    match = SIZE.fullmatch(text.strip())
    if not match or not all(SIDES[0] <= int(side) <= SIDES[1] for side in match.groups()):
        allowed = Message("width x height in pixels, each from {low} to {high}", low=SIDES[0], high=SIDES[1])
        raise ChoiceError("size is {value}, but must be {allowed}.", value=quoted(text), allowed=allowed)


@dataclass(frozen=True, kw_only=True)
class Style:
    """`size` in pixels of a PNG (an SVG or a PDF is half as many units wide, as screens show it), `scale` of letters,
    lines and marks, and `theme`: `transparent` has the ink of `light` on no ground. Raises `ChoiceError`."""

    size: str = knob("3200x1800", check_text=_check_size, text=marked("width x height"), label=marked("Size"))
    scale: float = knob(1.0, 0.5, 3.0, label=marked("Letters and lines"))
    theme: str = knob("light", options=THEMES, label=marked("Theme"))

    def __post_init__(self) -> None:
        for name, style_knob in self.knobs().items():
            object.__setattr__(self, name, style_knob.check(name, getattr(self, name)))

    @classmethod
    def knobs(cls) -> dict[str, Knob[Any]]:
        """The knob of every field."""
        return {field.name: field.metadata["knob"] for field in fields(cls)}

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height."""
        width, height = map(int, re.findall(r"\d+", self.size))
        return width, height

    @property
    def units(self) -> tuple[float, float]:
        """Width and height in the units of letters and lines."""
        width, height = self.pixels
        return UNITS / self.scale, UNITS / self.scale * height / width

    @property
    def colours(self) -> str:
        """The name of the theme whose ink is used."""
        return "light" if self.theme == "transparent" else self.theme

    @property
    def has_ground(self) -> bool:
        """Whether there is a background."""
        return self.theme != "transparent"


def style_of(choices: dict[str, Any]) -> Style:
    """The style of a command's or a page's choices, those left out at their defaults."""
    knobs = Style.knobs()
    for name in choices.keys() - knobs.keys():
        raise ChoiceError("{field} is not known; there are {allowed}.", field=quoted(name), allowed=listed(knobs))
    values = {
        name: knobs[name].parse(name, value) if isinstance(value, str) else value
        for name, value in choices.items()
        if value
    }
    return Style(**values)
