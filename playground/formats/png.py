"""PNG: pixels, with the configuration in the metadata."""

from __future__ import annotations

import struct
import zlib
from typing import Any

from playground.figures import Figure, Style
from playground.figures.vector import pixels, svg
from playground.formats.format import Format
from playground.messages import marked
from playground.view import fonts

HEADER = 33  # bytes of a PNG before its second chunk


def write(figure: Figure, record: Any, style: Style, view: dict[str, Any]) -> bytes:
    """As many pixels as the style's size says."""
    drawing = figure.draw(record, style.colours, **view)
    image = pixels(drawing, style)  # a third of a second instead of four by way of the vectors
    if image is None:
        text = svg(drawing, style, record.stamp, record.key, figure.words(record, drawing, **view))
        image = fonts.converter().svg_to_png(text, scale=2.0)
    return image[:HEADER] + _chunk(b"iTXt", b"Description\0\0\0\0\0" + record.stamp.encode()) + image[HEADER:]


def _chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG (Portable network graphics specification, third edition, 2025, section 5.3)."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


FORMAT = Format(name="png", label=marked("Figure, PNG"), mime="image/png", place=0, write=write)
