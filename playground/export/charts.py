"""Charts of numbers as files for slides: what the page draws, with the configuration in small print."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

from playground.export import figures
from playground.export.records import arrays
from playground.view.card import reduced
from playground.view.chart import OUTER, Spec
from playground.view.theme import FIGURE_FONT

WIDTH = 1600


def png(chart: Spec, stamp: str) -> bytes:
    """Twice as many pixels as the chart has units."""
    return _converter().vegalite_to_png(_stamped(chart, stamp), scale=2)


def svg(chart: Spec, stamp: str) -> bytes:
    """The chart as vectors."""
    return _converter().vegalite_to_svg(_stamped(chart, stamp)).encode()


def write(name: str, record: Any, chart: Spec, listed: Callable[..., bytes], folder: Path) -> list[Path]:
    """Write a record as NPZ, as the CSV that `listed` makes of it, and its chart into `folder` (made if missing) as
    `<name>-<key>.<kind>`; returns the paths."""
    made = {"npz": partial(arrays, record), "csv": partial(listed, record)}
    made |= {kind: partial(draw, chart, record.stamp) for kind, draw in (("png", png), ("svg", svg))}
    return figures.write(folder, f"{name}-{record.key[:12]}", made)


def card(chart: Spec, key: str) -> bytes:
    """The chart without words: PNG of 640 by 400 pixels, as in `view.card`."""
    axis = {"labels": False, "ticks": False, "titleOpacity": 0, "titleFontSize": 1, "titlePadding": 0, "domain": False}
    config = chart["config"] | {"axis": chart["config"]["axis"] | axis, "line": {"strokeWidth": 4}}
    body = _wordless({name: value for name, value in chart.items() if name not in ("config", "title")})
    size = {"width": 620, "height": 380, "padding": 10, "autosize": {"type": "fit", "contains": "padding"}}
    return reduced(_converter().vegalite_to_png(body | size | {"config": config}, scale=1), key)


def _wordless(part: Any) -> Any:
    """A part of a chart without legends and texts."""
    if isinstance(part, list):
        return [_wordless(one) for one in part if not (isinstance(one, dict) and _kind(one) == "text")]
    if not isinstance(part, dict):
        return part
    return {name: None if name == "legend" else _wordless(value) for name, value in part.items()} | (
        {"legend": None} if "field" in part and part.get("type") == "nominal" else {}
    )


def _kind(layer: Spec) -> Any:
    mark = layer.get("mark")
    return mark.get("type") if isinstance(mark, dict) else mark


def _stamped(chart: Spec, stamp: str) -> Spec:
    """With the font that comes along, title above everything, and the configuration in small print."""
    config = chart["config"] | {"font": FIGURE_FONT}
    lines = textwrap.wrap(stamp, 230, break_on_hyphens=False)
    mark = {"type": "text", "text": lines, "align": "left", "x": 0, "baseline": "top", "y": 0, "fontSize": 9}
    small = {"data": {"values": [{}]}, "mark": mark, "width": WIDTH - 200, "height": 11 * len(lines)}
    inner = {name: value for name, value in chart.items() if name not in OUTER}
    title = inner.pop("title", chart["usermeta"]["heading"])
    if "width" in inner and inner["width"] == "container":
        inner["width"] = WIDTH - 200
    outer = {name: chart[name] for name in OUTER if name in chart and name != "config"}
    return outer | {"title": title} | {"vconcat": [inner, small], "config": config, "padding": 24}


@cache
def _converter() -> Any:
    import matplotlib
    import vl_convert

    vl_convert.register_font_directory(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf"))
    return vl_convert
