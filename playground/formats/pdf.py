"""PDF: vectors, with their fonts, for LaTeX and print."""

from __future__ import annotations

from typing import Any

from playground.figures import Figure, Style
from playground.formats import svg
from playground.formats.format import Format
from playground.messages import marked
from playground.view import fonts


def write(figure: Figure, record: Any, style: Style, view: dict[str, Any]) -> bytes:
    """One page of the figure's size."""
    return fonts.converter().svg_to_pdf(svg.text(figure, record, style, view))


FORMAT = Format(name="pdf", label=marked("Figure, PDF"), mime="application/pdf", place=2, write=write)
