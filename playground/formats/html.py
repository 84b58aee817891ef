"""HTML: a page of its own that works without a network, interactive where the figure is."""

from __future__ import annotations

from html import escape
from typing import Any

from playground.figures import Figure, Style
from playground.figures.vector import stamped, svg
from playground.formats.format import Format
from playground.messages import language, marked, translate
from playground.view import fonts
from playground.view.theme import THEMES


def write(figure: Figure, record: Any, style: Style, view: dict[str, Any]) -> bytes:
    """A chart with its tooltips, a surface that turns, a race that plays; else the vectors."""
    if figure.live:
        return figure.live(record, style.colours, **view).encode()
    drawing = figure.draw(record, style.colours, **view)
    words = figure.words(record, drawing, **view)
    if isinstance(drawing, dict):
        page = fonts.converter().vegalite_to_html(stamped(drawing, style, record.stamp), bundle=True)
        return page.replace("<head>", f"<head><title>{escape(translate(figure.title))}</title>", 1).encode()
    return page_of(
        f'<figure aria-label="{escape(words)}">{svg(drawing, style, record.stamp, record.key, words)}</figure>',
        title=translate(figure.title), theme=style.colours,
    ).encode()  # fmt: skip


def page_of(body: str, *, title: str, theme: str, head: str = "") -> str:
    """A whole page around a figure."""
    colours = THEMES[theme]
    css = f"body{{margin:0;background:{colours.background};color:{colours.text}}}figure{{margin:0}}"
    return (
        f'<!doctype html><html lang="{language()}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{css}svg{{max-width:100%;height:auto}}</style>'
        f"{head}</head><body>{body}</body></html>\n"
    )


FORMAT = Format(name="html", label=marked("Page, HTML"), mime="text/html", place=3, write=write)
