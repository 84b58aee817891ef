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


def results(lab: Lab, spec: Comparison, states: list) -> None:
    """Files of those runs of which something is stored, and the test of those that have ended."""
    with st.container(horizontal=True, vertical_alignment="center"):
        _files(lab, spec, states)
        copy_link.button(NAME, spec)
        _test_part(spec, states)


def _files(lab: Lab, spec: Comparison, states: list) -> None:
    store = runs.runner().store
    if any(status.size and store.has_record(run.key) for run, status in zip(spec.runs, states)):
        downloads.menu(lab, spec.key, partial(stored, spec, store))


def _test_part(spec: Comparison, states: list) -> None:
    """The button that has the test images evaluated, and what came of it."""
    ended_runs = [
        (index, run, status.test)
        for index, (run, status) in enumerate(zip(spec.runs, states))
        if status.state == "finished"
    ]
    untested = [run for _, run, test in ended_runs if not test]
    if untested:
        st.button(
            tr("Evaluate on the test set"), icon=":material/verified:", key=lines.key(NAME, "test"), on_click=_on_test,
            args=(untested,), help=tr("Once, at the end: if you tune on the test set, it is no longer a test set."),
        )  # fmt: skip
    for index, run, test in ended_runs:
        mark = train_status.sign(index) if len(spec.runs) > 1 else ""
        result = runs.runner().store.test_result(run.key) if test == TESTED else None
        if result:
            words = marked("**{accuracy:percent1}** of the test images right, loss {loss:digits}")
            st.markdown(mark + tr(words, accuracy=result.accuracy, loss=result.loss))
        elif test:
            st.markdown(mark + sentence(test))


def _on_test(untested_runs: list[Training]) -> None:
    for run in untested_runs:
        try:
            runs.runner().test(run)
        except ChoiceError as problem:
            st.session_state[f"{NAME}.refused"] = problem.message
