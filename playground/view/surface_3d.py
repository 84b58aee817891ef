"""The surface in three dimensions with the paths on it, as a Plotly figure."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from playground.record import RaceRecord
from playground.view.numbers import three_digits
from playground.view.theme import FONT, GL_FONT, THEMES, look

LIFT = 0.02  # of the height, so that paths lie on the surface and not in it


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
    figure = go.Figure([surface, *(_path(record, i, start, theme) for i in range(len(record.labels)))])
    shown = slice(2, None, 5)
    ticks = {"tickvals": ground.levels[shown], "ticktext": [three_digits(v) for v in ground.level_values[shown]]}
    axis = {
        "gridcolor": colours.grid, "color": colours.text, "backgroundcolor": colours.panel, "showbackground": True,
        "zeroline": False, "tickfont": {"size": 14, "family": GL_FONT}, "nticks": 5,
    }  # fmt: skip

    def title(text: str) -> dict[str, Any]:
        return {"text": text, "font": {"size": 16, "family": GL_FONT}}

    figure.update_layout(
        height=620, margin={"l": 0, "r": 0, "t": 30, "b": 0}, paper_bgcolor=colours.background,
        font={"family": FONT, "size": 16, "color": colours.text}, uirevision=record.title,
        legend={"orientation": "h", "y": 1.0, "entrywidth": 150}, showlegend=True,
        scene={
            "xaxis": axis | {"title": title(ground.axes[0]), "range": [left, right]},
            "yaxis": axis | {"title": title(ground.axes[1]), "range": [bottom, top]},
            "zaxis": axis | {"title": title("loss"), "range": [0, 1.05], **ticks},
            "aspectmode": "manual", "aspectratio": {"x": 1.5, "y": 1.5, "z": 0.7},
            "camera": {"eye": {"x": -0.8, "y": -1.5, "z": 1.9}, "center": {"x": 0, "y": 0, "z": -0.15}},
        },
    )  # fmt: skip
    return figure


def _path(record: RaceRecord, i: int, start: int, theme: str) -> go.Scatter3d:
    """One racer's path; points outside the window are left out."""
    ground, style = record.terrain, look(record.looks[i])
    n = int(record.lengths[i, start])
    x, y = record.positions[i, start, :n].T
    left, right, bottom, top = ground.window
    inside = (x >= left) & (x <= right) & (y >= bottom) & (y <= top)
    order = np.argsort(ground.values, axis=None)
    height = np.interp(record.losses[i, start, :n], ground.values.ravel()[order], ground.scaled.ravel()[order])
    height = np.where(inside, height + LIFT, np.nan)
    colour: dict[str, Any] = {"color": getattr(style, theme)}
    return go.Scatter3d(
        x=x, y=y, z=height, mode="lines+markers", name=record.labels[i],
        line=colour | {"width": 9},
        marker=colour | {"size": np.where(np.arange(n) == n - 1, 7, 0), "line": {"width": 0}},
        customdata=record.losses[i, start, :n],
        hovertemplate="%{fullData.name}<br>step %{pointNumber}<br>loss %{customdata:.3g}<extra></extra>",
    )  # fmt: skip
