"""The left side of the page Three forms: from the spec to widgets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

import playground as pg
from pages.ui import controls, lines, link, player, presets_menu
from playground.labs import Lab

NAME = "forms"


def of(lab: Lab, spec: pg.Forms) -> pg.Forms:
    """All controls; returns the spec as they say."""
    presets_menu.menu(lab, spec)
    names = ("form", "surface", "x", "y", "schedule", "steps", "noise", "seed")
    return controls.fields(spec, names, _key)


def _key(part: str) -> str:
    return lines.key(NAME, part)


def on_start() -> None:
    """The start was clicked or dragged in the player."""
    point = player.moved_start()
    if point is not None and (spec := _change(_spec(), x=point[0], y=point[1])):
        for field in "xy":
            controls.fill(_key(controls.key_part(spec, spec.fields()[field])), getattr(spec, field))


def on_knob() -> None:
    """Knobs of variants were turned in the player: the comparison's own knob follows, and with it all variants."""
    for index, name, value in player.turned_knobs():
        form = _spec().form
        before, own = getattr(form.variants()[index].rule, name), getattr(form, name)
        try:
            form = replace(form, **{name: value if before == own else own * value / before})
        except pg.ChoiceError as problem:
            st.toast(link.sentence(problem))
            continue
        _change(_spec(), form=form)
        controls.fill(_key(f"form.{form.name}.{name}"), getattr(form, name))


def _spec() -> pg.Forms:
    return st.session_state[f"{NAME}.spec"]


def _change(spec: pg.Forms, **fields: Any) -> pg.Forms | None:
    """The page's spec with other fields, before its widgets are drawn; None, and a word about it, if they are wrong."""
    try:
        st.session_state[f"{NAME}.spec"] = replace(spec, **fields)
    except pg.ChoiceError as problem:
        st.toast(link.sentence(problem))
        return None
    return _spec()
