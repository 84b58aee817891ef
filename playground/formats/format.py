"""What a format is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playground.figures import Figure, Style

Write = Callable[[Figure, Any, Style, dict[str, Any]], bytes]


@dataclass(frozen=True, kw_only=True)
class Format:
    """`write(figure, record, style, view)` is the file; `name` is also what its name ends in."""

    name: str
    label: str  # of the button
    mime: str
    place: int  # in menus
    write: Write
    styled: bool = True  # whether size, scale and theme make a difference
