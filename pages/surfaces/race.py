"""Race: optimizers on a loss surface, from the same start."""

import streamlit as st

import playground as pg
from pages.ui import compute, downloads, link, race_controls, race_notes, stage

spec = link.current(race_controls.NAME, pg.Race, pg.Race())
with st.container(key="lab-frame"):
    left, right = st.columns([1, 3], gap="medium")
    with left.container(key="lab-controls"):
        spec = race_controls.controls_of(spec)
    with right:
        link.keep(race_controls.NAME, spec)
        record, start = compute.race(spec), race_controls.shown_start()
        with st.container(key="lab-stage"):
            link.show_problems(race_controls.NAME, spec)
            stage.show(record, start=start, on_start=race_controls.moved)
        with st.container(key="lab-notes"):
            downloads.buttons(record, start)
            race_notes.tabs(spec, record, start)
