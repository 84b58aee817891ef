"""Settings changed while a run trains: each becomes part of the spec, as "from step t"."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.ui import controls, lines, link, runs
from playground.choices.optimizers.whole_net import changeable
from playground.messages import Message, marked, tr, translate
from playground.registry import ChoiceError
from playground.spec.training import CHANGEABLE, Switch, Training

NAME = "train"
HELP = {
    "lr": marked("the full rate, which the schedule goes on to multiply"),
    "momentum": marked("share of the velocity, or of the mean of gradients, that is kept at every step"),
    "weight_decay": marked("share of each weight lost per unit of learning rate"),
    "dropout": marked("share of units silenced"),
}
WHY_NOT = {
    "lr": marked("This optimizer chooses its own step lengths."),
    "momentum": marked("This optimizer has no momentum."),
    "weight_decay": marked("This optimizer has no learning rate to multiply the decay with."),
    "dropout": marked("A net takes dropout along only if it is among the regularizers from the start; 0 will do."),
}


def changes(run: Training, place: int, trains: bool) -> None:
    """The changes of a run so far, and fields to make another one while it trains."""
    if not (trains or run.switches):
        return
    with st.container(border=True, key=lines.key(NAME, "changes"), gap="xsmall"):
        st.markdown(tr("**Change while it trains**" if trains else "**Changed while it trained**"))
        if trains:
            _fields(run, place)
        for switch in run.switches:
            _switch(run, place, switch)


def now(run: Training) -> dict[str, float | None]:
    """The settings as they are after the last change; None where the run has none."""
    knobs, recipe = changeable(type(run.optimizer)), run.recipe()
    first = {field: getattr(run.optimizer, name) if name else recipe.decay for field, name in knobs.items()}
    first["dropout"] = recipe.dropout
    last = {one.field: one.value for one in run.switches}
    return {field: None if first.get(field) is None else last.get(field, first[field]) for field in CHANGEABLE}


def _fields(run: Training, place: int) -> None:
    cells = st.columns(2)
    for i, (field, value) in enumerate(now(run).items()):
        made = CHANGEABLE[field]
        key = lines.key(NAME, f"change{place}.{field}")
        with cells[i % 2]:
            if value is None:
                label, why = translate(made.label), translate(WHY_NOT[field])
                st.text_input(label, value=tr("none"), disabled=True, key=f"{key}.none", help=why)
                continue
            st.session_state[key] = float(value)
            st.number_input(
                translate(made.label), min_value=min(made.low, value),  # some begin out of range
                max_value=max(made.high, value),
                step=controls.number_step(made, value), format="%g", key=key, on_change=_change,
                args=(run, place, field, key), help=controls.number_help(replace(made, help=HELP[field])),
            )  # fmt: skip


def _change(run: Training, place: int, field: str, key: str) -> None:
    value = st.session_state[key]
    if value is None:
        return
    try:
        changed = runs.runner().change(run, field, value, runs.visitor())
    except ChoiceError as problem:
        st.toast(link.sentence(problem), icon=":material/block:")
        return
    asked = st.session_state.setdefault(f"{NAME}.asked", set())
    asked.discard(run.key)
    asked.add(changed.key)
    _put(changed, place)


def _put(run: Training, place: int) -> None:
    spec = st.session_state[f"{NAME}.spec"]
    st.session_state[f"{NAME}.spec"] = replace(spec, runs=(*spec.runs[:place], run, *spec.runs[place + 1 :]))


def _shown(switch: Switch) -> dict[str, object]:
    return {"step": switch.step, "setting": Message(CHANGEABLE[switch.field].label), "value": switch.value}


def _switch(run: Training, place: int, switch: Switch) -> None:
    def remove() -> None:
        _put(replace(run, switches=tuple(one for one in run.switches if one != switch)), place)

    st.button(
        tr("From step {step:count}: {setting} {value:exact}", **_shown(switch)), icon=":material/delete:",
        key=lines.key(NAME, f"change{place}.{switch.to_text()}"), on_click=remove, type="tertiary",
        help=tr("Without this change"),
    )  # fmt: skip
