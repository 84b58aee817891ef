"""Drawings as SVG, the one way from a figure into a file: PNG and PDF are made of it."""

from __future__ import annotations

import base64
import io
import re
import textwrap
from functools import singledispatch
from html import escape, unescape
from typing import Any

from playground.figures.style import Style
from playground.view import fonts
from playground.view.chart import OUTER
from playground.view.theme import THEMES

MARGIN, LETTERS, LINE = 24, 9, 11  # units around a chart; size of the small print and height of its lines
SINGLE = ("layer", "mark")  # what makes a chart one view, whose height can be chosen
ROOT = re.compile(r"<svg\b[^>]*>", re.S)
BOLD = re.compile(r"font-weight[:=]\W*(bold|[6-9]00)")
NUMBERED = re.compile(r"\b(?:clip|gradient_)\d+\b")
BOX = re.compile(r'viewBox="([^"]*)"')


def svg(drawing: Any, style: Style, stamp: str, key: str, words: str) -> str:
    """The drawing with its alternative text and the configuration in it; equal drawings give equal text.

    It has exactly the proportions of the style; a drawing of others is centred in them.
    """
    text = draw(drawing, style, stamp, key)
    root, box = _match(ROOT, text), _match(BOX, text)
    _, _, width, height = map(float, box.group(1).split())
    wide, high = style.pixels
    larger = max(width / wide, height / high)
    whole = (larger * wide, larger * high)
    corner = ((width - whole[0]) / 2, (height - whole[1]) / 2)
    rectangle = f'x="{corner[0]:.6g}" y="{corner[1]:.6g}" width="{whole[0]:.6g}" height="{whole[1]:.6g}"'
    ground = f'<rect {rectangle} fill="{THEMES[style.colours].background}"/>' if style.has_ground else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
        f'width="{wide / 2:g}" height="{high / 2:g}" viewBox="{" ".join(f"{side:.6g}" for side in (*corner, *whole))}">'
        f"<title>{escape(words)}</title><desc>{escape(stamp)}</desc>{fonts_in(text)}{ground}{text[root.end() :]}"
    )


def _match(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    match = pattern.search(text)
    if match is None:
        raise ValueError(f"the drawing is no SVG: it lacks {pattern.pattern}")
    return match


def fonts_in(text: str) -> str:
    """The letters that an SVG's texts use, as fonts in it, so that they look alike on every machine."""
    texts = "".join(unescape(part) for part in re.findall(r">([^<]+)<", text)) if "<text" in text else ""
    weights = (400, 700) if BOLD.search(text) else (400,)
    faces = [
        f"@font-face{{font-family:'{name}';font-weight:{weight};"
        f"src:url(data:font/woff;base64,{base64.b64encode(face).decode()})}}"
        for name, weight, face in fonts.subsets(texts, weights)
    ]
    return f"<defs><style>{''.join(faces)}</style></defs>" if faces else ""


@singledispatch
def draw(drawing: Any, style: Style, stamp: str, key: str) -> str:
    """A figure of matplotlib as SVG, its letters as paths; `key` takes the place of the random names in it."""
    from matplotlib import rc_context

    out = io.StringIO()
    with rc_context({"svg.hashsalt": key}):
        drawing.savefig(out, format="svg", facecolor=_fit(drawing, style), metadata={"Date": None})
    return out.getvalue()


def pixels(drawing: Any, style: Style) -> bytes | None:
    """A figure of matplotlib as PNG; None for another drawing, whose pixels come from its vectors."""
    if not hasattr(drawing, "savefig"):
        return None
    out, dots = io.BytesIO(), drawing.dpi * style.pixels[0] / style.units[0]
    drawing.savefig(out, format="png", dpi=dots, facecolor=_fit(drawing, style))
    return out.getvalue()


def _fit(drawing: Any, style: Style) -> Any:
    """Gives a figure of matplotlib the size of the style; returns the colour of its ground."""
    width, height = style.units
    drawing.set_size_inches(width / drawing.dpi, height / drawing.dpi)
    if drawing.get_layout_engine():
        drawing.get_layout_engine().execute(drawing)  # before it is drawn: what draws has made its list already
    for axes in [] if style.has_ground else drawing.axes:
        axes.patch.set_visible(False)
    return drawing.get_facecolor() if style.has_ground else "none"


@draw.register(dict)
def _(drawing: dict[str, Any], style: Style, stamp: str, key: str) -> str:
    """A chart as SVG, its parts numbered anew: the converter counts on from one chart to the next."""
    text = fonts.converter().vegalite_to_svg(stamped(drawing, style, stamp)).replace("&nbsp;", " ")
    places = {name: f"part{number}" for number, name in enumerate(dict.fromkeys(NUMBERED.findall(text)))}
    return NUMBERED.sub(lambda match: places[match.group()], text)


def stamped(chart: dict[str, Any], style: Style, stamp: str) -> dict[str, Any]:
    """The chart with the font that comes along, a title, and the configuration in small print."""
    width, height = (side - 2 * MARGIN for side in style.units)
    config = chart["config"] | {"font": fonts.FAMILY}
    if not style.has_ground:
        config |= {"background": None}
    lines = textwrap.wrap(stamp, int(width / LETTERS * 1.35), break_on_hyphens=False)
    mark = {"type": "text", "text": lines, "align": "left", "x": 0, "baseline": "top", "y": 0, "fontSize": LETTERS}
    small = {"data": {"values": [{}]}, "mark": mark, "width": width - 160, "height": LINE * len(lines)}
    inner = {name: value for name, value in chart.items() if name not in OUTER}
    title = inner.pop("title", chart["usermeta"]["heading"])
    if inner.get("width") == "container":
        inner["width"] = width - 160
    if any(name in inner for name in SINGLE) and isinstance(inner.get("height"), int | float):
        inner["height"] = max(height - LINE * len(lines) - 170, 120)
    outer = {name: chart[name] for name in OUTER if name in chart and name != "config"}
    return outer | {"title": title} | {"vconcat": [inner, small], "config": config, "padding": MARGIN}
