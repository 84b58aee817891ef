"""The page of a lab: controls left, its figures right, and below them what can be taken away and what there is to say.

All of it follows from the declaration. A lab that wants more has a module of its own in `pages/labs`, with any of

    controls(lab, spec)              the left side; returns the spec as the widgets say
    forecast(lab, spec)              what it will return, if only knobs were turned: the pictures go first
    VIEW_STATE                       parts of the address beside the spec, as `link.current` has them
    view_state(lab)                  what these parts are now
    computed(lab, spec)              the record
    stage(lab, spec, record)         the pictures; returns what they show of the record, such as the start
    findings(lab, spec, record)      between the pictures and the row of buttons
    notes(lab, spec, record)         below it
    HAS_PLAYER                       whether the pictures hold the button that copies the link
    show(lab)                        the whole page, instead of all of these
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import streamlit as st

from pages.ui import charts, controls, copy_link, cross_links, downloads, lines, link, page_cache, presets_menu
from pages.ui.shell import theme
from playground.labs import Lab
from playground.messages import translate
from playground.specs import Spec


@cache
def own(lab: Lab) -> ModuleType | None:
    """The lab's own module, if it has one."""
    name = f"pages.labs.{lab.name}"
    return import_module(name) if find_spec(name) else None


def show(lab: Lab) -> None:
    """The whole page."""
    part: Any = own(lab)
    if hasattr(part, "show"):
        part.show(lab)
        return
    spec = link.current(lab.name, lab.spec, lab.first(), getattr(part, "VIEW_STATE", None))
    with st.container(key="lab-frame"):
        left, right = st.columns([1, 3], gap="medium")
        pictures = right.container(key="lab-stage")  # first, because a phone has it above the controls

        def draw(spec: Spec) -> tuple[Any, dict[str, Any] | None]:
            link.keep(lab.name, spec, part.view_state(lab) if hasattr(part, "view_state") else None)
            with right:
                record = getattr(part, "computed", computed)(lab, spec)
            with pictures:
                link.show_problems(lab.name, spec)
                return record, getattr(part, "stage", stage)(lab, spec, record)

        forecast = part.forecast(lab, spec) if hasattr(part, "forecast") else spec
        forecast_view = draw(forecast) if forecast != spec else None
        with left.container(key="lab-controls"):
            spec = getattr(part, "controls", all_controls)(lab, spec)
        if forecast_view and spec != forecast:
            link.keep(lab.name, spec)
            st.rerun()
        record, view = forecast_view or draw(spec)
        with right, st.container(key="lab-notes"):
            if hasattr(part, "findings"):
                part.findings(lab, spec, record)
            take_away(lab, spec, record, view)
            getattr(part, "notes", notes)(lab, spec, record)


def all_controls(lab: Lab, spec: Spec) -> Spec:
    """The menu of questions and a widget for every field."""
    if lab.questions:
        presets_menu.menu(lab, spec)
    return controls.fields(spec, spec.fields(), lambda part: lines.key(lab.name, part))


def computed(lab: Lab, spec: Spec) -> Any:
    """The record; a bar says how far it is, once it takes a while."""
    return page_cache.watch(lab.job(spec))


def stage(lab: Lab, spec: Spec, record: Any) -> dict[str, Any]:
    """The title, and every figure of the lab."""
    st.markdown(f"#### {link.plain(str(getattr(record, 'title', '') or translate(lab.title)))}")
    for figure in lab.figures:
        charts.show(figure.draw(record, theme()), f"{lab.name}.{figure.name}")
    return {}


def take_away(lab: Lab, spec: Spec, record: Any, view: dict[str, Any] | None) -> None:
    """Files, the link, and the way to other labs."""
    with st.container(horizontal=True, vertical_alignment="center"):
        downloads.menu(lab, record.key, lambda: record, view=view or {})
        if not getattr(own(lab), "HAS_PLAYER", False):  # which has the button
            copy_link.button(lab.name, spec)
        cross_links.links(spec)


def notes(lab: Lab, spec: Spec, record: Any) -> None:
    """What a command would print."""
    lines = [str(line).strip() for line in lab.lines(record)]
    if lines:
        st.markdown("\n".join(f"- {link.plain(line)}" for line in lines))
