"""The V of truncation and cancellation, and what a numeric gradient costs, as charts."""

from __future__ import annotations

import json

import numpy as np

from playground.messages import tr, translate
from playground.numbers import rough
from playground.record import CheckRecord, CostRecord
from playground.view.chart import POWER, Spec, chart
from playground.view.theme import THEMES, Theme, racer_style

LOW, HIGH = 1e-17, 30.0  # ends of the axis of errors; an error of 0 is drawn on the lower one
SHAPES = {"circle": "circle", "square": "square", "diamond": "diamond", "triangle": "triangle-up"}
OWN = 3  # look of the reader's own gradient; the difference quotients have those before it


def errors(record: CheckRecord, theme: str) -> Spec:
    """Relative error against step size: measured, expected by theory, and the thresholds in words."""
    colours, labels = THEMES[theme], [*_methods(record), *([tr("Yours")] if record.own else [])]
    x = {
        "field": "h", "type": "quantitative", "title": tr("step size h"),
        "scale": {"type": "log", "domain": [record.steps[-1] / 2, record.steps[0] * 2], "nice": False},
        "axis": {"labelExpr": POWER, "grid": False, "labelSeparation": 6,
                 "values": [10.0**-k for k in range(1, 16, 2)]},
    }  # fmt: skip
    y = {
        "field": "error", "type": "quantitative", "title": tr("relative error"),
        "scale": {"type": "log", "domain": [LOW, HIGH], "nice": False, "clamp": True},
        "axis": {"labelExpr": POWER, "values": [10.0**-k for k in range(0, 18, 2)]},
    }  # fmt: skip
    legend = {"title": None, "orient": "top", "columns": {"expr": "width < 450 ? 2 : 4"}, "symbolStrokeWidth": 2}
    methods = {
        "color": {
            "field": "method", "type": "nominal", "legend": legend,
            "scale": {"domain": labels, "range": [getattr(racer_style(i), theme) for i in range(len(labels))]},
        },
        "shape": {
            "field": "method", "type": "nominal", "legend": legend,
            "scale": {"domain": labels, "range": [SHAPES[racer_style(i).marker] for i in range(len(labels))]},
        },
    }  # fmt: skip
    encoding = {"x": x, "y": y, "color": methods["color"]}
    layers = [
        *_bands(record, colours),
        {
            "data": {"values": _theory(record)},
            "mark": {"type": "line", "strokeDash": [3, 5], "strokeWidth": 2, "opacity": 0.75, "clip": True},
            "encoding": encoding | {"detail": {"field": "part"}},
        },
        {
            "data": {"values": _curve_rows(record)},
            "mark": {"type": "line", "strokeWidth": 2.5, "clip": True,
                     "point": {"size": 52, "filled": True, "opacity": 1}},
            "encoding": encoding | {"shape": methods["shape"], "tooltip": _tooltip()},
        },
        *_marks(record, encoding, colours),
    ]  # fmt: skip
    return chart(
        {"width": "container", "height": 470, "layer": layers}, theme, about=about(record), heading=str(record.title)
    )


def about(record: CheckRecord) -> str:
    """What the chart shows, for those who do not see it."""
    chart = tr(
        "Relative error of numeric gradients of {title} against the step size, both on logarithmic axes, in "
        "{precision}.",
        title=record.title, precision=record.precision,
    )  # fmt: skip
    return " ".join([chart, *map(str, record.sentences)])


def _methods(record: CheckRecord | CostRecord) -> list[str]:
    return list(map(translate, record.methods))


def _tooltip() -> list[Spec]:
    return [
        {"field": "method", "type": "nominal", "title": " "},
        {"field": "h", "type": "quantitative", "format": ".1e"},
        {"field": "true", "type": "quantitative", "title": tr("relative error"), "format": ".2e"},
    ]


def _clip(error: float) -> float:
    return float(np.clip(error, LOW, HIGH))


def _curve_rows(record: CheckRecord) -> list[Spec]:
    curves = [*zip(_methods(record), record.errors), *([(tr("Yours"), record.own.curve)] if record.own else [])]
    return [
        {"h": float(h), "error": _clip(error), "true": float(error), "method": method}
        for method, curve in curves
        for h, error in zip(record.steps, curve)
        if np.isfinite(error)
    ]


def _theory(record: CheckRecord) -> list[Spec]:
    """Both branches of each V, each drawn as far as it is the larger one, and a decade beyond."""
    rows = []
    for method, *parts in zip(_methods(record), record.truncation, record.cancellation):
        for name, branch, other in (("truncation", *parts), ("cancellation", *reversed(parts))):
            near = np.isfinite(branch) & (branch > other / 10) & (branch > LOW) & (branch < HIGH)
            rows += [
                {"h": float(h), "error": float(error), "method": method, "part": f"{method} {name}"}
                for h, error in zip(record.steps[near], branch[near])
            ]
    return rows


def _bands(record: CheckRecord, colours: Theme) -> list[Spec]:
    """The thresholds as steps of shade, with their meaning in words beside them."""
    ends = [LOW, *(min(end, HIGH) for end, _ in record.bands)]
    shades = ((colours.background, 0), (colours.panel, 0.9), (colours.grid, 0.7), (colours.alarm, 0.2))
    y = {"type": "quantitative"}
    steps = [
        {
            "data": {"values": [{"from": low, "to": high}]},
            "mark": {"type": "rect", "color": shade, "opacity": opacity},
            "encoding": {"y": y | {"field": "from"}, "y2": {"field": "to"}},
        }
        for low, high, (shade, opacity) in zip(ends, ends[1:], shades)
    ]
    words = [
        {"at": (low * high) ** 0.5, "words": translate(text)}
        for low, high, (_, text) in zip(ends, ends[1:], record.bands)
    ]
    beside = {"type": "text", "align": "left", "x": {"expr": "width"}, "dx": 8, "fontSize": 14, "color": colours.muted}
    label_layer = {
        "data": {"values": words},
        "mark": beside,
        "encoding": {"y": y | {"field": "at"}, "text": {"field": "words"}},
    }
    return [*steps, label_layer]


def _marks(record: CheckRecord, encoding: Spec, colours: Theme) -> list[Spec]:
    """The best steps, found and predicted, and where the quotient looks across a kink."""
    kinks = [
        {"h": float(h), "error": _clip(error), "method": method}
        for method, errors, subtracted in zip(_methods(record), record.errors, record.cancellation)
        for h, error, crossed in zip(record.steps, errors, record.crossed)
        if crossed and subtracted.any() and np.isfinite(error)  # the complex step stays on its side
    ]
    best = [
        {"h": float(record.steps[k]), "error": _clip(errors[k]), "method": method,
         "words": f"h = {rough(record.steps[k])}"}
        for method, errors, k, predicted in zip(_methods(record), record.errors, record.best, record.predicted_steps)
        if np.isfinite(predicted) and np.isfinite(errors[k])
    ]  # fmt: skip
    expected = [
        {"h": float(h), "error": _clip(error), "method": method}
        for method, h, error in zip(_methods(record), record.predicted_steps, record.predicted_errors)
        if np.isfinite(h)
    ]
    ring = {"type": "point", "size": 320, "filled": False, "strokeWidth": 3, "opacity": 1}
    plus = {"type": "point", "shape": "cross", "size": 170, "filled": True, "stroke": colours.background, "opacity": 1}
    word = {"type": "text", "fontSize": 14, "fontWeight": 600, "align": "left", "dx": 18, "dy": 12,
            "text": {"expr": f"(width < 450 ? '' : {json.dumps(tr('best found') + ' ')}) + datum.words"}}  # fmt: skip
    halo = {"stroke": colours.background, "strokeWidth": 5}
    cross = "M-1,-1L1,1M-1,1L1,-1"
    return [
        {"data": {"values": kinks}, "encoding": encoding,
         "mark": {"type": "point", "shape": cross, "size": 70, "strokeWidth": 2.5, "stroke": colours.alarm}},
        {"data": {"values": best}, "encoding": encoding, "mark": ring},
        *({"data": {"values": best}, "encoding": encoding, "mark": word | style} for style in (halo, {})),
        {"data": {"values": expected}, "encoding": encoding, "mark": plus},
    ]  # fmt: skip


def cost(record: CostRecord, theme: str) -> Spec:
    """Time of one gradient against the number of parameters, with the evaluations that it takes."""
    styles = [racer_style(index) for index in (7, *range(len(record.methods) - 1))]
    rows = [
        {"n": int(n), "time": float(1e3 * seconds), "method": method, "evaluations": int(count)}
        for method, times, counts in zip(_methods(record), record.seconds, record.evaluations)
        for n, seconds, count in zip(record.dimensions, times, counts)
    ]
    legend = {"title": None, "orient": "top", "columns": {"expr": "width < 450 ? 2 : 4"}, "symbolStrokeWidth": 2}
    kinds = {"field": "method", "type": "nominal", "legend": legend}
    high = float(record.dimensions[-1])
    encoding = {
        "x": {"field": "n", "type": "quantitative", "title": tr("parameters n"),
              "scale": {"type": "log", "domain": [float(record.dimensions[0]), high * 4], "nice": False},
              "axis": {"values": record.dimensions.tolist(), "format": ",d", "grid": False}},
        "y": {"field": "time", "type": "quantitative", "title": tr("processor time of one gradient (ms)"),
              "scale": {"type": "log"}, "axis": {"format": "~g", "values": [10.0**k for k in range(-3, 5)]}},
        "color": kinds | {"scale": {"domain": _methods(record), "range": [getattr(s, theme) for s in styles]}},
    }  # fmt: skip
    shape = kinds | {"scale": {"domain": _methods(record), "range": ["triangle-up", *list(SHAPES.values())[:3]]}}
    tooltip = [
        {"field": "method", "type": "nominal", "title": " "},
        {"field": "n", "type": "quantitative", "title": tr("parameters"), "format": ",d"},
        {"field": "evaluations", "type": "quantitative", "title": tr("evaluations"), "format": ",d"},
        {"field": "time", "type": "quantitative", "title": "ms", "format": ".3g"},
    ]
    line = {"type": "line", "strokeWidth": 2.5, "point": {"size": 80, "filled": True, "opacity": 1}}
    word = {"type": "text", "align": "left", "dx": 12, "fontSize": 14, "fontWeight": 600,
            "text": {"expr": "width < 450 ? datum.few : datum.words"}}  # fmt: skip
    layers = [
        {"data": {"values": rows}, "mark": line, "encoding": encoding | {"shape": shape, "tooltip": tooltip}},
        {"data": {"values": _ends(rows, record.dimensions[-1])}, "mark": word, "encoding": encoding},
    ]
    spoken = tr("Processor time of one gradient against the number of parameters.")
    spoken = " ".join([spoken, *map(str, record.sentences)])
    return chart({"width": "container", "height": 340, "layer": layers}, theme, about=spoken, heading=str(record.title))


def _ends(rows: list[Spec], last: int) -> list[Spec]:
    """How many evaluations the largest net takes, beside its points; moved apart where the words would overlap."""
    ends, below = [], 0.0
    for row in sorted((row for row in rows if row["n"] == last), key=lambda row: row["time"]):
        below = max(row["time"], 1.9 * below)
        n = row["evaluations"]
        words = tr("{n:count} evaluation", "{n:count} evaluations", n=n)
        ends.append(row | {"time": below, "words": words, "few": tr("{n:count} eval", "{n:count} evals", n=n)})
    return ends
