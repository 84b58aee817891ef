"""The page Train: its figures follow runs that go on while the page is away, so that it is laid out by itself."""

from __future__ import annotations

import streamlit as st

from pages.ui import link, observatory, presets_menu, runs
from pages.ui import train_changes as changes
from pages.ui import train_controls as controls
from pages.ui import train_notes as notes
from pages.ui import train_results as results
from pages.ui import train_status as status
from playground.labs import Lab
from playground.presets import TRAININGS
from playground.registry import ChoiceError
from playground.specs import Comparison


def show(lab: Lab) -> None:
    """The whole page."""
    spec = link.current(lab.name, Comparison, TRAININGS[0].comparison())
    try:
        runs.runner().warm()
    except ChoiceError as problem:  # wrong settings of this server
        st.error(link.sentence(problem), icon=":material/settings_alert:")
        st.stop()
    with st.container(key="lab-frame"):
        left, right = st.columns([1, 3], gap="medium")
        with left.container(key="lab-controls"):
            presets_menu.menu(lab, spec)
            spec = controls.controls_of(spec)
            run_states, index = status.states(spec), controls.edited_index(spec)
            with st.container():
                changes.changes(spec.runs[index], index, run_states[index].state == "running")
            with st.container(key="train-start", gap="xsmall"):
                status.panel(spec, run_states)
        with right:
            link.keep(lab.name, spec)
            with st.container(key="lab-stage"):
                link.show_problems(lab.name, spec)
                observatory.show(spec, run_states)
            with st.container(key="lab-notes"):
                results.results(lab, spec, run_states)
                notes.tabs(spec, index)
