"""Places the observatory: the component that follows trainings by reading their logs from the server."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui import runs
from pages.ui.component import component
from playground.presets import TRAININGS
from playground.spec.training import Comparison
from playground.view.observatory import ShownRun, payload

observatory = component("observatory")


def show(spec: Comparison, found: Sequence) -> None:
    """The runs of a comparison; in the place of such as nobody has trained yet, greyed, those that came with the app,
    or those seen before, or else a preset's.

    `found` holds how the Runner knows each run. The page runs again when the state of a run changes.
    """
    states = {one.state for one in found}
    greyed = states <= {"missing", "stored"}
    if not greyed:
        st.session_state["train.seen"] = spec
    elif states != {"stored"}:
        other = st.session_state.get("train.seen") or _stored()
        if other:
            spec, found = other, [runs.runner().status(run.key) for run in other.runs]
        greyed = bool(other)
    shown = [
        ShownRun(key=run.key, label=label, place=place, state=one.state, stored=greyed)
        for place, (run, label, one) in enumerate(zip(spec.runs, spec.labels(), found))
    ]
    data = payload(shown, visitor=runs.visitor())
    observatory(key="observatory", data=data, height="content", on_state_change=_turned)


def _stored() -> Comparison | None:
    """The first preset all of whose runs came with the app."""
    for preset in TRAININGS:
        comparison = preset.comparison()
        if all(runs.runner().status(run.key).state == "stored" for run in comparison.runs):
            return comparison
    return None


def _turned() -> None:
    """A run has begun, ended or moved up: that the page runs again is all there is to do."""
