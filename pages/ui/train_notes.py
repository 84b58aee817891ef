"""What stands below a training: what to look at, the formulas and sources of its parts, the same without a browser."""

from __future__ import annotations

import inspect

import streamlit as st

from pages.ui.link import plain
from playground.choices.optimizers import Optimizer
from playground.choices.optimizers.formula import formula_with_numbers
from playground.registry import Choice
from playground.spec.fields import ChoiceField, ChoicesField
from playground.spec.training import Comparison, Training

HEADS = ("Formula", "Watch", "Reference")


def tabs(spec: Comparison, place: int) -> None:
    """The tabs; only the open one is written. `place` is the run that is being edited."""
    looking, sources, code = st.tabs(
        ["What to look at", "Formulas and sources", "Without a browser"], key="train.tabs", on_change="rerun"
    )
    run = spec.runs[place]
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
    found = []
    for name, one in run.fields().items():
        value = getattr(run, name)
        if isinstance(one, ChoicesField):
            found += [(one.title, choice) for choice in value]
        elif isinstance(one, ChoiceField):
            found.append((one.title, value))
    return found


def told(choice: Choice) -> dict[str, str]:
    """The paragraphs of a choice's text by their heads; the first one, without a head, under ""."""
    found = {}
    for paragraph in inspect.cleandoc(type(choice).__doc__).split("\n\n"):
        head, colon, rest = paragraph.partition(": ")
        known = colon and head in HEADS
        found.setdefault(head if known else "", " ".join((rest if known else paragraph).split()))
    return found


def _said(text: str) -> str:
    """A paragraph of a choice's text as Markdown: only the names of knobs are marked in it."""
    return plain(text, but="`")


def _watch(run: Training) -> None:
    for title, choice in pieces(run):
        text = told(choice)
        watch = text.get("Watch")
        if watch:
            watch = _said(watch[:1].upper() + watch[1:])
            st.markdown(f"**{_said(choice.label)}** ({title.lower()}). {_said(text[''])} {watch}")


def _sources(run: Training) -> None:
    for title, choice in pieces(run):
        text = told(choice)
        st.markdown(f"**{_said(choice.label)}** ({title.lower()}). {_said(text[''])}")
        lines = formula_with_numbers(choice) if isinstance(choice, Optimizer) else []
        for line in lines:
            st.latex(line)
        if not lines and "Formula" in text:
            st.markdown(f"Formula: {_said(text['Formula'])}")
        source = text.get("Reference") or getattr(choice, "reference", "")
        if source:
            st.caption(_said(source))


def _code(spec: Comparison) -> None:
    query = spec.to_query()
    st.markdown("In a notebook, with the same numbers:")
    lines = (
        "import playground as pg", f'spec = pg.Comparison.from_query("{query}")', "for run in spec.runs:",
        "    record = pg.run(run)", "    print(record.end.sentence, record.validations['accuracy'])",
    )  # fmt: skip
    st.code("\n".join(lines), language="python", wrap_lines=True)
    st.markdown("On the command line, with a progress bar, into files:")
    st.code(f'python -m playground train "{query}" --out results', language="bash", wrap_lines=True)
