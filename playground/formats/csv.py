"""CSV: the figure's numbers as a table."""

from __future__ import annotations

from typing import Any

from playground.figures import Figure, Style
from playground.formats.format import Format
from playground.messages import marked


def write(figure: Figure, record: Any, style: Style, view: dict[str, Any]) -> bytes:
    """UTF-8, behind a line with the configuration."""
    return figure.numbers(record)


FORMAT = Format(name="csv", label=marked("Numbers, CSV"), mime="text/csv", place=4, write=write, styled=False)
