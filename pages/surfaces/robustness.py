"""Robustness: the race from many starts, and with many draws of the noise."""

import streamlit as st

from pages.ui import charts, compute, copy, link, others, robustness_notes
from pages.ui.race_controls import RaceControls
from pages.ui.shell import theme
from playground.export import records, studies
from playground.presets import CROWDS
from playground.spec import Robustness
from playground.view.robustness_chart import bands_chart, robustness_figure, wins_chart

NAME = "robustness"
controls = RaceControls(NAME, CROWDS)
spec = link.current(NAME, Robustness, CROWDS[0].race())
with st.container(key="lab-frame"):
    left, right = st.columns([1, 3], gap="medium")
    with left.container(key="lab-controls"):
        spec = controls.of(spec)
    with right:
        link.keep(NAME, spec)
        record = compute.watched_record(spec)
        with st.container(key="lab-stage"):
            link.show_problems(NAME, spec)
            charts.show(bands_chart(record, theme()), f"{NAME}.bands")
            charts.show(wins_chart(record, theme()), f"{NAME}.wins")
        with st.container(key="lab-notes"):
            robustness_notes.table(record)
            with st.container(horizontal=True, vertical_alignment="center"):
                held = {"csv": lambda: studies.runs(record), "npz": lambda: records.arrays(record)}
                charts.files(
                    NAME, f"robustness-{record.key[:12]}", robustness_figure(record, theme()), record.stamp, held
                )
                copy.button(NAME, spec)
                others.links(spec)
            robustness_notes.words(spec, record)
