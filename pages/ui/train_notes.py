"""What follows below a training: what to look at, the formulas and sources of its parts, the same without a browser."""

from __future__ import annotations

import streamlit as st

from pages.ui.link import plain
from playground.choices.optimizers import Optimizer
from playground.choices.optimizers.formula import formula_with_numbers
from playground.messages import tr, translate
from playground.registry import Choice
from playground.specs.fields import ChoiceField, ChoicesField
from playground.specs.training import Comparison, Training


def tabs(spec: Comparison, index: int) -> None:
    """The tabs; only the open one is written. `index` is the run that is being edited."""
    looking, sources, code = st.tabs(
        [tr("What to look at"), tr("Formulas and sources"), tr("Without a browser")],
        key="train.tabs",
        on_change="rerun",
    )
    run = spec.runs[index]
    with looking:
        if looking.open:
            _watch(run)
    with sources:
        if sources.open:
            _sources(run)
    with code:
        if code.open:
            _code(spec)


def pieces(run: Training) -> list[tuple[str, Choice]]:
    """All choices of a training, each with the title of its field."""
    titled: list[tuple[str, Choice]] = []
    for name, field in run.fields().items():
        value = getattr(run, name)
        if isinstance(field, ChoicesField):
            titled += [(field.title, choice) for choice in value]
        elif isinstance(field, ChoiceField):
            titled.append((field.title, value))
    return titled


def _paragraph(text: str) -> str:
    """A paragraph of a choice's text as Markdown: only the names of knobs are marked in it."""
    return plain(translate(text), but="`")


def _head(title: str, choice: Choice) -> str:
    return f"**{_paragraph(choice.label)}** ({translate(title).lower()}). {_paragraph(choice.paragraphs()[''])}"


def _watch(run: Training) -> None:
    for title, choice in pieces(run):
        watch = choice.paragraphs().get("Watch")
        if watch:
            watch = _paragraph(watch)
            st.markdown(f"{_head(title, choice)} {watch[:1].upper()}{watch[1:]}")


def _sources(run: Training) -> None:
    for title, choice in pieces(run):
        text = choice.paragraphs()
        st.markdown(_head(title, choice))
        lines = formula_with_numbers(choice) if isinstance(choice, Optimizer) else []
        for line in lines:
            st.latex(line)
        if not lines and "Formula" in text:
            st.markdown(tr("Formula: {formula}", formula=_paragraph(text["Formula"])))
        source = text.get("Reference") or getattr(choice, "reference", "")
        if source:
            st.caption(_paragraph(source))


def _code(spec: Comparison) -> None:
    query = spec.to_query()
    st.markdown(tr("In a notebook, with the same numbers:"))
    lines = (
        "import playground as pg", f'spec = pg.Comparison.from_query("{query}")', "for run in spec.runs:",
        "    record = pg.run(run)", "    print(record.end.sentence, record.validations['accuracy'])",
    )  # fmt: skip
    st.code("\n".join(lines), language="python", wrap_lines=True)
    st.markdown(tr("On the command line, with a progress bar, into files:"))
    st.code(f'python -m playground train "{query}" --out results', language="bash", wrap_lines=True)
