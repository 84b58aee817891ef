"""The surface in three dimensions with the paths on it, as a Plotly figure."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from playground.messages import tr
from playground.numbers import digits
from playground.record import RaceRecord
from playground.view.theme import FONT, GL_FONT, THEMES, racer_style

LIFT = 0.02  # of the height, so that paths lie on the surface and not in it
PIN = 0.3  # signs stand on pins, because the walls of a valley would hide them


def surface_3d(record: RaceRecord, theme: str = "light", start: int = 0) -> go.Figure:
    """Height is the loss as the contour levels are spaced; the ticks carry the loss itself."""
    ground, colours = record.terrain, THEMES[theme]
    left, right, bottom, top = ground.window
    ny, nx = ground.scaled.shape
    ramp = colours.ramp(12)
    surface = go.Surface(
        x=np.linspace(left, right, nx), y=np.linspace(bottom, top, ny), z=ground.scaled, showscale=False,
        colorscale=[[i / 11, colour] for i, colour in enumerate(ramp)], hoverinfo="skip",
        lighting={"ambient": 0.95, "diffuse": 0.15, "specular": 0.0},
        contours={"z": {"show": True, "start": 0, "end": 1, "size": 1 / 18, "color": colours.line, "width": 1}},
    )  # fmt: skip
    paths = [_path(record, i, start, theme) for i in range(len(record.labels))]
    marks = [_mark(record, record.starts[start], "○", colours.text)]
    marks += [_mark(record, minimum, "★", colours.text) for minimum in ground.minima]
    marks += [_end(record, i, start, theme) for i in range(len(record.labels))]
    figure = go.Figure([surface, *paths, *marks])
    every_fifth = slice(2, None, 5)
    labels = [digits(float(f"{value:.2g}")) for value in ground.level_values[every_fifth]]
    ticks = {"tickvals": ground.levels[every_fifth], "ticktext": labels}
    axis = {
        "gridcolor": colours.grid, "color": colours.text, "backgroundcolor": colours.panel, "showbackground": True,
        "zeroline": False, "tickfont": {"size": 14, "family": GL_FONT}, "nticks": 5,
    }  # fmt: skip

    def title(text: str) -> dict[str, Any]:
        return {"text": text, "font": {"size": 16, "family": GL_FONT}}

    figure.update_layout(
        height=620, margin={"l": 0, "r": 0, "t": 30, "b": 0}, paper_bgcolor=colours.background,
        font={"family": FONT, "size": 16, "color": colours.text}, uirevision=str(record.title),
        legend={"orientation": "h", "y": 1.0, "entrywidth": 150}, showlegend=True,
        scene={
            "xaxis": axis | {"title": title(ground.axes[0]), "range": [left, right]},
            "yaxis": axis | {"title": title(ground.axes[1]), "range": [bottom, top]},
            "zaxis": axis | {"title": title(tr("loss")), "range": [0, 1 + PIN], **ticks},
            "aspectmode": "manual", "aspectratio": {"x": 1.5, "y": 1.5, "z": 0.9},
            "camera": {"eye": {"x": -0.8, "y": -1.5, "z": 1.9}, "center": {"x": 0, "y": 0, "z": -0.15}},
        },
    )  # fmt: skip
    return figure


def _path(record: RaceRecord, i: int, start: int, theme: str) -> go.Scatter3d:
    """One racer's path; points outside the window are left out."""
    ground, style = record.terrain, racer_style(record.looks[i])
    n = int(record.lengths[i, start])
    x, y = record.positions[i, start, :n].T
    order = np.argsort(ground.values, axis=None)
    height = np.interp(record.losses[i, start, :n], ground.values.ravel()[order], ground.scaled.ravel()[order])
    return go.Scatter3d(
        x=x, y=y, z=np.where(_inside(record, x, y), height + LIFT, np.nan), mode="lines",
        name=f"{style.sign} {record.labels[i]}", line={"color": getattr(style, theme), "width": 9},
        customdata=record.losses[i, start, :n],
        hovertemplate=f"%{{fullData.name}}<br>{tr('step')} %{{pointNumber}}<br>"
        f"{tr('loss')} %{{customdata:.3g}}<extra></extra>",
    )  # fmt: skip


def _inside(record: RaceRecord, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    left, right, bottom, top = record.terrain.window
    return (x >= left) & (x <= right) & (y >= bottom) & (y <= top)


def _end(record: RaceRecord, i: int, start: int, theme: str) -> go.Scatter3d:
    """The sign of a racer at its last point in the window."""
    style, path = racer_style(record.looks[i]), record.positions[i, start, : int(record.lengths[i, start])]
    inside_points = path[_inside(record, *path.T)]
    return _mark(record, inside_points[-1] if len(inside_points) else None, style.sign, getattr(style, theme))


def _mark(record: RaceRecord, point: np.ndarray | None, sign: str, colour: str) -> go.Scatter3d:
    """A sign on a pin at a place on the surface; where there is none, nothing."""
    ground = record.terrain
    left, right, bottom, top = ground.window
    corner, size = np.array([left, bottom]), np.array([right - left, top - bottom])
    points = np.empty((0, 2)) if point is None else np.atleast_2d(point)
    columns, rows = np.clip((points - corner) / size, 0, 1).T * (np.array(ground.scaled.shape[::-1])[:, None] - 1)
    height = ground.scaled[np.round(rows).astype(int), np.round(columns).astype(int)]
    tops = height + np.maximum(PIN, 0.8 * (1 - height))  # out of the deepest wells too
    pins = np.repeat(points, 2, axis=0)
    return go.Scatter3d(
        x=pins[:, 0], y=pins[:, 1], z=np.stack((height, tops), axis=1).ravel(), mode="lines+text",
        line={"color": colour, "width": 3}, text=["", sign] * len(points), textposition="middle center",
        textfont={"color": colour, "size": 28, "family": GL_FONT}, showlegend=False, hoverinfo="skip",
    )  # fmt: skip


def surface_page(record: RaceRecord, theme: str = "light", start: int = 0) -> str:
    """The surface as a page of its own that turns under the mouse, without a network."""
    return str(surface_3d(record, theme, start).to_html(include_plotlyjs=True))


def surface_still(record: RaceRecord, theme: str = "light", start: int = 0) -> Any:
    """The same surface and paths as a figure of matplotlib, whose lines and faces are vectors."""
    from matplotlib import rc_context

    from playground.view.sheet import Sheet, frame, settings, sheet

    ground, colours = record.terrain, THEMES[theme]
    left, right, bottom, top = ground.window
    ny, nx = ground.scaled.shape
    ramp = np.array(colours.ramp(24))
    with rc_context(settings(colours)):
        figure = sheet(theme)
        axes: Any = figure.add_subplot(projection="3d", computed_zorder=False)
        x, y = np.meshgrid(np.linspace(left, right, nx), np.linspace(bottom, top, ny))
        every = max(nx // 60, 1)
        x, y, z = (part[::every, ::every] for part in (x, y, ground.scaled))
        faces = ramp[np.clip(np.nan_to_num(z) * 24, 0, 23).astype(int)]
        axes.plot_surface(
            x, y, z, facecolors=faces, rstride=1, cstride=1, linewidth=0.2, edgecolor=colours.line, shade=False
        )
        for i, (label, index) in enumerate(zip(record.labels, record.looks)):
            line, style = _path(record, i, start, theme), racer_style(index)
            dash: Any = (0, tuple(part / 2.5 for part in style.dash)) if style.dash else "-"
            axes.plot(line.x, line.y, line.z, color=getattr(style, theme), linewidth=3, linestyle=dash, label=label)
        axes.set(xlabel=ground.axes[0], ylabel=ground.axes[1], zlabel=tr("loss"), zlim=(0, 1.05))
        axes.set_zticks(
            ground.levels[2::5], [digits(float(f"{level_value:.2g}")) for level_value in ground.level_values[2::5]]
        )
        axes.view_init(elev=42, azim=-118)
        axes.set_facecolor("none")
        for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
            axis.set_pane_color(colours.panel)
        legend = axes.get_legend_handles_labels()
        frame(figure, Sheet(theme, str(record.title), [record.stamp], legend=legend, margins=(0, 0, 0)))
    return figure
