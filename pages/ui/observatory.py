"""Places the observatory: the component that follows trainings by reading their logs from the server."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui import runs
from pages.ui.component import component
from playground.messages import NOTHING, Message, marked
from playground.presets import TRAININGS
from playground.specs.training import Comparison
from playground.view.observatory import ShownRun, payload

observatory = component("observatory")

STORED = Message("This is the stored run; press Start to train your own.")
SEEN = Message("Not trained yet: below is what was shown before. Press Start to train it.")
EXAMPLE = marked('Not trained yet: below is a stored example, "{question}" Press Start to train your own.')


def show(spec: Comparison, statuses: Sequence) -> None:
    """The runs of a comparison; instead of such as nobody has trained yet, greyed, those that came with the app,
    or those seen before, or else a preset's.

    `statuses` holds how the Runner knows each run. The page runs again when the state of a run changes.
    """
    states = {status.state for status in statuses}
    greyed, note = states <= {"missing", "stored"}, NOTHING
    if not greyed:
        st.session_state["train.seen"] = spec
    elif states == {"stored"}:
        note = STORED
    else:
        replacement, note = _replacement()
        if replacement:
            spec, statuses = replacement, [runs.runner().status(run.key) for run in replacement.runs]
        greyed = bool(replacement)
    shown_runs = [
        ShownRun(key=run.key, label=label, place=index, state=status.state, stored=greyed)
        for index, (run, label, status) in enumerate(zip(spec.runs, spec.labels(), statuses))
    ]
    data = payload(shown_runs, visitor=runs.visitor(), note=str(note))
    observatory(key="observatory", data=data, height="content", on_state_change=_on_state)


def _replacement() -> tuple[Comparison | None, Message]:
    """What this session has looked at last, else the first preset that is there as a whole; and what to say of it."""
    if "train.seen" in st.session_state:
        return st.session_state["train.seen"], SEEN
    for preset in TRAININGS:
        comparison = preset.comparison()
        if all(runs.runner().status(run.key).state in ("stored", "finished") for run in comparison.runs):
            return comparison, Message(EXAMPLE, question=Message(preset.question))
    return None, NOTHING


def _on_state() -> None:
    """A run has begun, ended or moved up: that the page runs again is all there is to do."""
