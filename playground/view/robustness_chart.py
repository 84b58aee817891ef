"""Loss against step over many runs, and how often each racer wins, as charts."""

from __future__ import annotations

from typing import Any

import numpy as np

from playground.messages import marked, tr, translate
from playground.numbers import count, percent
from playground.record import RobustnessRecord
from playground.view import chart as charts
from playground.view.chart import PERCENT, Spec
from playground.view.losses import Height, height
from playground.view.theme import THEMES, racer_style

NOBODY = marked("No winner: all diverged")
FILE_WIDTH = 1400


def bands_chart(record: RobustnessRecord, theme: str) -> Spec:
    """The median loss of every racer against step, and around it the band from the lower to the upper quartile."""
    scale, looks = _height(record), charts.racers(record.labels, record.looks, theme)
    x = {
        "field": "step", "type": "quantitative", "title": tr("step"),
        "scale": {"domain": [0, record.steps], "nice": False}, "axis": {"grid": False, "tickCount": 6},
    }  # fmt: skip
    condition = {"param": "raised", "empty": True}
    layers = [
        {
            "data": {"name": "bands"},
            "mark": {"type": "area", "clip": True},
            "encoding": {
                "x": x, "y": scale.axis("low"), "y2": {"field": "high"},
                "color": looks["color"],
                "opacity": {"condition": condition | {"value": 0.16}, "value": 0.02},
            },
        },
        {
            "data": {"name": "bands"},
            "params": [{"name": "raised", "select": {"type": "point", "fields": ["racer"]}, "bind": "legend"}],
            "mark": {"type": "line", "strokeWidth": 3, "clip": True},
            "encoding": {
                "x": x, "y": scale.axis("median"), "color": looks["color"], "strokeDash": looks["strokeDash"],
                "opacity": {"condition": condition | {"value": 1}, "value": 0.1},
            },
        },
        {
            "data": {"name": "bands"},
            "mark": {"type": "point", "size": 150, "opacity": 0, "filled": True, "clip": True},
            "encoding": {"x": x, "y": scale.axis("median"), "tooltip": [
                {"field": "racer", "title": tr("racer")}, {"field": "step", "title": tr("step")},
                *({"field": name, "title": title, "format": ".3~g"} for name, title in
                  (("half", tr("median loss")), ("quarter", tr("lower quartile")), ("three", tr("upper quartile")))),
            ]},
        },
    ]  # fmt: skip
    body = {
        "title": {"text": str(record.title), "subtitle": _subtitle(record)},
        "width": "container", "height": 430, "datasets": {"bands": _bands(record, scale)}, "layer": layers,
    }  # fmt: skip
    return charts.chart(body, theme, about=about(record))


def wins_chart(record: RobustnessRecord, theme: str) -> Spec:
    """A bar for each racer: the share of the runs in which its final loss is the lowest."""
    colours, names = THEMES[theme], [*record.labels, *([translate(NOBODY)] if record.nobody else [])]
    y = {"field": "racer", "type": "nominal", "title": None, "sort": None, "scale": {"domain": names},
         "axis": {"labelLimit": 150, "ticks": False, "domain": False}}  # fmt: skip
    x = {
        "field": "share", "type": "quantitative", "title": tr("share of the runs with the lowest final loss"),
        "scale": {"domain": [0, 1]}, "axis": {"labelExpr": PERCENT, "grid": False, "values": [0, 0.25, 0.5, 0.75, 1]},
    }  # fmt: skip
    bar_colours = [getattr(racer_style(index), theme) for index in record.looks] + [colours.muted] * bool(record.nobody)
    colour = {"field": "racer", "type": "nominal", "legend": None, "sort": None,
              "scale": {"domain": names, "range": bar_colours}}  # fmt: skip
    text = {"type": "text", "baseline": "middle", "fontSize": 14, "color": colours.text}
    tooltip = [{"field": "racer", "title": tr("racer")}, {"field": "text", "title": tr("lowest")}]
    layers = [
        {"mark": {"type": "bar", "height": {"band": 0.62}, "cornerRadiusEnd": 3},
         "encoding": {"x": x, "color": colour, "tooltip": tooltip}},
        {"transform": [{"filter": "datum.share <= 0.55"}], "mark": text | {"align": "left", "dx": 7},
         "encoding": {"x": x, "text": {"field": "text"}}},
        {"transform": [{"filter": "datum.share > 0.55"}],
         "mark": text | {"align": "right", "dx": -7, "color": colours.background},
         "encoding": {"x": x, "text": {"field": "text"}}},
    ]  # fmt: skip
    body = {"width": "container", "height": 50 + 34 * len(names), "data": {"values": _wins(record, names)},
            "encoding": {"y": y}, "layer": layers}  # fmt: skip
    return charts.chart(body, theme, about=about(record))


def robustness_figure(record: RobustnessRecord, theme: str) -> Spec:
    """Both charts, one above the other, for files."""
    parts = [bands_chart(record, theme), wins_chart(record, theme)]
    inner_parts = [{name: value for name, value in part.items() if name not in charts.OUTER} for part in parts]
    body = {"datasets": parts[0]["datasets"], "vconcat": [part | {"width": FILE_WIDTH} for part in inner_parts],
            "resolve": {"scale": {"color": "independent", "strokeDash": "independent"}}}  # fmt: skip
    return charts.chart(body, theme, about=about(record))


def about(record: RobustnessRecord) -> str:
    """What the charts show, for those who do not see them."""
    findings = "; ".join(
        tr("{racer}: median final loss {loss:digits}, wins {wins}", racer=label, loss=median, wins=_share(record, wins))
        for label, median, wins in zip(record.labels, record.quartiles[:, 1], record.wins)
    )
    runs, surface = _runs(record), record.title
    return tr("Loss against step over {runs} on {surface}. {found}.", runs=runs, surface=surface, found=findings)


def _runs(record: RobustnessRecord) -> str:
    starts, draws = len(record.starts), len(record.seeds)
    if draws > 1:
        return tr("{n:count} starts x {draws} noise seeds", n=starts, draws=draws)
    return tr("{n:count} starts", n=starts)


def _subtitle(record: RobustnessRecord) -> list[str]:
    return [
        tr("Line: median; band: half of the runs"),
        tr("{runs}, {steps} steps each", runs=_runs(record), steps=record.steps),
    ]


def _height(record: RobustnessRecord) -> Height:
    starts = record.bands[:, :, 0]
    first = starts[np.isfinite(starts)].max() if np.isfinite(starts).any() else np.nan
    return height(record.bands, record.lowest, float(first))


def _bands(record: RobustnessRecord, scale: Height) -> list[dict[str, Any]]:
    """Rows of the bands; what is infinite leaves through the top."""
    top = scale.high * 1e3 if np.isfinite(scale.base) else scale.high + 10 * abs(scale.high)
    rows = []
    for label, (quarter, half, three) in zip(record.labels, record.bands):
        low, median, high = (
            scale.of(np.where(np.isinf(quartile), top, quartile)) for quartile in (quarter, half, three)
        )
        texts = (charts.short(quartile) for quartile in (quarter, half, three))
        for step, *values in zip(record.shown.tolist(), low, median, high, *texts):
            names = ("low", "median", "high", "quarter", "half", "three")
            rows.append({"racer": label, "step": step} | dict(zip(names, values)))
    return rows


def _share(record: RobustnessRecord, wins: float) -> str:
    return percent(wins / max(record.compared, 1))


def _wins(record: RobustnessRecord, names: list[str]) -> list[dict[str, Any]]:
    """Rows of the bars, with their shares and counts in words."""
    rows = []
    for name, wins, ties in zip(names, [*record.wins, record.nobody], [*record.ties, 0]):
        win_count = round(float(wins))
        counts = tr("{n:count}, {ties:count} shared", n=win_count, ties=ties) if ties else count(win_count)
        rows.append(
            {
                "racer": name,
                "share": round(float(wins) / max(record.compared, 1), 6),
                "text": f"{_share(record, wins)} ({counts})",
            }
        )
    return rows
