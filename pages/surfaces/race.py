"""Race: optimizers on a loss surface, from the same start."""

import streamlit as st

import playground as pg
from pages.ui import compute, downloads, link, others, race_notes, race_step, stage
from pages.ui.race_controls import RaceControls
from playground.presets import PRESETS

NAME = "race"
controls = RaceControls(NAME, PRESETS)
spec = link.current(NAME, pg.Race, pg.Race(), race_step.BESIDE)
with st.container(key="lab-frame"):
    left, right = st.columns([1, 3], gap="medium")
    with left.container(key="lab-controls"):
        spec = controls.of(spec)
    with right:
        link.keep(NAME, spec, race_step.beside(NAME))
        record, start = compute.record(spec), controls.shown_start()
        with st.container(key="lab-stage"):
            link.show_problems(NAME, spec)
            stage.show(record, start=start, on_start=controls.moved, on_knob=controls.turned)
            race_step.panel(NAME, spec, record, start)
        with st.container(key="lab-notes"):
            with st.container(horizontal=True, vertical_alignment="center"):
                downloads.buttons(record, start)
                others.links(spec)
            race_notes.tabs(spec, record, start)
