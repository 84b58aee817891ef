"""The ranking as charts: a heat map of optimizers and surfaces, and how many surfaces are solved at which tolerance."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from playground.messages import marked, tr, translate
from playground.numbers import RAISED, digits
from playground.record import RankingRecord
from playground.view.chart import PERCENT, POWER, Spec, chart, racers
from playground.view.theme import THEMES

MOST = 30  # optimizers on the heat map, unless all are asked for
LINES = 6  # on the profile
LOWEST = -10  # exponent at which gaps are equal, and the colours end
ROW = 24  # height of a line of the heat map


POWERS = {k: f"10⁻{str(-k).translate(RAISED)}" for k in range(LOWEST, 0, 2)} | {0: marked("all")}


def rows(record: RankingRecord, most: int = MOST) -> np.ndarray:
    """Places of the first `most` optimizers that are shown."""
    return np.flatnonzero(record.shown)[:most]


def heat(record: RankingRecord, theme: str, most: int = MOST) -> Spec:
    """Gap by colour, a dot where the surface is solved, numbers on hover; the best optimizer on top."""
    colours, places = THEMES[theme], rows(record, most)
    x = {
        "field": "surface", "type": "nominal", "sort": None, "title": None,
        "axis": {"orient": "top", "labelAngle": -60, "domain": False, "ticks": False, "labelOverlap": False},
    }  # fmt: skip
    y = {
        "field": "optimizer", "type": "nominal", "sort": None, "title": None,
        "axis": {"domain": False, "ticks": False, "labelOverlap": False, "labelLimit": 260},
    }  # fmt: skip
    ramp = list(reversed(colours.heat(LOWEST * -1 + 1)))
    fill = {
        "field": "shade", "type": "quantitative", "title": tr("loss left"),
        "scale": {"domain": [LOWEST, 0], "range": ramp, "interpolate": "rgb"},
        "legend": {"orient": "top", "gradientLength": 320, "titleLimit": 400,
                   "values": [-10, -8, -6, -4, -2, 0],
                   "labelExpr": f"{json.dumps({k: translate(text) for k, text in POWERS.items()})}[datum.value]"},
    }  # fmt: skip
    tips = [{"field": name, "type": "nominal", "title": translate(title)} for name, title in TIPS.items()]
    dots = {"filter": "datum.solved"}
    light = f"datum.shade < {LOWEST / 2}"  # a dark cell
    layers = [
        {
            "mark": {"type": "rect", "stroke": colours.background, "strokeWidth": 1},
            "encoding": {"color": fill},
        },
        {
            "transform": [dots],
            "mark": {"type": "circle", "size": 34, "opacity": 1},
            "encoding": {
                "color": {"condition": {"test": light, "value": colours.background}, "value": colours.text}
            },
        },
    ]  # fmt: skip
    body = {
        "data": {"values": _cells(record, places)}, "width": "container", "height": ROW * max(len(places), 1),
        "encoding": {"x": x, "y": y, "tooltip": tips}, "layer": layers, "resolve": {"scale": {"color": "independent"}},
    }  # fmt: skip
    return chart(body, theme, about=about(record), heading=heading(record))


def heading(record: RankingRecord) -> str:
    """What was ranked on what."""
    return tr("{n} optimizers on {surfaces}", n=len(record.names), surfaces=record.where)


TIPS = {
    "optimizer": marked("Optimizer"), "surface": marked("Surface"), "left": marked("Loss left"),
    "rank": marked("Rank"), "rate": marked("Best step size"),
}  # fmt: skip


def _cells(record: RankingRecord, places: np.ndarray) -> list[dict[str, Any]]:
    return [
        {
            "optimizer": record.labels[i],
            "surface": translate(record.surface_labels[j]),
            "shade": float(np.log10(record.gaps[i, j])),
            "left": left(record.gaps[i, j]),
            "rank": f"{record.ranks[i, j]:g}",
            "rate": digits(record.rates[i, j]),
            "solved": bool(record.gaps[i, j] <= record.tolerance),
        }
        for i in places.tolist()
        for j in range(len(record.surfaces))
    ]


def left(gap: float) -> str:
    """A gap in words and digits."""
    if gap >= 1:
        return tr("all of it, or more")
    return tr("10⁻¹⁰ or less") if np.log10(gap) <= LOWEST else digits(gap)


def profile(record: RankingRecord, theme: str) -> Spec:
    """Share of the surfaces solved against the tolerance, for the first few that are shown."""
    places = rows(record, LINES)
    steps = [10.0**-k for k in np.arange(0, -LOWEST + 0.1, 0.25)]
    values = [
        {"racer": record.labels[i], "tolerance": step, "share": float((record.gaps[i] <= step).mean())}
        for i in places.tolist()
        for step in steps
    ]
    axis = {"labelExpr": POWER, "values": [10.0**-k for k in range(0, 11, 2)], "grid": False}
    x = {
        "field": "tolerance", "type": "quantitative", "title": tr("tolerance: part of the loss that may be left"),
        "scale": {"type": "log", "reverse": True, "nice": False}, "axis": axis,
    }  # fmt: skip
    y = {
        "field": "share", "type": "quantitative", "title": tr("surfaces solved"),
        "scale": {"domain": [0, 1]}, "axis": {"labelExpr": PERCENT, "tickCount": 5},
    }  # fmt: skip
    lines = {
        "data": {"values": values},
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2.5},
        "encoding": {"x": x, "y": y, **racers([record.labels[i] for i in places], range(len(places)), theme)},
    }
    mark = {"data": {"values": [{"tolerance": record.tolerance}]}, "mark": {"type": "rule", "strokeDash": [4, 4]},
            "encoding": {"x": x}}  # fmt: skip
    words = tr(
        "Share of {surfaces} surfaces solved against the tolerance, for {n} optimizers.",
        surfaces=len(record.surfaces), n=len(places),
    )  # fmt: skip
    return chart({"width": "container", "height": 360, "layer": [lines, mark]}, theme, about=words)


def about(record: RankingRecord) -> str:
    """What the heat map shows, for those who do not see it."""
    best = [record.labels[i] for i in rows(record, 5)]
    return tr(
        "Heat map of the loss that {n} optimizers left on {surfaces} surfaces. From the best: {best}.",
        n=int(record.shown.sum()), surfaces=len(record.surfaces), best=", ".join(best) or tr("none"),
    )  # fmt: skip
