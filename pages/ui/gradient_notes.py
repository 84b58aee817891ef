"""The part below the V: the reader's own gradient, what numeric gradients cost, and formulas."""

from __future__ import annotations

import numpy as np
import streamlit as st

import playground as pg
from pages.ui import about, charts, downloads, link, page_cache
from pages.ui.shell import theme
from playground.labs import labs
from playground.messages import Message, tr
from playground.numbers import digits
from playground.record import CheckRecord, OwnRecord


def verdicts(record: CheckRecord) -> None:
    """What the check found, sentence by sentence."""
    st.markdown("\n".join(f"- {link.plain(str(line))}" for line in record.sentences))


def own(record: OwnRecord, axes: tuple[str, str]) -> None:
    """The verdict on the reader's own derivatives, and the random points it rests on."""
    (st.success if record.right else st.error)(
        "  \n".join(link.plain(str(line)) for line in record.sentences),
        icon=":material/check:" if record.right else ":material/close:",
    )
    columns: dict[str, list[str]] = {axis: [digits(v) for v in record.points[:, i]] for i, axis in enumerate(axes)}
    for i, axis in enumerate(axes):
        if np.isfinite(record.own[:, i]).any():
            parts = {
                tr("yours"): record.own, tr("exact"): record.exact, tr("numeric"): record.numeric,
                tr("error"): record.errors,
            }  # fmt: skip
            columns |= {f"df/d{axis} {label}": [digits(v) for v in part[:, i]] for label, part in parts.items()}
    with st.expander(tr("At random points of the window")):
        st.dataframe(columns, hide_index=True, width="stretch")


def tabs(spec: pg.GradientCheck, record: CheckRecord) -> None:
    """The tabs; only the open one is computed."""
    names = [tr("What a numeric gradient costs"), tr("Formulas and thresholds")]
    price, formulas = st.tabs(names, key="gradients.tabs", on_change="rerun")
    with price:
        if price.open:
            _cost(spec)
    with formulas:
        if formulas.open:
            _formulas(record)


def _cost(spec: pg.GradientCheck) -> None:
    record = page_cache.record(pg.GradientCost.of(spec))
    lab = labs()["cost"]
    charts.show(lab.figures[0].draw(record, theme()), "gradients.cost")
    st.markdown("\n".join(f"- {link.plain(str(line))}" for line in record.sentences))
    st.caption(
        tr(
            "{net}, {narrow} to {wide} units wide. Evaluations follow from the formula; times were measured on the "
            "machine that serves this page, as medians of {n}.",
            net=record.title, narrow=record.widths[0], wide=record.widths[-1], n=record.repeats,
        )
    )  # fmt: skip
    downloads.menu(lab, record.key, lambda: record, label=tr("Download the costs"))


def _formulas(record: CheckRecord) -> None:
    if record.latex:
        st.latex(f"f = {record.latex}")
    st.latex(r"\text{relative error} = \frac{|a - n|}{\max(|a|, |n|)}")
    ends = "; ".join(
        tr("up to {end:g}: {verdict}", end=end, verdict=Message(words)) if end < 1
        else tr("above: {verdict}", verdict=Message(words))
        for end, words in record.bands
    )  # fmt: skip
    st.markdown(f"{tr('With $a$ the exact and $n$ the numeric gradient.')} {ends[:1].upper()}{ends[1:]}.")
    for cls in pg.differences.values():
        st.markdown(about.words(cls))
        left_out = rf"\text{{{tr('left out:')} }} {cls.truncation_text}"
        st.latex(rf"{cls.formula_text} \qquad {left_out}")
        st.caption(about.reference(cls.reference))
    st.markdown(
        tr(
            "The dotted lines are the error that theory predicts: on the right the truncation of the Taylor series, "
            "on the left the rounding of two values, each taken as $\\epsilon\\,(|f| + |x f'|)$, divided by $h$."
        )
    )
    st.caption(tr("Thresholds: {source}.", source="Stanford CS231n, notes on neural networks 3, gradient checks"))
