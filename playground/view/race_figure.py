"""The race as a still figure for slides: contour picture, loss against step, and the configuration in small print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from playground.messages import tr
from playground.numbers import digits
from playground.record import RaceRecord, Terrain
from playground.view.theme import THEMES, Look, Theme, racer_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKS = {
    "circle": "o", "square": "s", "diamond": "D", "triangle": "^", "triangle_down": "v", "cross": "X",
    "plus": "P", "pentagon": "p", "star": "*", "hexagon": "h", "hourglass": "d", "ring": "o",
}  # fmt: skip


def race_figure(record: RaceRecord, theme: str = "light", start: int = 0) -> Figure:
    """A figure of matplotlib, on a sheet that fits itself to its size."""
    from matplotlib import rc_context

    from playground.view.sheet import Sheet, frame, settings, sheet

    colours = THEMES[theme]
    with rc_context(settings(colours)):
        figure = sheet(theme)
        left, right = figure.subplots(1, 2, width_ratios=(1.55, 1))
        draw_contours(left, record.terrain, colours)
        _curve_axes(right, record, start, colours)
        for i in range(len(record.labels)):
            style = racer_style(record.looks[i])
            _racer(left, right, record, i, start, getattr(style, theme), style, colours)
        legend = right.get_legend_handles_labels()
        frame(figure, Sheet(theme, str(record.title), [record.stamp], legend=legend))
    return figure


def draw_contours(axes: Axes, ground: Terrain, colours: Theme) -> None:
    """Bands, levels, minima and saddles over the window."""
    left, right, bottom, top = ground.window
    ny, nx = ground.scaled.shape
    grid = np.linspace(left, right, nx), np.linspace(bottom, top, ny)
    edges = [0.0, *ground.levels, 1.0 + 1e-9]
    axes.contourf(*grid, ground.scaled, edges, colors=colours.ramp(len(edges) - 1))
    if len(ground.levels):
        axes.contour(*grid, ground.scaled, ground.levels, colors=colours.line, linewidths=0.6)
    for points, mark, size in ((ground.minima, "*", 17), (ground.saddles, "x", 9)):
        axes.plot(*points.T, mark, color=colours.text, mec=colours.text, ms=size, mfc=colours.halo, mew=1.6, zorder=5)
    axes.set(xlim=(left, right), ylim=(bottom, top), xlabel=ground.axes[0], ylabel=ground.axes[1])


def _curve_axes(axes: Axes, record: RaceRecord, start: int, colours: Theme) -> None:
    losses = record.losses[:, start]
    finite = losses[np.isfinite(losses)]
    log = bool(len(finite)) and finite.min() > 0
    axes.set(xlim=(0, record.steps), xlabel=tr("step"), ylabel=tr("loss"), yscale="log" if log else "linear")
    if len(finite):
        first, low = float(np.nanmax(losses[:, 0])), float(finite.min())
        high = max(
            min(float(np.percentile(finite, 99)), first + 100 * abs(first)), first
        )  # a diverging curve may leave
        room = 0.05 * (high - low) + 1e-12
        axes.set_ylim((max(low / 2, high * 1e-16), high * 3) if log else (low - room, high + room))
    axes.grid(color=colours.grid, linewidth=1)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _racer(
    left: Axes, right: Axes, record: RaceRecord, i: int, start: int, colour: str, style: Look, colours: Theme
) -> None:
    n = int(record.lengths[i, start])
    if n == 0:
        right.plot([], [], color=colour, label=f"{record.labels[i]}  ({tr('not defined at the start')})")
        return
    path, losses = record.positions[i, start, :n], record.losses[i, start, :n]
    dash: Any = (0, tuple(d / 2.5 for d in style.dash)) if style.dash else "-"
    left.plot(*path.T, color=colours.halo, linewidth=5, alpha=0.8, zorder=2)
    left.plot(*path.T, color=colour, linewidth=2.5, linestyle=dash, zorder=3)
    diverged = record.ends[i][start] == "diverged"
    mark, size = ("x", 13) if diverged else (MARKS[style.marker], 10)
    face = "none" if style.marker == "ring" else colour
    left.plot(
        *path[-1], mark, color=colour, mfc=face, mec=colour if diverged else colours.halo, ms=size, mew=2, zorder=6
    )
    left.plot(*path[0], "o", color=colours.text, mfc="none", ms=12, mew=2, zorder=4)
    ending = tr("diverged") if diverged else digits(record.final[i, start])
    right.plot(
        np.minimum(losses, 1e100), color=colour, linewidth=2.5, linestyle=dash, label=f"{record.labels[i]}  {ending}"
    )
