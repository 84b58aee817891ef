"""Settings changed while a run trains: each becomes part of the spec, as "from step t"."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.ui import controls, lines, link, runs
from playground.choices.live import live
from playground.messages import Message, tr, translate
from playground.registry import ChoiceError
from playground.specs.training import Switch, Training

NAME = "train"


def changes(run: Training, index: int, trains: bool) -> None:
    """The changes of a run so far, and fields to make another one while it trains."""
    if not (trains or run.switches):
        return
    with st.container(border=True, key=lines.key(NAME, "changes"), gap="xsmall"):
        st.markdown(tr("**Change while it trains**" if trains else "**Changed while it trained**"))
        if trains:
            _fields(run, index)
        for switch in run.switches:
            _switch(run, index, switch)


def _fields(run: Training, index: int) -> None:
    cells = st.columns(2)
    for i, (field, value) in enumerate(run.settings().items()):
        knob = live[field].knob
        key = lines.key(NAME, f"change{index}.{field}")
        with cells[i % 2]:
            if value is None:
                label, why = translate(knob.label), str(live[field].absent)
                st.text_input(label, value=tr("none"), disabled=True, key=f"{key}.none", help=why)
                continue
            st.session_state[key] = float(value)
            st.number_input(
                translate(knob.label), min_value=min(knob.low, value),  # some begin out of range
                max_value=max(knob.high, value),
                step=controls.number_step(knob, value), format="%g", key=key, on_change=_on_change,
                args=(run, index, field, key), help=controls.number_help(knob),
            )  # fmt: skip


def _on_change(run: Training, index: int, field: str, key: str) -> None:
    value = st.session_state[key]
    if value is None:
        return
    try:
        new_run = runs.runner().change(run, field, value, runs.visitor())
    except ChoiceError as problem:
        st.toast(link.sentence(problem), icon=":material/block:")
        return
    requested = st.session_state.setdefault(f"{NAME}.asked", set())
    requested.discard(run.key)
    requested.add(new_run.key)
    _put(new_run, index)


def _put(run: Training, index: int) -> None:
    spec = st.session_state[f"{NAME}.spec"]
    st.session_state[f"{NAME}.spec"] = replace(spec, runs=(*spec.runs[:index], run, *spec.runs[index + 1 :]))


def _values(switch: Switch) -> dict[str, object]:
    return {"step": switch.step, "setting": Message(live[switch.field].knob.label), "value": switch.value}


def _switch(run: Training, index: int, switch: Switch) -> None:
    def on_remove() -> None:
        _put(replace(run, switches=tuple(other for other in run.switches if other != switch)), index)

    st.button(
        tr("From step {step:count}: {setting} {value:exact}", **_values(switch)), icon=":material/delete:",
        key=lines.key(NAME, f"change{index}.{switch.to_text()}"), on_click=on_remove, type="tertiary",
        help=tr("Without this change"),
    )  # fmt: skip
