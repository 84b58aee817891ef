"""Places a chart of numbers."""

from __future__ import annotations

import streamlit as st

from playground.view.chart import Spec


def show(chart: Spec, key: str) -> None:
    """The chart, as wide as its place; it is redrawn in place when its numbers change."""
    st.vega_lite_chart(chart, theme=None, width="stretch", key=key)
