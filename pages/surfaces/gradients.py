"""Gradient check: exact against numeric gradients, over step sizes."""

import streamlit as st

import playground as pg
from pages.ui import charts, compute, copy, gradient_controls, gradient_notes, link
from pages.ui.shell import theme
from playground.export import gradient_check as tables
from playground.export import records
from playground.view import gradient_check as view

NAME = "gradients"
spec = link.current(NAME, pg.GradientCheck, pg.GradientCheck())
with st.container(key="lab-frame"):
    left, right = st.columns([1, 3], gap="medium")
    with left.container(key="lab-controls"):
        spec = gradient_controls.of(NAME, spec)
    with right:
        link.keep(NAME, spec)
        record = compute.record(spec)
        chart = view.errors(record, theme())
        with st.container(key="lab-stage"):
            link.show_problems(NAME, spec)
            st.markdown(f"#### {link.plain(str(record.title))}")
            charts.show(chart, "gradients.errors")
        with st.container(key="lab-notes"):
            if record.own:
                gradient_notes.own(record.own, spec.surface.axes)
            gradient_notes.found(record)
            held = {"csv": lambda: tables.errors(record), "npz": lambda: records.arrays(record)}
            with st.container(horizontal=True, vertical_alignment="center"):
                charts.files(NAME, f"gradients-{record.key[:12]}", chart, record.stamp, held)
                copy.button(NAME, spec)
            gradient_notes.tabs(spec, record)
