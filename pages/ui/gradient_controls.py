"""The left side of the page Gradient check: from the spec to widgets."""

from __future__ import annotations

from functools import partial

import streamlit as st

import playground as pg
from pages.ui import controls, lines, questions
from playground.messages import marked, tr, translate
from playground.presets import CHECKS
from playground.spec.gradient_check import ON_NET, ON_SURFACE

NAMES = {ON_SURFACE: marked("A surface"), ON_NET: marked("A small net")}


def of(name: str, spec: pg.GradientCheck) -> pg.GradientCheck:
    """All controls; returns the spec as they say."""
    questions.menu(name, CHECKS, spec, lambda preset: preset.make())
    some = partial(controls.fields, key=lambda part: lines.key(name, part))
    spec = some(spec, ("subject",), own={"subject": _subject})
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
    made = pg.GradientCheck.knobs()["subject"]
    return st.segmented_control(
        translate(made.label), list(NAMES), default=value, required=True, key=key, help=translate(made.help),
        format_func=lambda one: translate(NAMES[one]),
    )  # fmt: skip
