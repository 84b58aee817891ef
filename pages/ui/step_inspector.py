"""The step on show taken apart: a panel below the player that follows it without running the page again."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

import playground as pg
from pages.ui import downloads, link, page_cache
from pages.ui.component import component
from playground.choices.optimizers import Optimizer
from playground.labs import labs
from playground.messages import tr
from playground.record import RaceRecord, StepRecord
from playground.specs import InspectedStep
from playground.view import step_inspector as view

VIEW_STATE = {"inside": InspectedStep.read}
NOW = -1  # instead of a step: where the player is

step_inspector = component("step_inspector")


def view_state(page: str) -> dict[str, InspectedStep | None]:
    """What the address of the page says beside the race."""
    inside = _inside(page)
    return {"inside": inside if inside and inside.step != NOW else None}


def _inside(page: str) -> InspectedStep | None:
    return st.session_state.get(f"{page}.inside")


@st.fragment
def panel(page: str, spec: pg.Race, record: RaceRecord, start: int) -> None:
    """A switch; on, the step is drawn into the player's picture, and its numbers and formula come below."""

    def on_toggle() -> None:
        on = st.session_state[f"{page}.inspect"]
        st.session_state[f"{page}.inside"] = InspectedStep(spec.racers[_richest(spec)].look, NOW) if on else None

    def on_look() -> None:
        message = st.session_state[f"{page}.step_inspector"].look
        if message:
            st.session_state[f"{page}.inside"], st.session_state[f"{page}.heard"] = (
                InspectedStep(*message[:2]),
                message[2],
            )

    with st.container(key=f"{page}-step"):
        st.session_state[f"{page}.inspect"] = _inside(page) is not None
        st.toggle(
            tr("Inspect this step"), key=f"{page}.inspect", on_change=on_toggle,
            help=tr(
                "Gradient, memory and the local quadratic model in the picture; below, the formula with this step's "
                "numbers."
            ),
        )  # fmt: skip
        inside = _inside(page)
        if inside:
            index = _racer_index(spec, inside)
            inside = st.session_state[f"{page}.inside"] = inside._replace(look=spec.racers[index].look)
        link.keep(page, spec, view_state(page))
        if inside:
            step_record = page_cache.inspected_step(spec, index, max(inside.step, 0), start)
            data = view.payload(step_record, record, start, inside, st.session_state.get(f"{page}.heard", 0))
            step_inspector(key=f"{page}.step_inspector", data=data, height="content", on_look_change=on_look)
            with st.container(key=f"{page}-step-words"):
                _words(step_record, spec.racers[index].optimizer)
            if step_record.step >= 0:
                lab = labs()["step_inspector"]
                downloads.menu(lab, step_record.key, lambda: step_record, label=tr("Download this step"))


def _richest(spec: pg.Race) -> int:
    """Place of the racer with the most to show: the first with the most state variables."""
    counts = [len(racer.optimizer.State._fields) if hasattr(racer.optimizer, "State") else 0 for racer in spec.racers]
    return counts.index(max(counts))


def _racer_index(spec: pg.Race, inside: InspectedStep) -> int:
    """Place of the racer that is taken apart; the richest where it is no longer there."""
    looks = [racer.look for racer in spec.racers]
    return looks.index(inside.look) if inside.look in looks else _richest(spec)


def _words(record: StepRecord, optimizer: Optimizer) -> None:
    st.markdown(
        f"**{link.plain(str(view.title(record)))}**"
        + (f"  \n{link.plain(str(record.sentence))}" if record.sentence else "")
    )
    if record.step < 0:
        return
    worked, beside = st.columns(2, gap="medium")
    formula = [view.latex(line) for line in record.lines] or optimizer.formula_text
    with worked:
        for line in formula:
            st.latex(line)
        if record.lines:
            st.caption(tr("In the order of computation, with a few digits shown and all of them used."))
    (beside if formula else worked).code(optimizer.code(), language="python")
    with beside:
        st.markdown(_table((tr("each coordinate"), *record.axes), view.coordinates(record)))
        st.markdown(_table((tr("the step as a whole"), ""), view.measures(record)))


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table; numbers stand right."""
    lines = [head, ("---", *["---:"] * (len(head) - 1)), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
