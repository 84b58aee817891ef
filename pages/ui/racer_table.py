"""A table with a line for each racer, in its colour and mark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.ui.link import plain
from pages.ui.shell import theme
from playground.messages import tr
from playground.view.theme import racer_style


def show(labels: Sequence[str], looks: Sequence[int], columns: Mapping[str, Sequence[str]]) -> None:
    """Columns of texts, one for each racer."""
    lines = [f"| {tr('Racer')} | " + " | ".join(columns) + " |", "| --- |" + " ---: |" * len(columns)]
    for index, (label, number) in enumerate(zip(labels, looks)):
        style = racer_style(number)
        sign = f':color[{style.sign}]{{foreground="{getattr(style, theme())}"}}'
        lines.append(f"| {sign} {plain(label)} | " + " | ".join(column[index] for column in columns.values()) + " |")
    st.markdown("\n".join(lines))
