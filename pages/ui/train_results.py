"""What one takes away from trainings: files, and the accuracy on the test images, once it is asked for."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.ui import copy_link, downloads, lines, runs, train_status
from pages.ui.link import sentence
from playground.labs import Lab
from playground.messages import marked, tr
from playground.registry import ChoiceError
from playground.runs.local import stored
from playground.runs.store import TESTED
from playground.specs.training import Comparison, Training

NAME = "train"


def results(lab: Lab, spec: Comparison, found: list) -> None:
    """Files of those runs of which something is stored, and the test of those that have ended."""
    with st.container(horizontal=True, vertical_alignment="center"):
        _files(lab, spec, found)
        copy_link.button(NAME, spec)
        _test_part(spec, found)


def _files(lab: Lab, spec: Comparison, found: list) -> None:
    store = runs.runner().store
    if any(status.size and store.has_record(run.key) for run, status in zip(spec.runs, found)):
        downloads.menu(lab, spec.key, partial(stored, spec, store))


def _test_part(spec: Comparison, found: list) -> None:
    """The button that has the test images evaluated, and what came of it."""
    ended = [(place, run, one) for place, (run, one) in enumerate(zip(spec.runs, found)) if one.state == "finished"]
    untested = [run for _, run, one in ended if not one.test]
    if untested:
        st.button(
            tr("Evaluate on the test set"), icon=":material/verified:", key=lines.key(NAME, "test"), on_click=_test,
            args=(untested,), help=tr("Once, at the end: if you tune on the test set, it is no longer a test set."),
        )  # fmt: skip
    for place, run, one in ended:
        mark = train_status.sign(place) if len(spec.runs) > 1 else ""
        tested = runs.runner().store.tested(run.key) if one.test == TESTED else None
        if tested:
            words = marked("**{accuracy:percent1}** of the test images right, loss {loss:digits}")
            st.markdown(mark + tr(words, accuracy=tested.accuracy, loss=tested.loss))
        elif one.test:
            st.markdown(mark + sentence(one.test))


def _test(chosen: list[Training]) -> None:
    for run in chosen:
        try:
            runs.runner().test(run)
        except ChoiceError as problem:
            st.session_state[f"{NAME}.refused"] = problem.message
