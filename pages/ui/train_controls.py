"""The left side of the page Train: from the comparison to widgets and back, in the order of a training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st

from pages.ui import controls, lines, train_data, train_facts
from pages.ui.shell import theme
from playground.messages import Message, marked, tr, translate
from playground.numbers import setting
from playground.registry import Choice
from playground.specs.training import MOST_RUNS, Comparison, Training
from playground.view.theme import racer_style

NAME = "train"


@dataclass(frozen=True, kw_only=True)
class Section:
    """One line of the left side: its title, the fields of a training it opens to, and their values in words."""

    title: str
    parts: tuple[str, ...]
    summary: Callable[[Training], str]


def _list_text(choices: tuple[Any, ...]) -> str:
    return ", ".join(map(_short, choices)) or tr("none")


def _short(choice: Choice) -> str:
    """A choice in a summary: its label and its first number."""
    first = next(iter(choice.numbers()), None)
    return translate(choice.label) + (f" {setting(getattr(choice, first))}" if first else "")


def _optimizer(run: Training) -> str:
    rate = getattr(run.optimizer, "lr", None)
    label = Message(run.optimizer.label)
    return str(label) if rate is None else tr("{optimizer}, lr {rate:setting}", optimizer=label, rate=rate)


def _schedule(run: Training) -> str:
    about = {"schedule": Message(run.schedule.label), "n": run.epochs}
    if run.batch:
        batches = about | {"batch": run.batch}
        return tr("{schedule}, {n} epoch of {batch}", "{schedule}, {n} epochs of {batch}", **batches)
    return tr("{schedule}, {n} epoch of one batch", "{schedule}, {n} epochs of one batch", **about)


SECTIONS = (
    Section(
        title=marked("Data"),
        parts=("data", "images", "validation", "preprocessing"),
        summary=lambda run: tr("{data}, {n:count} images", data=Message(run.data.label), n=run.images),
    ),
    Section(title=marked("Net"), parts=("network", "activation", "normalization"), summary=train_facts.net_in_words),
    Section(title=marked("Init"), parts=("initializer",), summary=lambda run: translate(run.initializer.label)),
    Section(title=marked("Optimizer"), parts=("optimizer",), summary=_optimizer),
    Section(title=marked("Schedule"), parts=("schedule", "schedule_by", "batch", "epochs"), summary=_schedule),
    Section(title=marked("Regularize"), parts=("regularizers",), summary=lambda run: _list_text(run.regularizers)),
    Section(title=marked("Augment"), parts=("augmentations",), summary=lambda run: _list_text(run.augmentations)),
    Section(title=marked("Seed"), parts=("seed", "precision"), summary=lambda run: f"{run.seed}, {run.precision}"),
)


def _key(part: str) -> str:
    return lines.key(NAME, part)


def edited_index(spec: Comparison) -> int:
    """The index of the run that the controls edit."""
    slots = lines.slots(NAME, len(spec.runs))
    slot = st.session_state.get(_key("chosen"))
    return slots.index(slot) if slot in slots else 0


def controls_of(spec: Comparison) -> Comparison:
    """All controls; returns the comparison as they say."""
    index, slots = edited_index(spec), lines.slots(NAME, len(spec.runs))
    heads = st.container(gap="xsmall", key="train-runs")
    with st.container(gap="xsmall", key="train-sections"):
        run = _sections(spec.runs[index], f"run{slots[index]}")
    spec = replace(spec, runs=(*spec.runs[:index], run, *spec.runs[index + 1 :]))
    with heads:
        _runs(spec, slots, index)
    return spec


def _runs(spec: Comparison, slots: list[int], index: int) -> None:
    """A line for each run of a comparison; the controls below belong to the chosen one."""
    if len(slots) > 1:
        for i, (slot, label) in enumerate(zip(slots, spec.labels())):
            style = racer_style(i)
            sign = f':color[{style.sign}]{{foreground="{getattr(style, theme())}"}}'
            st.button(
                f"{sign} {label}", key=_key(f"run{slot}.pick"), type="secondary" if i == index else "tertiary",
                on_click=_on_choose, args=(slot,), width="stretch", help=None if i == index else tr("Edit this run"),
            )  # fmt: skip
        if len(set(spec.runs)) < len(spec.runs):
            st.caption(tr("Two runs are the same. Change something in the framed one."))
    with st.container(horizontal=True):
        add = tr("Compare with a changed copy" if len(slots) == 1 else "Copy")
        full = len(slots) >= MOST_RUNS
        st.button(
            add, icon=":material/content_copy:", key=_key("copy"), on_click=_on_copy, args=(index,), disabled=full
        )
        if len(slots) > 1:
            st.button(tr("Remove"), icon=":material/delete:", key=_key("remove"), on_click=_on_remove, args=(index,))


def _on_choose(slot: int) -> None:
    st.session_state[_key("chosen")] = slot


def _on_copy(index: int) -> None:
    spec, slots = st.session_state[f"{NAME}.spec"], st.session_state[f"{NAME}.slots"][1]
    runs = (*spec.runs[: index + 1], spec.runs[index], *spec.runs[index + 1 :])
    st.session_state[f"{NAME}.spec"] = replace(spec, runs=runs)
    slots.insert(index + 1, max(slots) + 1)
    for section in SECTIONS:  # what was open stays open in the copy
        if lines.is_open(_key(f"run{slots[index]}.{section.title}")):
            lines.toggle(_key(f"run{slots[index + 1]}.{section.title}"))
    _on_choose(slots[index + 1])


def _on_remove(index: int) -> None:
    spec, slots = st.session_state[f"{NAME}.spec"], st.session_state[f"{NAME}.slots"][1]
    st.session_state[f"{NAME}.spec"] = replace(spec, runs=(*spec.runs[:index], *spec.runs[index + 1 :]))
    del slots[index]
    _on_choose(slots[max(index - 1, 0)])


def _sections(run: Training, owner: str) -> Training:
    """A line for each section, and below it its widgets once it is opened."""
    for section in SECTIONS:
        base = _key(f"{owner}.{section.title}")
        with st.container(gap="xsmall"):
            head = st.container()
            if lines.is_open(base):
                with st.container(border=True):
                    run = _section(run, section, _key(owner))
        with head:
            lines.line(base, f"**{translate(section.title)}** {section.summary(run)}")
    return run


def _section(run: Training, section: Section, owner: str) -> Training:
    """The widgets of one section."""
    fields = Training.fields()
    own: dict[str, controls.Widget] = {
        "data": partial(controls.picked, fields["data"], knobs_of=train_data.dataset),
        "optimizer": partial(controls.picked, fields["optimizer"], make=train_facts.fitting),
        "regularizers": partial(controls.several, fields["regularizers"], note=partial(train_facts.idle, run)),
    }
    return controls.fields(run, section.parts, lambda part: f"{owner}.{part}", own)
