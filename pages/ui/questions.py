"""The questions that pages can start from: the menu of a page, and all of them for Home."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import streamlit as st

from pages.ui import compute, link, shell
from playground import presets
from playground.messages import marked, tr, translate
from playground.presets import Preset, TrainingPreset
from playground.spec import Spec

P = TypeVar("P", Preset, TrainingPreset)


class Shelf(NamedTuple):
    """The questions of one page, and what the page is about, after its title."""

    page: str
    title: str
    about: str
    presets: Sequence[Preset | TrainingPreset]


SHELVES = (
    Shelf(shell.RACE_PAGE, marked("Race"), marked("optimizers on a loss surface"), presets.PRESETS),
    Shelf(shell.BASINS_PAGE, marked("Basins"), marked("where every start ends"), presets.BASINS),
    Shelf(shell.SWEEP_PAGE, marked("Learning rates"), marked("which one, and how wrong it may be"), presets.SWEEPS),
    Shelf(shell.ROBUSTNESS_PAGE, marked("Robustness"), marked("other starts and other noise"), presets.CROWDS),
    Shelf(shell.GRADIENTS_PAGE, marked("Gradient check"), marked("exact against numeric"), presets.CHECKS),
    Shelf(shell.FORMS_PAGE, marked("Three forms"), marked("one method, written differently"), presets.FORMS),
    Shelf(shell.TRAIN_PAGE, marked("Train"), marked("a small net on images"), presets.TRAININGS),
)


def leads_to(preset: Preset | TrainingPreset, label: str) -> None:
    """A link to the page of a preset, with its spec."""
    page = next(shelf.page for shelf in SHELVES if preset in shelf.presets)
    spec = preset.race() if isinstance(preset, Preset) else preset.comparison()
    st.page_link(page, label=label, query_params=compute.query_pairs(spec))


def menu(name: str, presets: Sequence[P], spec: Spec, spec_of: Callable[[P], Spec]) -> None:
    """It shows a question as long as the page's spec is the one that answers it, and where to look."""
    asked = {preset.question: preset for preset in presets}
    shown = next((preset for preset in presets if spec_of(preset) == spec), None)
    st.session_state[f"{name}.preset"] = shown.question if shown else None

    def take() -> None:
        chosen = st.session_state[f"{name}.preset"]
        if chosen:
            link.put(name, spec_of(asked[chosen]))

    st.selectbox(
        tr("Start from a question"), list(asked), index=None, key=f"{name}.preset", on_change=take,
        placeholder=tr("Start from a question"), format_func=translate, label_visibility="collapsed",
    )  # fmt: skip
    if shown:
        st.caption(translate(shown.look))
