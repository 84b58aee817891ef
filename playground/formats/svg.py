"""SVG: vectors that a slide program can take apart, letters as paths or with their font in the file."""

from __future__ import annotations

from typing import Any

from playground.figures import Figure, Style
from playground.figures.vector import svg
from playground.formats.format import Format
from playground.messages import marked


def text(figure: Figure, record: Any, style: Style, view: dict[str, Any]) -> str:
    """The figure as SVG, from which the other pictures are made."""
    drawing = figure.draw(record, style.colours, **view)
    return svg(drawing, style, record.stamp, record.key, figure.words(record, drawing, **view))


def write(figure: Figure, record: Any, style: Style, view: dict[str, Any]) -> bytes:
    """The same record gives the same bytes."""
    return text(figure, record, style, view).encode()


FORMAT = Format(name="svg", label=marked("Figure, SVG"), mime="image/svg+xml", place=1, write=write)
