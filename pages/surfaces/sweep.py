"""Learning rates: every racer with every rate."""

import streamlit as st

from pages.ui import charts, compute, copy, link, others, sweep_notes
from pages.ui.race_controls import RaceControls
from pages.ui.shell import theme
from playground.export import records, studies
from playground.presets import SWEEPS
from playground.spec import RateSweep
from playground.view.sweep_chart import sweep_chart

NAME = "sweep"
controls = RaceControls(NAME, SWEEPS)
spec = link.current(NAME, RateSweep, SWEEPS[0].race())
with st.container(key="lab-frame"):
    left, right = st.columns([1, 3], gap="medium")
    with left.container(key="lab-controls"):
        spec = controls.of(spec)
    with right:
        link.keep(NAME, spec)
        record, start = compute.watched_record(spec), controls.shown_start()
        chart = sweep_chart(record, theme(), start)
        with st.container(key="lab-stage"):
            link.show_problems(NAME, spec)
            charts.show(chart, f"{NAME}.chart")
        with st.container(key="lab-notes"):
            sweep_notes.tune(NAME, spec, record, start)
            sweep_notes.table(record, start)
            with st.container(horizontal=True, vertical_alignment="center"):
                held = {"csv": lambda: studies.rates(record), "npz": lambda: records.arrays(record)}
                charts.files(NAME, f"sweep-{record.key[:12]}", chart, record.stamp, held)
                copy.button(NAME, spec)
                others.links(spec)
            sweep_notes.words(spec, record, start)
