"""Start, Stop and Resume; what a training costs and its place in line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from pages.ui import controls, lines, runs, train_clock, train_facts
from pages.ui.link import sentence
from pages.ui.shell import theme
from playground.messages import NOTHING, Message, marked, tr
from playground.registry import ChoiceError
from playground.runs.store import TESTED
from playground.specs.training import Comparison
from playground.view.theme import racer_style

NAME = "train"
ACTIVE = ("queued", "starting", "running")
WORDS = {
    "missing": Message("Not trained yet"),
    "stored": Message("Not trained yet"),
    "queued": Message("Waits for its turn"),
    "starting": Message("Starting"),
    "running": Message("Trains"),
    "finished": Message("Finished"),
    "stopped": Message("Stopped at a checkpoint"),
    "failed": Message("Failed"),
    "lost": Message("Interrupted"),
    "newer": Message("Stored by a newer version of this program, which this one cannot read"),
}
RESUMED = marked("{state}, can be resumed")
# What the buttons and the figures say as well.
QUIET = {WORDS["missing"], WORDS["running"], WORDS["finished"], Message(RESUMED, state=WORDS["stopped"])}


def states(spec: Comparison) -> list:
    """How each run is, as the Runner has it."""
    return [runs.runner().status(run.key) for run in spec.runs]


def _words(statuses: list) -> tuple:
    return tuple((status.state, status.resumable, status.test) for status in statuses)


def panel(spec: Comparison, statuses: list) -> None:
    """What the comparison costs, its buttons and its place in line."""
    st.session_state[f"{NAME}.words"] = _words(statuses)
    store = runs.runner().store
    lacks = dict.fromkeys(run.data.missing() for run in spec.runs)
    cost = train_facts.cost(spec, sum(train_clock.seconds(run, store) for run in spec.runs))
    st.caption("  \n".join([*(f":material/cloud_off: {sentence(lack)}" for lack in lacks if lack), cost]))
    # A wait in line or for a test is polled; all other news come with the figures.
    waits = any(status.state in ACTIVE[:1] or status.test not in (NOTHING, TESTED) for status in statuses)
    (st.fragment(_panel, run_every=1.5) if waits else _panel)(spec)


def _panel(spec: Comparison) -> None:
    statuses = states(spec)
    if _words(statuses) != st.session_state[f"{NAME}.words"]:
        st.rerun()
    with st.container(horizontal=True, gap="small"):
        _buttons(spec, statuses)
    before = [key for key in _requested_keys() if key not in {run.key for run in spec.runs} and _is_active(key)]
    if before:
        st.button(
            tr("Stop the run before"), icon=":material/stop:", key=lines.key(NAME, "stop before"), type="tertiary",
            on_click=_on_leave, args=(before,), help=tr("It goes on with the settings it was started with."),
        )  # fmt: skip
    for problem in (st.session_state.pop(f"{NAME}.refused", ""), runs.runner().problem):
        if problem:
            st.warning(sentence(problem), icon=":material/block:")
    words = [line_of(status) for status in statuses]
    if not {*words} <= QUIET:
        several = len({*words}) > 1
        st.caption(
            "  \n".join(sign(index) + str(text) for index, text in enumerate(words)) if several else str(words[0])
        )


def sign(index: int) -> str:
    """The mark of a run in its colour, for texts."""
    style = racer_style(index)
    return f':color[{style.sign}]{{foreground="{getattr(style, theme())}"}} '


def line_of(status) -> Message:
    """How one run is, in words."""
    text = WORDS[status.state]
    if status.state == "queued" and status.position:
        text = Message("Number {place} in line", place=status.position)
    if status.state in ACTIVE and status.watchers > 1:
        others = status.watchers - 1
        text = Message("{state}, shared with {n} other", "{state}, shared with {n} others", state=text, n=others)
    if status.resumable and status.state not in ACTIVE:
        text = Message(RESUMED, state=text)
    return text


def _buttons(spec: Comparison, statuses: list) -> None:
    waiting = [status for status in statuses if status.state not in (*ACTIVE, "finished")]
    active = any(status.state in ACTIVE for status in statuses)
    wide: dict[str, Any] = {"width": "stretch"}
    if waiting:
        resumed = all(status.resumable for status in waiting)
        rest = tr("Resume the rest" if resumed else "Start the rest")
        icon = "resume" if resumed else "play_arrow"
        st.button(
            rest if active else tr("Resume" if resumed else "Start"), icon=f":material/{icon}:", type="primary",
            key=lines.key(NAME, "start"), on_click=_on_start,
            disabled=any(hasattr(run.data, "digest") and run.data.missing() for run in spec.runs),
            args=(spec,), **wide,
        )  # fmt: skip
    if active:
        st.button(
            tr("Stop"), icon=":material/stop:", key=lines.key(NAME, "stop"), on_click=_on_stop, args=(spec,), **wide,
            help=tr("Leaves the run. It ends at a checkpoint where nobody else watches it, and can be resumed."),
        )  # fmt: skip
    if not waiting and not active:
        seeds = [replace(run, seed=(run.seed + 1) % 2**31) for run in spec.runs]
        st.button(
            tr("Start with another seed"), icon=":material/casino:", key=lines.key(NAME, "again"), on_click=_on_again,
            args=(Comparison(runs=tuple(seeds)),), **wide,
            help=tr("Other first weights, other batches: how much of what the curves show is chance?"),
        )  # fmt: skip


def _on_again(spec: Comparison) -> None:
    """Train the same with the seeds of `spec`; the field of the seed, where it is open, goes along."""
    st.session_state[f"{NAME}.words"] = ()  # so that the page runs again as a whole
    st.session_state[f"{NAME}.spec"] = spec
    for slot, run in zip(lines.slots(NAME, len(spec.runs)), spec.runs):
        field = lines.key(NAME, f"run{slot}.seed")
        if field in st.session_state:
            controls.fill(field, run.seed)
    _on_start(spec)


def _requested_keys() -> set[str]:
    """The runs that this session has asked for and not left."""
    return st.session_state.setdefault(f"{NAME}.asked", set())


def _is_active(key: str) -> bool:
    return runs.runner().status(key).state in ACTIVE


def _on_start(spec: Comparison) -> None:
    """Ask for all runs of the comparison, and leave those asked for before that are not in it."""
    _on_leave(sorted(_requested_keys() - {run.key for run in spec.runs}))
    for run in spec.runs:
        try:
            runs.runner().submit(run, runs.visitor())
            _requested_keys().add(run.key)
        except ChoiceError as problem:
            st.session_state[f"{NAME}.refused"] = problem.message


def _on_stop(spec: Comparison) -> None:
    _on_leave([run.key for run in spec.runs])


def _on_leave(keys: list[str]) -> None:
    for key in keys:
        runs.runner().leave(key, runs.visitor())
        _requested_keys().discard(key)
