"""Start, Stop and Resume; what a training costs and where it stands in line."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.ui import controls, lines, runs, train_clock, train_facts
from pages.ui.link import sentence
from pages.ui.shell import theme
from playground.registry import ChoiceError
from playground.spec.training import Comparison
from playground.view.theme import look

NAME = "train"
ACTIVE = ("queued", "starting", "running")
WORDS = {
    "missing": "not trained yet",
    "stored": "not trained yet",
    "queued": "waits for its turn",
    "starting": "starting",
    "running": "trains",
    "finished": "finished",
    "stopped": "stopped at a checkpoint",
    "failed": "failed",
    "lost": "interrupted",
}
# What the buttons and the figures say as well.
QUIET = ("Not trained yet", "Trains", "Finished", "Stopped at a checkpoint, can be resumed")


def states(spec: Comparison) -> list:
    """How each run is, as the Runner has it."""
    return [runs.runner().status(run.key) for run in spec.runs]


def _words(found: list) -> tuple:
    return tuple((one.state, one.resumable, one.test) for one in found)


def panel(spec: Comparison, found: list) -> None:
    """What the comparison costs, its buttons and its place in line."""
    st.session_state[f"{NAME}.words"] = _words(found)
    store = runs.runner().store
    lacks = dict.fromkeys(run.data.missing() for run in spec.runs)
    cost = train_facts.cost(spec, sum(train_clock.seconds(run, store) for run in spec.runs))
    st.caption("  \n".join([*(f":material/cloud_off: {sentence(lack)}" for lack in lacks if lack), cost]))
    # Whoever waits in a line or for a test looks again; all other news come with the figures.
    waits = any(one.state in ACTIVE[:1] or one.test not in ("", "done") for one in found)
    (st.fragment(_panel, run_every=1.5) if waits else _panel)(spec)


def _panel(spec: Comparison) -> None:
    found = states(spec)
    if _words(found) != st.session_state[f"{NAME}.words"]:
        st.rerun()
    with st.container(horizontal=True, gap="small"):
        _buttons(spec, found)
    before = [key for key in _asked() if key not in {run.key for run in spec.runs} and _is_active(key)]
    if before:
        st.button(
            "Stop the run before", icon=":material/stop:", key=lines.key(NAME, "stop before"), type="tertiary",
            on_click=_leave, args=(before,), help="It goes on with the settings it was started with.",
        )  # fmt: skip
    for problem in (st.session_state.pop(f"{NAME}.refused", ""), runs.runner().problem):
        if problem:
            st.warning(sentence(problem), icon=":material/block:")
    told = [line_of(one) for one in found]
    if not {*told} <= {*QUIET}:
        several = len({*told}) > 1
        st.caption("  \n".join(sign(place) + text for place, text in enumerate(told)) if several else told[0])


def sign(place: int) -> str:
    """The mark of a run in its colour, for texts."""
    style = look(place)
    return f':color[{style.sign}]{{foreground="{getattr(style, theme())}"}} '


def line_of(status) -> str:
    """How one run is, in words."""
    text = WORDS[status.state]
    if status.state == "queued" and status.position:
        text = f"{ordinal(status.position)} in line"
    if status.state in ACTIVE and status.watchers > 1:
        others = status.watchers - 1
        text += f", shared with {others} other{'s' if others > 1 else ''}"
    if status.resumable and status.state not in ACTIVE:
        text += ", can be resumed"
    return text[:1].upper() + text[1:]


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, ..."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _buttons(spec: Comparison, found: list) -> None:
    waiting = [one for one in found if one.state not in (*ACTIVE, "finished")]
    active = any(one.state in ACTIVE for one in found)
    wide = {"width": "stretch"}
    if waiting:
        label, icon = ("Resume", "resume") if all(one.resumable for one in waiting) else ("Start", "play_arrow")
        label += " the rest" * active
        st.button(
            label, icon=f":material/{icon}:", type="primary", key=lines.key(NAME, "start"), on_click=_start,
            disabled=any(hasattr(run.data, "digest") and run.data.missing() for run in spec.runs),
            args=(spec,), **wide,
        )  # fmt: skip
    if active:
        st.button(
            "Stop", icon=":material/stop:", key=lines.key(NAME, "stop"), on_click=_stop, args=(spec,), **wide,
            help="Leaves the run. It ends at a checkpoint where nobody else watches it, and can be resumed.",
        )  # fmt: skip
    if not waiting and not active:
        seeds = [replace(run, seed=(run.seed + 1) % 2**31) for run in spec.runs]
        st.button(
            "Start with another seed", icon=":material/casino:", key=lines.key(NAME, "again"), on_click=_again,
            args=(Comparison(runs=tuple(seeds)),), **wide,
            help="Other first weights, other batches: how much of what the curves show is chance?",
        )  # fmt: skip


def _again(spec: Comparison) -> None:
    """Train the same with the seeds of `spec`; the field of the seed, where it is open, goes along."""
    st.session_state[f"{NAME}.words"] = ()  # so that the page runs again as a whole
    st.session_state[f"{NAME}.spec"] = spec
    for slot, run in zip(lines.slots(NAME, len(spec.runs)), spec.runs):
        field = lines.key(NAME, f"run{slot}.seed")
        if field in st.session_state:
            controls.fill(field, run.seed)
    _start(spec)


def _asked() -> set[str]:
    """The runs that this session has asked for and not left."""
    return st.session_state.setdefault(f"{NAME}.asked", set())


def _is_active(key: str) -> bool:
    return runs.runner().status(key).state in ACTIVE


def _start(spec: Comparison) -> None:
    """Ask for all runs of the comparison, and leave those asked for before that are not in it."""
    _leave(sorted(_asked() - {run.key for run in spec.runs}))
    for run in spec.runs:
        try:
            runs.runner().submit(run, runs.visitor())
            _asked().add(run.key)
        except ChoiceError as problem:
            st.session_state[f"{NAME}.refused"] = str(problem)


def _stop(spec: Comparison) -> None:
    _leave([run.key for run in spec.runs])


def _leave(keys: list[str]) -> None:
    for key in keys:
        runs.runner().leave(key, runs.visitor())
        _asked().discard(key)
