"""Places a chart of numbers, and offers it as files."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.ui import downloads
from playground.view.chart import Spec


def show(chart: Spec, key: str) -> None:
    """The chart, as wide as its place; it is redrawn where it stands when its numbers change."""
    st.vega_lite_chart(chart, theme=None, width="stretch", key=key)


def files(
    page: str, stem: str, chart: Spec, stamp: str, records: dict[str, Callable[[], bytes]], label: str = ""
) -> None:
    """The download menu, called `label`: the chart as PNG and SVG, and `records`, the numbers by kind (csv, npz)."""

    def make(kind: str) -> bytes:
        from playground.export import charts

        return records[kind]() if kind in records else getattr(charts, kind)(chart, stamp)

    downloads.menu(page, stem, make, tuple(records), label)
