"""What all charts of numbers share: a Vega-Lite specification in the theme's colours, for the page and for slides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playground.view.theme import FONT, THEMES, look

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
Spec = dict[str, Any]


def chart(body: Spec, theme: str, *, about: str, font: str = FONT) -> Spec:
    """`body` (its data, marks and encodings) with everything that does not depend on what is shown.

    `about` says in words what the chart shows, for those who do not see it.
    """
    return {"$schema": SCHEMA, "description": about, **body, "config": _config(theme, font)}


def _config(theme: str, font: str) -> Spec:
    colours = THEMES[theme]
    text = {"labelColor": colours.text, "titleColor": colours.text, "labelFontSize": 14, "titleFontSize": 15}
    return {
        "background": colours.background,
        "font": font,
        "view": {"stroke": None},
        "axis": text | {
            "domainColor": colours.muted, "tickColor": colours.muted, "gridColor": colours.grid,
            "titleFontWeight": "normal", "labelOverlap": "greedy", "labelLimit": 320,
        },
        "legend": text | {"titleFontWeight": "normal", "symbolSize": 160, "symbolStrokeWidth": 3, "labelLimit": 320},
        "header": text,
        "title": {"color": colours.text, "subtitleColor": colours.muted, "fontSize": 17, "subtitleFontSize": 14,
                  "anchor": "start", "fontWeight": "normal"},
        "line": {"strokeWidth": 2.5},
        "text": {"color": colours.text, "fontSize": 14},
        "rule": {"color": colours.muted, "strokeWidth": 2},
    }  # fmt: skip


def racers(labels: Sequence[str], looks: Sequence[int], theme: str) -> dict[str, Spec]:
    """Encodings `color` and `strokeDash` of a field `racer`: every racer as it looks everywhere."""
    styles = [look(place) for place in looks]
    legend = {"title": None, "orient": "top", "columns": 4}
    return {
        "color": {
            "field": "racer", "type": "nominal", "legend": legend, "sort": None,
            "scale": {"domain": list(labels), "range": [getattr(style, theme) for style in styles]},
        },
        "strokeDash": {
            "field": "racer", "type": "nominal", "legend": legend, "sort": None,
            "scale": {"domain": list(labels), "range": [list(style.dash) or [1, 0] for style in styles]},
        },
    }  # fmt: skip
