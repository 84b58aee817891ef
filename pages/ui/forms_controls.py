"""The left side of the page Three forms: from the spec to widgets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

import playground as pg
from pages.ui import controls, lines, link, questions, stage
from playground.choices.surfaces import Surface
from playground.presets import FORMS
from playground.spec.forms import PLAIN

NAME = "forms"


def of(spec: pg.Forms) -> pg.Forms:
    """All controls; returns the spec as they say."""
    questions.menu(NAME, FORMS, spec, lambda preset: preset.make())
    form = _picked(pg.forms, spec.form, "Compare", "form")
    surface = _picked(pg.surfaces, spec.surface, "Surface", "surface", group=True)
    if surface.name != spec.surface.name:
        spec = replace(spec, surface=surface, x=None, y=None)
    x, y = controls.place(surface, (spec.x, spec.y), _start_key(surface), "Start")
    schedule = _picked(pg.schedules, spec.schedule, "Schedule", "schedule")
    cells, plain = st.columns(2), {}
    for i, field in enumerate(("steps", "noise", "seed")):
        with cells[i % 2]:
            plain[field] = controls.knob(field, PLAIN[field], getattr(spec, field), lines.key(NAME, field))
    return replace(spec, form=form, surface=surface, schedule=schedule, x=x, y=y, **plain)


def _picked(registry, choice, label: str, part: str, *, group: bool = False):
    """The menu of a registry and the knobs of what is chosen in it."""
    choice = controls.pick(registry, choice, label, lines.key(NAME, part), group=group)
    return controls.knobs(choice, lines.key(NAME, f"{part}.{choice.name}"))


def _start_key(surface: Surface) -> str:
    return lines.key(NAME, f"start.{surface.name}")


def moved() -> None:
    """The start was clicked or dragged in the player."""
    place, spec = stage.moved_start(), _held()
    if place is not None and (spec := _changed(spec, x=place[0], y=place[1])):
        for field in "xy":
            controls.fill(f"{_start_key(spec.surface)}.{field}", getattr(spec, field))


def turned() -> None:
    """Knobs of variants were turned in the player: the comparison's own knob follows, and with it all variants."""
    for place, name, value in stage.turned_knobs():
        form = _held().form
        before, own = getattr(form.variants()[place].rule, name), getattr(form, name)
        try:
            form = replace(form, **{name: value if before == own else own * value / before})
        except pg.ChoiceError as problem:
            st.toast(link.sentence(problem))
            continue
        _changed(_held(), form=form)
        controls.fill(lines.key(NAME, f"form.{form.name}.{name}"), getattr(form, name))


def _held() -> pg.Forms:
    return st.session_state[f"{NAME}.spec"]


def _changed(spec: pg.Forms, **fields: Any) -> pg.Forms | None:
    """The page's spec with other fields, before its widgets are drawn; None, and a word about it, if they are wrong."""
    try:
        st.session_state[f"{NAME}.spec"] = replace(spec, **fields)
    except pg.ChoiceError as problem:
        st.toast(link.sentence(problem))
        return None
    return _held()
