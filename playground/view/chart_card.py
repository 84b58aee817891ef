"""A chart of numbers as a small picture without words, for the cards of Home."""

from __future__ import annotations

from typing import Any

from playground.view import fonts
from playground.view.card import reduce_png
from playground.view.chart import Spec


def chart_card(chart: Spec, key: str) -> bytes:
    """The chart without words: PNG of 640 by 400 pixels, as in `view.card`."""
    axis = {"labels": False, "ticks": False, "titleOpacity": 0, "titleFontSize": 1, "titlePadding": 0, "domain": False}
    config = chart["config"] | {"axis": chart["config"]["axis"] | axis, "line": {"strokeWidth": 4}}
    body = _wordless({name: value for name, value in chart.items() if name not in ("config", "title")})
    size = {"width": 620, "height": 380, "padding": 10, "autosize": {"type": "fit", "contains": "padding"}}
    return reduce_png(fonts.converter().vegalite_to_png(body | size | {"config": config}, scale=1), key)


def _wordless(part: Any) -> Any:
    """A part of a chart without legends and texts."""
    if isinstance(part, list):
        return [_wordless(item) for item in part if not (isinstance(item, dict) and _kind(item) == "text")]
    if not isinstance(part, dict):
        return part
    return {name: None if name == "legend" else _wordless(value) for name, value in part.items()} | (
        {"legend": None} if "field" in part and part.get("type") == "nominal" else {}
    )


def _kind(layer: Spec) -> Any:
    mark = layer.get("mark")
    return mark.get("type") if isinstance(mark, dict) else mark
