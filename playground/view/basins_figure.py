"""Basin maps as a still figure for slides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from playground.messages import tr
from playground.numbers import percent
from playground.record import BasinRecord
from playground.record.basins import DIVERGED
from playground.view import card
from playground.view.basins import OWN, SHADES, letter, place_text, shade, shares, span
from playground.view.theme import THEMES, Theme, basin_ramps

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch


def basins_figure(record: BasinRecord, theme: str = "light") -> Figure:
    """A figure of matplotlib with the maps side by side, on a sheet that fits itself to its size."""
    from matplotlib import rc_context

    from playground.view.sheet import Sheet, frame, settings, sheet

    colours, count = THEMES[theme], len(record.labels)
    with rc_context(settings(colours) | {"axes.facecolor": colours.panel}):
        figure = sheet(theme)
        shape = (1, count) if count < 4 else (2, 2)
        for r in range(count):
            _map(figure.add_subplot(*shape, r + 1), record, r, colours)
        low, high = span(record)
        starts = record.reached[0].size
        subtitle = tr("where {n:count} starts end; light to dark: {low} to {high} steps", n=starts, low=low, high=high)
        legend = _legend(record, colours)
        frame(figure, 
            Sheet(
                theme, str(record.title), [record.stamp], subtitle=subtitle, legend=legend, margins=(80, 24, 40),
                gap=(70, 80), fill=lambda figure: _tell(figure, record),
            )
        )  # fmt: skip
    return figure


def basins_card(record: BasinRecord, theme: str = "light") -> bytes:
    """The map with the most borders, without words: PNG of 640 by 400 pixels, as in `view.card`."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.0), dpi=100, facecolor=THEMES[theme].background)
    axes = figure.add_axes((0.02, 0.03, 0.96, 0.94))
    borders = [np.count_nonzero(np.diff(ends, axis=0)) for ends in record.reached]
    axes.imshow(picture(record, int(np.argmax(borders))), origin="lower", aspect="auto", interpolation="nearest")
    axes.set_axis_off()
    return card.picture(figure, record.key)


def _map(axes: Axes, record: BasinRecord, r: int, colours: Theme) -> None:
    ground, reached = record.terrain, record.reached[r]
    left, right, bottom, top = ground.window
    axes.imshow(picture(record, r), extent=ground.window, origin="lower", aspect="auto", interpolation="nearest")
    if (reached == DIVERGED).any():
        mask = np.where(reached == DIVERGED, 1.0, 0.0)
        axes.contourf(record.xs, record.ys, mask, [0.5, 1.5], colors="none", hatches=["//"])
    ny, nx = ground.scaled.shape
    if len(ground.levels):
        grid = np.linspace(left, right, nx), np.linspace(bottom, top, ny)
        axes.contour(*grid, ground.scaled, ground.levels, colors=THEMES["light"].text, linewidths=0.6, alpha=0.3)
    for m, (x, y) in enumerate(record.minima):
        axes.plot(x, y, "o", ms=17 if letter(m) else 4, mfc=THEMES["light"].halo, mec=THEMES["light"].text, mew=1.6)
        axes.text(x, y, letter(m), color=THEMES["light"].text, weight="bold", ha="center", va="center_baseline")
    axes.set(xlim=(left, right), ylim=(bottom, top))
    axes.set_title(record.labels[r], loc="left", fontsize=16, weight="bold")


def _tell(figure: Figure, record: BasinRecord) -> list[Artist]:
    """The shares above every map, as many as there is room for."""
    for r, axes in enumerate(figure.axes):
        room = axes.get_position().width * figure.get_size_inches()[0] * 8.5 - 1.3 * len(record.labels[r])
        axes.set_title(_shares_text(record, r, int(room)), loc="right", fontsize=14)
    return []


def _shares_text(record: BasinRecord, r: int, room: int) -> str:
    """The shares of one map, the largest that fit into so many letters."""
    parts = sorted(shares(record, r), key=lambda part: -part[2])
    texts = [f"{words} {percent(share)}" for _, words, share in parts]
    while len("  ".join(texts)) > room and len(texts) > 1:
        texts.pop()
    return "  ".join(texts + ["…"] * (len(texts) < len(parts)))


def picture(record: BasinRecord, r: int) -> np.ndarray:
    """One map as colours (n, n, 4) from 0 to 1, row 0 the lowest; clear where no minimum is reached."""
    from matplotlib.colors import to_rgba

    table = np.array([[to_rgba(colour) for colour in ramp] for ramp in basin_ramps(SHADES)])
    ends = record.reached[r]
    pixels = table[np.clip(ends, 0, OWN), shade(record.steps[r], span(record))]
    pixels[ends < 0] = 0.0
    return pixels


def _legend(record: BasinRecord, colours: Theme) -> tuple[list[Patch], list[str]]:
    """The minima and their colours, and what they are called."""
    from matplotlib.patches import Patch

    ramps, own = basin_ramps(SHADES), min(len(record.minima), OWN)
    entries = [Patch(color=ramps[m][SHADES // 3], label=f"{letter(m)} {place_text(record, m)}") for m in range(own)]
    if len(record.minima) > OWN:
        entries.append(Patch(color=ramps[OWN][SHADES // 3], label=tr("{n} more minima", n=len(record.minima) - OWN)))
    kinds = {kind for r in range(len(record.labels)) for kind, _, _ in shares(record, r)}
    if "nowhere" in kinds:
        entries.append(Patch(facecolor=colours.panel, edgecolor=colours.muted, label=tr("none reached")))
    if "diverged" in kinds:
        entries.append(Patch(facecolor=colours.panel, edgecolor=colours.muted, hatch="//", label=tr("diverged")))
    return entries, [str(entry.get_label()) for entry in entries]
