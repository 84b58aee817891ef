"""The questions that pages can start from: the menu of a page, and links to them from Home."""

from __future__ import annotations

import streamlit as st

from pages.ui import link, page_cache, shell
from playground.labs import Lab, asked_by, lab_of
from playground.messages import tr, translate
from playground.presets import Preset, TrainingPreset
from playground.specs import Spec


def leads_to(preset: Preset | TrainingPreset, label: str) -> None:
    """A link to the page of a question, with its spec."""
    spec = asked_by(preset)
    st.page_link(shell.page_of(lab_of(spec).name), label=label, query_params=page_cache.query_pairs(spec))


def menu(lab: Lab, spec: Spec) -> None:
    """It shows a question as long as the page's spec is the one that answers it, and where to look."""
    presets = {preset.question: preset for preset in lab.questions}
    preset = next((preset for preset in lab.questions if asked_by(preset) == spec), None)
    st.session_state[f"{lab.name}.preset"] = preset.question if preset else None

    def take() -> None:
        question = st.session_state[f"{lab.name}.preset"]
        if question:
            link.put(lab.name, asked_by(presets[question]))

    st.selectbox(
        tr("Start from a question"), list(presets), index=None, key=f"{lab.name}.preset", on_change=take,
        placeholder=tr("Start from a question"), format_func=translate, label_visibility="collapsed",
    )  # fmt: skip
    if preset:
        st.caption(translate(preset.look))
