"""Loss against learning rate, as a chart."""

from __future__ import annotations

from typing import Any

import numpy as np

from playground.messages import tr
from playground.numbers import digits
from playground.record import SweepRecord
from playground.view import chart as charts
from playground.view.chart import Spec
from playground.view.losses import Height, height
from playground.view.theme import THEMES, racer_style

SHADE = 0.28  # of the region where all racers diverge


def sweep_chart(record: SweepRecord, theme: str, start: int = 0) -> Spec:
    """Final loss (thick) and lowest loss on the way (thin) of every racer, from one of the race's starts.

    Marked are the best rates; shaded is where a racer ends above its start, darker where more of them do.
    """
    scale = _height(record, start)
    x = charts.log_axis("rate", tr("learning rate"), record.rates[0], record.rates[-1])
    layers = [*_shade(record, start, x, theme), *_limit(record, start, x, theme), *_lines(record, scale, x, theme)]
    body = {
        "title": {"text": str(record.title), "subtitle": _subtitle(record)},
        "width": "container", "height": 470,
        "datasets": {"curves": _curves(record, start, scale), "tuned": _tuned(record, start, scale, theme)},
        "layer": layers,
    }  # fmt: skip
    return charts.chart(body, theme, about=about(record, start))


def _lines(record: SweepRecord, scale: Height, x: Spec, theme: str) -> list[Spec]:
    """Lowest and final loss, what the pointer finds, and the marks."""
    looks = charts.racers(record.labels, record.looks, theme)
    dimmed = {"condition": {"param": "raised", "value": 1}, "value": 0.08}
    faint = {"condition": {"param": "raised", "value": 0.55}, "value": 0.05}
    base = {"x": x, "color": looks["color"]}
    lines = base | {"strokeDash": looks["strokeDash"]}
    tooltip = [
        {"field": "racer", "title": tr("racer")},
        *({"field": name, "title": title, "format": ".3~g"} for name, title in
          (("rate", tr("learning rate")), ("end", tr("final loss")), ("least", tr("lowest loss")))),
    ]  # fmt: skip
    return [
        {
            "data": {"name": "curves"},
            "params": [{"name": "raised", "select": {"type": "point", "fields": ["racer"]}, "bind": "legend"}],
            "mark": {"type": "line", "strokeWidth": 2, "clip": True},
            "encoding": lines | {"y": scale.axis("best"), "opacity": faint},
        },
        {
            "data": {"name": "curves"},
            "mark": {"type": "line", "strokeWidth": 3, "clip": True},
            "encoding": lines | {"y": scale.axis("final"), "opacity": dimmed},
        },
        {
            "data": {"name": "curves"},
            "mark": {"type": "point", "size": 150, "opacity": 0, "filled": True, "clip": True},
            "encoding": {"x": x, "y": scale.axis("final"), "tooltip": tooltip},
        },
        {
            "data": {"name": "tuned"},
            "mark": {"type": "point", "size": 170, "filled": True, "opacity": 1, "strokeWidth": 1.5,
                     "stroke": THEMES[theme].halo, "clip": True},
            "encoding": {"x": x, "y": scale.axis("final"), "opacity": dimmed,
                         "shape": {"field": "mark", "type": "nominal", "scale": None, "legend": None},
                         "fill": {"field": "colour", "type": "nominal", "scale": None, "legend": None},
                                "tooltip": tooltip[:3]},
        },
    ]  # fmt: skip


def about(record: SweepRecord, start: int = 0) -> str:
    """What the chart shows, for those who do not see it."""
    findings = "; ".join(
        tr("{racer}: best at {rate:digits} with {loss:digits}", racer=label, rate=rate, loss=loss)
        for label, rate, loss in zip(record.labels, record.tuned[:, start], record.tuned_final[:, start])
        if np.isfinite(rate)
    )
    limit = record.limit[start]
    chart = tr(
        "Loss after {steps} steps against learning rate on {surface}. {found}.",
        steps=record.steps, surface=record.title, found=findings,
    )  # fmt: skip
    if not np.isfinite(limit):
        return chart
    return f"{chart} " + tr("Stability limit {name}: {limit:digits}.", name=limit_name(record), limit=limit)


def _subtitle(record: SweepRecord) -> list[str]:
    return [
        tr("Marks: the best of {n} rates, {steps} steps each", n=len(record.rates), steps=record.steps),
        tr("Thick: final loss; thin: lowest on the way"),
    ]


def risen(record: SweepRecord, start: int) -> np.ndarray:
    """Whether a run diverged, or ended above its start, (R, N)."""
    return record.diverged[:, start] | (record.final[:, start] > record.first[start] + 1e-9 * abs(record.first[start]))


def _height(record: SweepRecord, start: int) -> Height:
    alive = np.where(record.diverged[:, start], np.nan, record.final[:, start])
    losses = np.concatenate([alive.ravel(), record.best[:, start].ravel()])
    return height(losses, record.lowest, record.first[start])


def _curves(record: SweepRecord, start: int, scale: Height) -> list[dict[str, Any]]:
    rows = []
    for r, label in enumerate(record.labels):
        final, best = record.final[r, start], record.best[r, start]
        rows += [
            {"racer": label, "rate": rate, "final": high, "best": low, "end": end, "least": least}
            for rate, high, low, end, least in zip(
                record.rates.tolist(), scale.of(final), scale.of(best), charts.short(final), charts.short(best)
            )
            if high is not None
        ]
    return rows


def _tuned(record: SweepRecord, start: int, scale: Height, theme: str) -> list[dict[str, Any]]:
    losses, styles = record.tuned_final[:, start], [racer_style(index) for index in record.looks]
    listed = zip(record.labels, styles, record.tuned[:, start].tolist(), scale.of(losses), charts.short(losses))
    return [
        {"racer": label, "rate": rate, "final": high, "end": end, "mark": charts.SHAPES[style.marker],
         "colour": getattr(style, theme)}
        for label, style, rate, high, end in listed if rate == rate
    ]  # fmt: skip


def _shade(record: SweepRecord, start: int, x: Spec, theme: str) -> list[Spec]:
    """A rectangle over every stretch of rates at which a racer ends above its start."""
    grid = np.sqrt(record.rates[1:] * record.rates[:-1])
    edges = np.array([record.rates[0], *grid, record.rates[-1]])
    rows = []
    for bad, rate in zip(risen(record, start), record.own):
        change = np.flatnonzero(np.diff(np.concatenate([[False], bad, [False]]).astype(int)))
        rows += [
            {"rate": float(edges[a]), "to": float(edges[b])} for a, b in zip(change[::2], change[1::2]) if rate == rate
        ]
    if not rows:
        return []
    tunable = int(np.isfinite(record.own).sum())
    return [{
        "data": {"values": rows},
        "mark": {"type": "rect", "color": THEMES[theme].alarm, "opacity": SHADE / tunable, "clip": True},
        "encoding": {"x": x, "x2": {"field": "to"}},
    }]  # fmt: skip


def limit_name(record: SweepRecord) -> str:
    """The stability limit of SGD as a formula: λ is the largest curvature, d the decoupled weight decay."""
    return "2/(λ + d)" if record.decay else "2/λ"


def _limit(record: SweepRecord, start: int, x: Spec, theme: str) -> list[Spec]:
    """The stability limit of SGD at the minimum, where it lies among the rates."""
    limit = float(record.limit[start])
    if not record.rates[0] <= limit <= record.rates[-1]:
        return []
    text = f"{limit_name(record)} = {digits(limit)}"
    colours, data = THEMES[theme], {"values": [{"rate": limit, "text": text}]}
    right = limit > np.sqrt(record.rates[0] * record.rates[-1])
    name = {"type": "text", "align": "right" if right else "left", "dx": -6 if right else 6, "baseline": "top",
            "fontSize": 15}  # fmt: skip
    return [
        {
            "data": data,
            "mark": {"type": "rule", "color": colours.text, "strokeWidth": 2, "strokeDash": [6, 4]},
            "encoding": {"x": x},
        },
        *({"data": data, "mark": name | ink, "encoding": {"x": x, "y": {"value": 4}, "text": {"field": "text"}}}
          for ink in ({"stroke": colours.background, "strokeWidth": 5}, {"color": colours.text})),
    ]  # fmt: skip
