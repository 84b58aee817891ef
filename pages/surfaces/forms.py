"""Three forms, one method: variants of an optimizer run side by side, and the difference between them."""

import streamlit as st

import playground as pg
from pages.ui import charts, compute, forms_controls, forms_notes, link, stage
from pages.ui.shell import theme
from playground.export import forms as tables
from playground.export import records
from playground.messages import translate
from playground.view import forms as view

NAME = forms_controls.NAME
spec = link.current(NAME, pg.Forms, pg.Forms())
with st.container(key="lab-frame"):
    left, right = st.columns([1, 3], gap="medium")
    with left.container(key="lab-controls"):
        spec = forms_controls.of(spec)
    with right:
        link.keep(NAME, spec)
        record = compute.record(spec)
        chart = view.differences(record, theme())
        with st.container(key="lab-stage"):
            link.show_problems(NAME, spec)
            st.markdown(f"#### {link.plain(translate(spec.form.label))}")
            charts.show(chart, "forms.differences")
            forms_notes.verdicts(record)
            stage.show(record.race, on_start=forms_controls.moved, on_knob=forms_controls.turned)
        with st.container(key="lab-notes"):
            held = {"csv": lambda: tables.differences(record), "npz": lambda: records.arrays(record)}
            charts.files(NAME, f"forms-{record.key[:12]}", chart, record.stamp, held)
            forms_notes.formulas(spec)
