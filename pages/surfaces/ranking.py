"""Ranking: all optimizers on all surfaces at one tuning budget, from a stored run."""

import streamlit as st

import playground as pg
from pages.ui import charts, compute, copy, link, ranking_controls, ranking_notes
from pages.ui.shell import theme
from playground.export import ranking as tables
from playground.export import records
from playground.messages import tr
from playground.view import ranking as view

NAME = "ranking"
spec = link.current(NAME, pg.Ranking, pg.Ranking())
with st.container(key="lab-frame"):
    left, right = st.columns([1, 3], gap="medium")
    with left.container(key="lab-controls"):
        spec = ranking_controls.of(NAME, spec)
    with right:
        link.keep(NAME, spec)
        record = compute.record(spec)
        many = int(record.shown.sum())
        few = min(many, view.MOST)
        with st.container(key="lab-stage"):
            link.show_problems(NAME, spec)
            ranking_notes.found(record)
            ranking_notes.table(record)
            ranking_notes.best(spec, record)
        with st.container(key="lab-notes"):
            if many:
                chart = view.heat(record, theme())
                first = tr("**The first {n}, surface by surface.** A dot: solved. Numbers on hover or tap.", n=few)
                st.markdown(first)
                with st.container(key="ranking-heat"):
                    charts.show(chart, "ranking.heat")
                held = {"csv": lambda: tables.ranks(record), "npz": lambda: records.arrays(record)}
                with st.container(horizontal=True, vertical_alignment="center"):
                    charts.files(NAME, f"ranking-{record.key[:12]}", chart, record.stamp, held)
                    copy.button(NAME, spec)
            if many > view.MOST:
                with st.expander(
                    tr("All {n}, surface by surface", n=many), key="ranking.all", on_change="rerun"
                ) as every:
                    if every.open:
                        with st.container(key="ranking-heat-all"):
                            charts.show(view.heat(record, theme(), many), "ranking.heat.all")
            ranking_notes.tabs(record)
