"""What all charts of numbers share: a Vega-Lite specification in the theme's colours, for the page and for slides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from playground.view.theme import FONT, THEMES, racer_style

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
Spec = dict[str, Any]
OUTER = ("$schema", "description", "datasets", "usermeta", "config")  # what a specification holds once, at its top


def _polygon(corners: int, turn: float = 0.0, inner: float = 1.0, size: float = 0.62) -> str:
    """An SVG path inside the unit square: a regular polygon, or with `inner` below 1 a star."""
    count = corners if inner == 1.0 else 2 * corners
    points = []
    for i in range(count):
        angle, far = 2 * math.pi * i / count + turn, size * (inner if i % 2 and inner < 1.0 else 1.0)
        points.append(f"{far * math.sin(angle):.3f},{-far * math.cos(angle):.3f}")
    return f"M{'L'.join(points)}Z"


# The marks of `theme.MARKERS` as Vega draws them: by its own names, or as a path.
SHAPES = {
    "circle": "circle", "square": "square", "diamond": "diamond", "triangle": "triangle-up",
    "triangle_down": "triangle-down", "plus": "cross",
    "cross": "M-.5,-.3L-.3,-.5L0,-.2L.3,-.5L.5,-.3L.2,0L.5,.3L.3,.5L0,.2L-.3,.5L-.5,.3L-.2,0Z",
    "pentagon": _polygon(5), "star": _polygon(5, inner=0.42, size=0.72), "hexagon": _polygon(6),
    "hourglass": "M-.5,-.5L.5,-.5L-.5,.5L.5,.5Z",
    "ring": "M-.55,0A.55,.55,0,1,1,.55,0A.55,.55,0,1,1,-.55,0ZM-.3,0A.3,.3,0,1,0,.3,0A.3,.3,0,1,0,-.3,0Z",
}  # fmt: skip


def chart(body: Spec, theme: str, *, about: str, heading: str = "", font: str = FONT) -> Spec:
    """`body` (its data, marks and encodings) with everything that does not depend on what is shown.

    `about` says in words what the chart shows, for those who do not see it; `heading` is what the page says above it,
    which a file has as its title.
    """
    header = {"$schema": SCHEMA, "description": about, "usermeta": {"heading": heading}}
    return header | body | {"config": _config(theme, font)}


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
    styles = [racer_style(index) for index in looks]
    legend = {
        "title": None,
        "orient": "top",
        "columns": {"expr": "width < 500 ? 2 : 4"},
        "symbolType": "stroke",
        "symbolOpacity": 1,
        "symbolSize": 400,
        "labelLimit": {"expr": "max(80, width / (width < 500 ? 2 : 4) - 55)"},
    }
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


def _raised(number: str) -> str:
    """A whole number, given and returned as an expression of Vega, as an exponent."""
    for sign, high in zip("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"):
        number = f"replace({number}, /{sign}/g, '{high}')"
    return number


PERCENT = "format(100 * datum.value, '.0f') + ' %'"  # labels of an axis of shares
POWER = "'10' + " + _raised("format(log(datum.value) / LN10, '.0f')")  # labels at powers of ten


def log_axis(field: str, title: str, low: float, high: float) -> Spec:
    """The encoding of a field with positive numbers from `low` to `high`, ticks at powers of ten."""
    low, high = float(low), float(high)
    domain = [low, high] if low < high else [low / 2, high * 2]
    marks = decades(domain[0], domain[1])
    wide = len(marks) > 1 and (domain[0] < 1e-5 or domain[1] >= 1e6)
    axis = {"grid": False} | ({"labelExpr": POWER} if wide else {"format": "~g"})
    return {
        "field": field, "type": "quantitative", "title": title,
        "scale": {"type": "log", "domain": domain, "nice": False},
        "axis": axis | ({"values": marks} if len(marks) > 1 else {"tickCount": 4}),
    }  # fmt: skip


def decades(low: float, high: float, most: int = 8) -> list[float]:
    """At most `most` powers of ten between two positive numbers, evenly spaced."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    every = max(-(-(last - first + 1) // most), 1)
    return [10.0**k for k in range(first, last + 1) if k % every == 0]


def short(values: np.ndarray) -> list[float | None]:
    """Numbers with four digits for the browser; None for NaN and infinity, which JSON lacks."""
    return [float(f"{value:.4g}") if math.isfinite(value) else None for value in np.asarray(values, float).tolist()]
