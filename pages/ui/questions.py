"""The menu of questions a page can start from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from pages.ui import link
from playground.presets import Preset


def menu(name: str, presets: Sequence[Preset], spec: object, spec_of: Callable[[Preset], object]) -> None:
    """It shows a question as long as the page's spec is the one that answers it, and where to look."""
    asked = {preset.question: preset for preset in presets}
    shown = next((preset for preset in presets if spec_of(preset) == spec), None)
    st.session_state[f"{name}.preset"] = shown.question if shown else None

    def take() -> None:
        chosen = st.session_state[f"{name}.preset"]
        if chosen:
            link.put(name, spec_of(asked[chosen]))

    st.selectbox(
        "Start from a question", list(asked), index=None, key=f"{name}.preset", on_change=take,
        placeholder="Start from a question", label_visibility="collapsed",
    )  # fmt: skip
    if shown:
        st.caption(shown.look)
