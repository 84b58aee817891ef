"""The part below the race: the surface in 3-D, formulas and code, and what to look at."""

from __future__ import annotations

import streamlit as st

import playground as pg
from pages.ui import about
from pages.ui.shell import theme
from playground.choices.optimizers.formula import formula, formula_with_numbers
from playground.messages import marked, tr
from playground.record import RaceRecord
from playground.view.player import alt_text


def tabs(spec: pg.Race, record: RaceRecord, start: int) -> None:
    """The tabs; only the open one is computed."""
    looking, steep, code = st.tabs(
        [tr("What to look at"), tr("3-D"), tr("Formula and code")], key="race.tabs", on_change="rerun"
    )
    with looking:
        if looking.open:
            _surface(spec, record)
    with steep:
        if steep.open:
            _steep(record, start)
    with code:
        if code.open:
            _code(spec)


def _surface(spec: pg.Race, record: RaceRecord) -> None:
    surface = spec.surface
    st.markdown(about.words(surface, look=True))
    st.latex(f"f({', '.join(surface.axes)}) = {record.latex}")
    st.caption(about.source(surface.source))


def _steep(record: RaceRecord, start: int) -> None:
    from playground.view.surface_3d import surface_3d

    st.plotly_chart(
        surface_3d(record, theme(), start),
        theme=None,
        key="race.3d",
        alt=alt_text(record, start),
        config={"displaylogo": False, "scrollZoom": False},
    )


def _code(spec: pg.Race) -> None:
    labels = spec.labels()
    index = st.selectbox(tr("Racer"), range(len(labels)), format_func=labels.__getitem__, key="race.code.racer")
    optimizer = spec.racers[index].optimizer
    left, right = st.columns(2)
    with left:
        st.markdown(about.words(optimizer))
        for line in formula(optimizer):
            st.latex(line)
        if optimizer.alone:
            words = marked("{library} computes its steps; on the right is the call, with this racer's numbers.")
            st.markdown(tr(words, library=optimizer.group))
        else:
            st.markdown(tr("With this racer's numbers"))
        for line in formula_with_numbers(optimizer):
            st.latex(line)
        st.caption(about.reference(optimizer.reference))
    with right:
        st.code(optimizer.code(), language="python")
