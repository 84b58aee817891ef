"""A step taken apart as a still figure for slides: the picture with its arrows, and the numbers beside it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from playground.messages import tr, translate
from playground.record import StepRecord
from playground.view.race_figure import MARKS, draw_contours
from playground.view.step_inspector import coordinates, measures, short, title
from playground.view.theme import ARROWS, THEMES, Arrow, Theme, racer_style

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LONG, LEAST = 0.16, 0.05  # parts of the picture's width: the longest arrow in gradient units, the shortest of any kind
SIGHT = 0.3  # parts of the picture around the point, in which the quadratic model is drawn
BOWL = (1 / 9, 4 / 9, 1, 16 / 9, 25 / 9)  # contours of a bowl, as parts of its depth below the point


def step_figure(anatomy: StepRecord, theme: str = "light") -> Figure:
    """A figure of matplotlib, on a sheet that fits itself to its size."""
    from matplotlib import rc_context

    from playground.view.sheet import Sheet, frame, settings, sheet

    colours = THEMES[theme]
    with rc_context(settings(colours)):
        figure = sheet(theme)
        picture, words = figure.subplots(1, 2, width_ratios=(1.25, 1))
        draw_contours(picture, anatomy.terrain, colours)
        style = racer_style(anatomy.look)
        path = anatomy.positions[: anatomy.length]
        picture.plot(*path.T, color=colours.halo, linewidth=5, alpha=0.8)
        picture.plot(*path.T, color=getattr(style, theme), linewidth=2.5)
        if anatomy.step >= 0:
            _draw_model(picture, anatomy, colours)
            _draw_arrows(picture, anatomy, colours)
            face = "none" if style.marker == "ring" else getattr(style, theme)
            picture.plot(
                *anatomy.position, MARKS[style.marker], color=getattr(style, theme), mfc=face, mec=colours.halo, ms=11
            )
        words.set_axis_off()
        frame(figure, 
            Sheet(
                theme, f"{anatomy.title}: {title(anatomy)}", [anatomy.stamp], below=True, gap=(60, 0),
                legend=picture.get_legend_handles_labels(), fill=lambda figure: _write(figure, anatomy, colours),
            )
        )  # fmt: skip
    return figure


def _dash(style: Arrow) -> Any:
    return (0, tuple(part / style.width for part in style.dash)) if style.dash else "-"


def _draw_model(axes: Axes, anatomy: StepRecord, colours: Theme) -> None:
    """Contours of the quadratic model around the point, and where it is level; lengths in parts of the window."""
    left, right, bottom, top = anatomy.terrain.window
    wide = np.array([right - left, top - bottom])
    slope, hessian = anatomy.slope * wide, anatomy.hessian * np.outer(wide, wide)
    if not np.isfinite(hessian).all():
        return
    across = np.linspace(-SIGHT, SIGHT, 401)
    dx, dy = np.meshgrid(across, across)
    values = (
        slope[0] * dx
        + slope[1] * dy
        + (hessian[0, 0] * dx * dx + hessian[1, 1] * dy * dy) / 2
        + hessian[0, 1] * dx * dy
    )
    levels = _levels(slope, hessian, anatomy.newton / wide)
    if not levels:
        return
    style, ink = ARROWS["model"], getattr(colours, ARROWS["model"].colour)
    line_style = {"colors": ink, "linewidths": style.width, "linestyles": [_dash(style)]}
    (x, y), visible = anatomy.position, np.hypot(dx, dy) < SIGHT
    axes.contour(x + across * wide[0], y + across * wide[1], np.where(visible, values, np.nan), levels, **line_style)
    axes.plot([], [], color=ink, linewidth=style.width, linestyle=_dash(style), label=tr("quadratic model"))
    if np.isfinite(anatomy.newton).all():
        kind = "o" if anatomy.eigenvalues[0] > 0 else "^" if anatomy.eigenvalues[1] < 0 else "x"
        axes.plot(*(anatomy.position + anatomy.newton), kind, color=ink, mfc=colours.halo, ms=12, mew=2.5, zorder=7)


def _levels(slope: np.ndarray, hessian: np.ndarray, newton: np.ndarray) -> list[float]:
    """Heights of the model's contours above the point, as in the player."""
    curved = float(np.abs(np.linalg.eigvalsh(hessian)).max())
    if not np.hypot(*newton) < SIGHT:
        unit = max(float(np.hypot(*slope)) * 0.07, curved * 0.035**2 / 2)
        return [part * unit for part in (-1, -0.5, 0, 0.5, 1)] if unit else []
    depth = float(slope @ newton) / 2
    low, high = np.linalg.eigvalsh(hessian)
    if low < 0 < high:
        unit = max(abs(depth), min(-low, high) * 0.07**2 / 2)
        return [depth + part * unit for part in (-2.25, -1, -0.25, 0, 0.25, 1, 2.25)]
    unit = max(abs(depth), curved * 0.025**2 / 2)
    return sorted(depth + part * unit * (1 if low > 0 else -1) for part in BOWL)


def _draw_arrows(axes: Axes, anatomy: StepRecord, colours: Theme) -> None:
    """Arrows and ellipses at the point; those in gradient units on one scale."""
    left, right, bottom, top = anatomy.terrain.window
    wide = np.array([right - left, top - bottom])
    parts = list(_parts(anatomy))
    slopes = [np.hypot(*(vector / wide)) for kind, _, vector, _ in parts if kind.startswith("slope")]
    unit = LONG / max(slopes) if slopes and max(slopes) > 0 else 0.0
    for kind, name, vector, style in reversed(parts):
        arrow = vector * (unit if kind.startswith("slope") else 1.0)
        size = np.hypot(*(arrow / wide))
        if not size > 0:
            continue
        arrow = arrow * max(1.0, LEAST / size)
        ink = getattr(colours, style.colour)
        axes.plot([], [], color=ink, linewidth=style.width, linestyle=_dash(style), label=name)
        if style.head:
            _arrow(axes, anatomy.position, arrow, style, ink, colours)
        else:
            turn = np.linspace(0, 2 * np.pi, 200)
            ring = anatomy.position[:, None] + arrow[:, None] * np.array([np.cos(turn), np.sin(turn)])
            axes.plot(*ring, color=ink, linewidth=style.width, linestyle=_dash(style), zorder=7)


def _arrow(axes: Axes, start: np.ndarray, by: np.ndarray, style: Arrow, ink: str, colours: Theme) -> None:
    head = "-|>" if style.head == "full" else "->"
    for colour, more in ((colours.halo, 3), (ink, 0)):
        axes.annotate(
            "", tuple(start + by), tuple(start), zorder=8,
            arrowprops={
                "arrowstyle": head, "color": colour, "linewidth": style.width + more, "shrinkA": 0, "shrinkB": 0,
                "linestyle": "-" if more else _dash(style), "mutation_scale": 22,
            },
        )  # fmt: skip


def _parts(anatomy: StepRecord) -> list[tuple[str, str, np.ndarray, Arrow]]:
    """Kind, name, vector and style of all that is drawn, the step first."""
    parts = [("move", tr("step taken"), anatomy.move, ARROWS["step"])]
    finite = np.isfinite(anatomy.gradient).all()
    if finite:
        parts.append(("slope", tr("against the gradient"), -anatomy.gradient, ARROWS["gradient"]))
    if not np.array_equal(anatomy.gradient, anatomy.slope):
        parts.append(("slope", tr("against the exact gradient"), -anatomy.slope, ARROWS["exact"]))
    for variable in anatomy.variables:
        after, (unit, _, form) = variable.values[anatomy.step + 1], variable.role.partition(" ")
        name = f"{variable.name.replace('_', ' ')}, {short(translate(variable.words))}"
        if unit not in ("slope", "move") or not np.isfinite(after).all():
            continue
        if form:
            sizes = np.sqrt(after) if form == "square" else after
            parts.append((unit, tr("root of {name}", name=name) if form == "square" else name, sizes, ARROWS["size"]))
        else:
            signed = -after if unit == "slope" else after
            parts.append((unit, tr("against {name}", name=name) if unit == "slope" else name, signed, ARROWS["memory"]))
    return parts


def _write(figure: Figure, anatomy: StepRecord, colours: Theme) -> Sequence[Artist]:
    """The numbers as lines beside the picture, as large as they fit there, and below them the sentence."""
    axes = figure.axes[1]
    rows: list[tuple[str, ...]] = []
    if anatomy.step >= 0:
        measure_rows = [(label, "", value) for label, value in measures(anatomy)]
        rows = [("", *anatomy.axes), *coordinates(anatomy), ("", "", ""), *measure_rows]
    box = axes.get_position()
    wide, high = 100 * figure.get_size_inches() * [box.width, box.height]
    wrapped = [textwrap.wrap(re.sub(r"\$[^$]*\$, ", "", label), 40) or [""] for label, *_ in rows]
    sentence = textwrap.wrap(str(anatomy.sentence), 66)
    lines = sum(map(len, wrapped)) + 0.25 * len(rows) + 1.3 * len(sentence)
    size = min(13.0, wide / 36, high / max(lines, 1) / 1.75)
    step, at = 1.75 * size / high, 1.0
    artists: list[Artist] = []
    for (_, first, second), words in zip(rows, wrapped):
        for x, text, side in ((0.0, "\n".join(words), "left"), (0.77, first, "right"), (1.0, second, "right")):
            artists.append(axes.text(x, at, text, transform=axes.transAxes, va="top", ha=side, fontsize=size))
        at -= step * (len(words) + 0.25)
    small = {"va": "top", "fontsize": size, "color": colours.muted, "transform": axes.transAxes}
    artists.append(axes.text(0.0, at, "\n".join(sentence), **small))
    return artists
