"""The left side of the page Gradient check: from the spec to widgets."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

import playground as pg
from pages.ui import controls, lines, questions
from playground.presets import CHECKS
from playground.spec.gradient_check import ON_NET, ON_SURFACE, PLAIN

NAMES = {ON_SURFACE: "A surface", ON_NET: "A small net"}


def of(name: str, spec: pg.GradientCheck) -> pg.GradientCheck:
    """All controls; returns the spec as they say."""
    questions.menu(name, CHECKS, spec, lambda preset: preset.make())
    subject = st.segmented_control(
        PLAIN["subject"].label, list(NAMES), default=spec.subject, required=True, format_func=NAMES.get,
        key=lines.key(name, "subject"), help=PLAIN["subject"].help,
    )  # fmt: skip
    spec = replace(spec, subject=subject)
    spec = _net(name, spec) if subject == ON_NET else _surface(name, spec)
    for field, cell in zip(("precision", "compare"), st.columns(2)):
        with cell:
            spec = _plain(name, spec, field)
    return _plain(name, spec, "seed")


def _plain(name: str, spec: pg.GradientCheck, field: str, part: str = "") -> pg.GradientCheck:
    made = PLAIN[field]
    return replace(
        spec, **{field: controls.knob(field, made, getattr(spec, field), lines.key(name, part or field), made.label)}
    )


def _surface(name: str, spec: pg.GradientCheck) -> pg.GradientCheck:
    surface = controls.pick(pg.surfaces, spec.surface, "Surface", lines.key(name, "surface"), group=True)
    surface = controls.knobs(surface, lines.key(name, f"surface.{surface.name}"))
    if surface.name != spec.surface.name:
        spec = replace(spec, surface=surface, x=None, y=None)
    x, y = controls.place(surface, (spec.x, spec.y), lines.key(name, f"at.{surface.name}"), "At")
    spec = replace(spec, surface=surface, x=x, y=y)
    st.markdown("**Check your own**", help="Work the derivatives out by hand, and see whether they are right.")
    for field in ("dx", "dy"):
        spec = _plain(name, spec, field, f"{field}.{surface.name}")
    return spec


def _net(name: str, spec: pg.GradientCheck) -> pg.GradientCheck:
    small = controls.knobs(spec.small, lines.key(name, f"small.{spec.small.name}"))
    activation = controls.pick(pg.activations, spec.activation, "Activation", lines.key(name, "activation"))
    activation = controls.knobs(activation, lines.key(name, f"activation.{activation.name}"))
    st.caption(f"{small.dimension(activation):,} weights and biases, the dimension of the gradient.")
    return replace(spec, small=small, activation=activation)
