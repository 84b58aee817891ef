"""Basin maps as a still figure for slides."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from playground.messages import tr
from playground.numbers import percent
from playground.record import BasinRecord
from playground.record.basins import DIVERGED
from playground.view import card
from playground.view.basins import OWN, SHADES, letter, place_text, shade, shares, span
from playground.view.theme import FIGURE_FONT, THEMES, Theme, basin_ramps

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def basins_figure(record: BasinRecord, theme: str = "light") -> Figure:
    """A matplotlib figure of 16 by 9 inches at 100 dots per inch, with the maps side by side."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    colours, count = THEMES[theme], len(record.labels)
    settings: dict[Any, Any] = {
        "font.family": FIGURE_FONT, "font.size": 14, "text.color": colours.text, "axes.edgecolor": colours.muted,
        "axes.labelcolor": colours.text, "xtick.color": colours.text, "ytick.color": colours.text,
        "axes.titlecolor": colours.text, "axes.facecolor": colours.panel, "hatch.color": colours.alarm,
        "hatch.linewidth": 1.6,
    }  # fmt: skip
    with rc_context(settings):
        figure = Figure(figsize=(16, 9), dpi=100, facecolor=colours.background)
        shape = (1, count) if count < 4 else (2, 2)
        for r in range(count):
            _map(figure.add_subplot(*shape, r + 1), record, r, colours, room=90 // shape[1])
        low, high = span(record)
        starts = record.reached[0].size
        said = tr("where {n:count} starts end; light to dark: {low} to {high} steps", n=starts, low=low, high=high)
        figure.text(0.05, 0.955, str(record.title), fontsize=22)
        figure.text(0.05, 0.925, said, fontsize=14, color=colours.muted)
        lines = textwrap.wrap(record.stamp, 265, break_on_hyphens=False)
        figure.text(0.035, 0.012, "\n".join(lines), fontsize=7, color=colours.muted, va="bottom", family="monospace")
        rows = _legend(figure, record, colours)
        top = 0.865 - 0.03 * rows
        figure.subplots_adjust(0.05, 0.075 + 0.016 * len(lines), 0.985, top, wspace=0.12, hspace=0.3)
    return figure


def basins_card(record: BasinRecord, theme: str = "light") -> bytes:
    """The map with the most borders, without words: PNG of 640 by 400 pixels, as in `view.card`."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.0), dpi=100, facecolor=THEMES[theme].background)
    axes = figure.add_axes((0.02, 0.03, 0.96, 0.94))
    borders = [np.count_nonzero(np.diff(one, axis=0)) for one in record.reached]
    axes.imshow(picture(record, int(np.argmax(borders))), origin="lower", aspect="auto", interpolation="nearest")
    axes.set_axis_off()
    return card.picture(figure, record.key)


def _map(axes: Axes, record: BasinRecord, r: int, colours: Theme, room: int) -> None:
    ground, reached = record.terrain, record.reached[r]
    left, right, bottom, top = ground.window
    axes.imshow(picture(record, r), extent=ground.window, origin="lower", aspect="auto", interpolation="nearest")
    if (reached == DIVERGED).any():
        gone = np.where(reached == DIVERGED, 1.0, 0.0)
        axes.contourf(record.xs, record.ys, gone, [0.5, 1.5], colors="none", hatches=["//"])
    ny, nx = ground.scaled.shape
    if len(ground.levels):
        grid = np.linspace(left, right, nx), np.linspace(bottom, top, ny)
        axes.contour(*grid, ground.scaled, ground.levels, colors=THEMES["light"].text, linewidths=0.6, alpha=0.3)
    for m, (x, y) in enumerate(record.minima):
        axes.plot(x, y, "o", ms=17 if letter(m) else 4, mfc=THEMES["light"].halo, mec=THEMES["light"].text, mew=1.6)
        axes.text(x, y, letter(m), color=THEMES["light"].text, weight="bold", ha="center", va="center_baseline")
    axes.set(xlim=(left, right), ylim=(bottom, top))
    axes.set_title(record.labels[r], loc="left", fontsize=16, weight="bold")
    axes.set_title(_told(record, r, room - len(record.labels[r])), loc="right", fontsize=14)


def _told(record: BasinRecord, r: int, room: int) -> str:
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
    found = record.reached[r]
    drawn = table[np.clip(found, 0, OWN), shade(record.steps[r], span(record))]
    drawn[found < 0] = 0.0
    return drawn


def _legend(figure: Figure, record: BasinRecord, colours: Theme) -> int:
    """The minima and their colours, above the maps; returns its rows."""
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
    figure.legend(
        handles=entries, loc="upper left", bbox_to_anchor=(0.045, 0.92), ncols=4, frameon=False, fontsize=14,
        labelcolor=colours.text,
    )  # fmt: skip
    return -(-len(entries) // 4)
