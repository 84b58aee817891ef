"""NPZ: all arrays of the record, for NumPy."""

from __future__ import annotations

from typing import Any

from playground.figures import Figure, Style
from playground.formats.format import Format
from playground.messages import marked


def write(figure: Figure, record: Any, style: Style, view: dict[str, Any]) -> bytes:
    """As `numpy.load` reads it."""
    return figure.arrays(record)


FORMAT = Format(
    name="npz", label=marked("Record, NPZ"), mime="application/octet-stream", place=5, write=write, styled=False
)
