"""Files to take away, of every format there is; made when asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st

from pages.ui.shell import theme
from playground.figures import THEMES, Figure, Style
from playground.formats import Format, formats
from playground.labs import Lab
from playground.messages import marked, tr, translate
from playground.registry import ChoiceError

SIZES = ("3200x1800", "1920x1080", "1600x1200", "1200x1200")
SCALES = (1.0, 1.5, 2.0)
NAMES = {"light": marked("light"), "dark": marked("dark"), "transparent": marked("transparent")}


def menu(
    lab: Lab, key: str, record: Callable[[], Any], *, view: dict[str, Any] | None = None,
    figures: Sequence[Figure] = (), label: str = "",
) -> None:  # fmt: skip
    """A menu, called `label`: which figure, how it is drawn, and a button for each format.

    `record()` is what the files are made of and `key` its key; `view` what the page shows of it.
    """
    figures = figures or lab.figures
    with st.popover(label or tr("Download"), icon=":material/download:"):
        figure = figures[0] if len(figures) == 1 else _figure(lab, figures)
        style = _style(lab)
        stem = lab.stem(key, figure)
        cells = st.columns(2, gap="small")
        for index, kind in enumerate(formats().values()):
            cells[index % 2].download_button(
                translate(kind.label), data=partial(_file_bytes, kind, figure, record, style, view or {}),
                file_name=f"{stem}.{kind.name}", mime=kind.mime, key=f"{lab.name}.download.{kind.name}",
                on_click="ignore", width="stretch",
            )  # fmt: skip


def _file_bytes(kind: Format, figure: Figure, record: Callable[[], Any], style: Style, view: dict[str, Any]) -> bytes:
    return kind.write(figure, record(), style, view)


def _figure(lab: Lab, figures: Sequence[Figure]) -> Figure:
    titles = {figure.name: translate(figure.title) for figure in figures}
    name = st.selectbox(tr("Figure"), list(titles), format_func=titles.__getitem__, key=f"{lab.name}.download.figure")
    return lab.figure(name)


def _style(lab: Lab) -> Style:
    """Size, scale and theme; the page's own theme at first."""
    knobs = Style.knobs()
    size = st.selectbox(translate(knobs["size"].label), SIZES, key=f"{lab.name}.download.size", accept_new_options=True)
    scale = st.segmented_control(
        translate(knobs["scale"].label), SCALES, default=1.0, required=True, format_func=lambda scale: f"{scale:g}×",
        key=f"{lab.name}.download.scale",
    )  # fmt: skip
    theme_name = st.segmented_control(
        translate(knobs["theme"].label), THEMES, default=theme(), required=True,
        format_func=lambda name: translate(NAMES[name]), key=f"{lab.name}.download.theme",
    )  # fmt: skip
    try:
        return Style(size=size, scale=scale, theme=theme_name)
    except ChoiceError as problem:
        st.caption(str(problem))
        return Style(scale=scale, theme=theme_name)
