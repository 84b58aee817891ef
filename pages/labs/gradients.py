"""What the page Gradient check shows besides its chart: verdicts, and what a numeric gradient costs."""

from __future__ import annotations

from functools import partial

import streamlit as st

import playground as pg
from pages.ui import controls as widgets
from pages.ui import gradient_notes, lines, presets_menu
from playground.labs import Lab
from playground.messages import marked, tr, translate
from playground.record import CheckRecord
from playground.specs.gradient_check import ON_NET, ON_SURFACE

NAMES = {ON_SURFACE: marked("A surface"), ON_NET: marked("A small net")}


def controls(lab: Lab, spec: pg.GradientCheck) -> pg.GradientCheck:
    """What is checked, and how; of a surface also the reader's own derivatives."""
    presets_menu.menu(lab, spec)
    some = partial(widgets.fields, key=lambda part: lines.key(lab.name, part))
    spec = some(spec, ("subject",), own={"subject": _subject}, columns=1)
    if spec.subject == ON_NET:
        spec = some(spec, ("small", "activation"))
        count = spec.small.dimension(spec.activation)
        st.caption(tr("{n:count} weights and biases, the dimension of the gradient.", n=count))
    else:
        spec = some(spec, ("surface", "x", "y"))
        about = tr("Work the derivatives out by hand, and see whether they are right.")
        st.markdown(f"**{tr('Check your own')}**", help=about)
        spec = some(spec, ("dx", "dy"))
    return some(spec, ("precision", "compare", "seed"))


def _subject(value: str, key: str) -> str:
    knob = pg.GradientCheck.knobs()["subject"]
    return st.segmented_control(
        translate(knob.label), list(NAMES), default=value, required=True, key=key, help=translate(knob.help),
        format_func=lambda name: translate(NAMES[name]),
    )  # fmt: skip


def findings(lab: Lab, spec: pg.GradientCheck, record: CheckRecord) -> None:
    """The verdict on the reader's own derivatives, and what was found."""
    if record.own:
        gradient_notes.own(record.own, spec.surface.axes)
    gradient_notes.verdicts(record)


def notes(lab: Lab, spec: pg.GradientCheck, record: CheckRecord) -> None:
    """Costs and formulas."""
    gradient_notes.tabs(spec, record)
