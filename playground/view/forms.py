"""How far the forms of one method are from each other, as a chart."""

from __future__ import annotations

import json

import numpy as np

from playground.messages import tr
from playground.record import FormsRecord
from playground.view.chart import POWER, Spec, chart
from playground.view.theme import THEMES, Theme, racer_style

ZERO, MUCH = 1e-19, 1e12  # ends of the axis of distances; a distance of 0 is drawn on the lower one
BRIEF = 8  # points that are equal by chance between others are left out
MOST = 700  # points of a line
PAIRS = (1, 2, 3)  # looks of the pairs: those with the first variant look like the other one


def differences(record: FormsRecord, theme: str) -> Spec:
    """Distance of every pair against step on a logarithmic axis, above the region that rounding explains."""
    colours = THEMES[theme]
    steps = np.unique(np.linspace(0, len(record.rounding) - 1, MOST).round().astype(int))
    styles = [racer_style(index) for index in PAIRS[: len(record.pairs)]]
    legend = {"title": None, "orient": "top", "columns": {"expr": "width < 600 ? 1 : 3"}, "symbolType": "stroke",
              "symbolSize": 900, "labelLimit": 360}  # fmt: skip
    kinds = {"field": "pair", "type": "nominal", "legend": legend}
    domain = list(map(str, record.labels))
    high = float(np.clip(3 * max(_largest(record.differences), _largest(record.direct)), 10.0, MUCH))
    encoding = {
        "x": {"field": "step", "type": "quantitative", "title": tr("step"),
              "axis": {"grid": False, "tickCount": 8, "tickMinStep": 1},
              "scale": {"domain": [0, int(steps[-1])], "nice": False}},
        "y": {"field": "gap", "type": "quantitative", "title": tr("distance"),
              "scale": {"type": "log", "domain": [ZERO, high], "nice": False, "clamp": True},
              "axis": {"values": [ZERO, *(10.0**k for k in range(-16, 13, 4))],
                       "labelExpr": f"datum.value < 2e-19 ? {json.dumps(tr('equal'))} : {POWER}"}},
        "color": kinds | {"scale": {"domain": domain, "range": [getattr(style, theme) for style in styles]}},
    }  # fmt: skip
    dashes = kinds | {"scale": {"domain": domain, "range": [list(style.dash) or [1, 0] for style in styles]}}
    under, over = _allowance_layers(record, steps, colours)
    layers = [
        *under,
        {
            "data": {"values": _rows(record, record.direct, steps, moved=True)},
            "mark": {"type": "line", "strokeWidth": 2, "strokeDash": [2, 5], "opacity": 0.75, "clip": True},
            "encoding": encoding,
        },
        {
            "data": {"values": _rows(record, record.differences, steps)},
            "mark": {"type": "line", "strokeWidth": 3, "clip": True},
            "encoding": encoding | {"strokeDash": dashes, "tooltip": [
                {"field": "pair", "type": "nominal", "title": " "},
                {"field": "step", "type": "quantitative", "title": tr("step")},
                {"field": "true", "type": "quantitative", "title": tr("distance"), "format": ".2e"}]},
        },
        *over,
    ]  # fmt: skip
    return chart(
        {"width": "container", "height": 300, "layer": layers}, theme, about=about(record), heading=str(record.title)
    )


def about(record: FormsRecord) -> str:
    """What the chart shows, for those who do not see it."""
    verdicts = " ".join(map(str, record.sentences))
    return tr(
        "Distance between the forms of {title} against the step. {verdicts}", title=record.title, verdicts=verdicts
    )


def _largest(gaps: np.ndarray) -> float:
    """The largest finite distance, 0 where there is none."""
    return float(np.max(gaps, initial=0.0, where=np.isfinite(gaps)))


def _rows(record: FormsRecord, gaps: np.ndarray, steps: np.ndarray, *, moved: bool = False) -> list[Spec]:
    """One row for each pair and step; with `moved` only of pairs that a change of variables brings together."""
    rows = []
    for pair, gap, meant in zip(map(str, record.labels), gaps, record.differences):
        if moved and _largest(gap) <= 100 * _largest(meant):
            continue
        rows += [
            {"step": int(k), "gap": float(np.clip(gap[k], ZERO, MUCH)), "true": float(gap[k]), "pair": pair}
            for k in steps
            if np.isfinite(gap[k]) and (gap[k] or not gap[max(k - BRIEF, 0) : k + BRIEF + 1].any())
        ]
    return rows


def _allowance_layers(record: FormsRecord, steps: np.ndarray, colours: Theme) -> tuple[list[Spec], list[Spec]]:
    """What rounding explains as a region, and one rounding of a point as a line; and both names, to stand on top."""
    rows = [
        {"step": int(k), "low": ZERO} | {name: float(np.clip(part[k], ZERO, MUCH)) for name, part in
                                         (("allowed", record.allowed), ("one", record.rounding))}
        for k in steps if np.isfinite(record.rounding[k])
    ]  # fmt: skip
    x, y = {"field": "step", "type": "quantitative"}, {"type": "quantitative"}
    region = {"type": "area", "color": colours.line, "opacity": 0.22, "clip": True}
    line = {"type": "line", "strokeWidth": 2, "color": colours.muted, "clip": True}
    under = [
        {
            "data": {"values": rows},
            "mark": region,
            "encoding": {"x": x, "y": y | {"field": "allowed"}, "y2": {"field": "low"}},
        },
        {"data": {"values": rows}, "mark": line, "encoding": {"x": x, "y": y | {"field": "one"}}},
    ]
    word = {"type": "text", "align": "right", "baseline": "middle", "dx": -6, "fontSize": 14, "color": colours.muted}
    halo = {"stroke": colours.background, "strokeWidth": 4}
    over = [
        {"data": {"values": rows[-1:]}, "mark": word | {"text": text, "dy": shift} | style,
         "encoding": {"x": x, "y": y | {"field": field}}}
        for field, text, shift in (("allowed", tr("explained by rounding"), 12), ("one", tr("one rounding"), 14))
        for style in (halo, {})
    ]  # fmt: skip
    return under, over
