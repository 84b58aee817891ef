"""A race as a small picture without words, for the cards of Home."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from playground.record import RaceRecord
from playground.view.race_figure import MARKS, draw_contours
from playground.view.theme import THEMES, racer_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = 255  # enough for bands, paths and smooth edges, at a third of the bytes


def card(record: RaceRecord, theme: str) -> bytes:
    """PNG of 640 by 400 pixels in the colours of a theme, with the race's key in its metadata."""
    from matplotlib.figure import Figure

    colours = THEMES[theme]
    figure = Figure(figsize=(6.4, 4.0), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    draw_contours(axes, record.terrain, colours)
    for i in range(len(record.labels)):
        path = record.positions[i, 0, : record.lengths[i, 0]]
        axes.plot(*path.T, color=colours.halo, linewidth=7, alpha=0.8)
        style = racer_style(record.looks[i])
        own = getattr(style, theme)
        axes.plot(*path.T, color=own, linewidth=3.5)
        axes.plot(*path[-1], MARKS[style.marker], color=own, mec=colours.halo, ms=14, mew=2, zorder=6)
    axes.set_axis_off()
    return picture(figure, record.key)


def picture(figure: Figure, key: str) -> bytes:
    """A figure as a PNG of few colours, with the key of what it shows in its metadata."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return reduce_png(buffer.getvalue(), key)


def reduce_png(png: bytes, key: str) -> bytes:
    """A PNG in few colours, with `key` in its metadata."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    out, texts = io.BytesIO(), PngInfo()
    texts.add_text("Description", key)
    small = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE)
    small.save(out, format="png", optimize=True, pnginfo=texts)
    return out.getvalue()
