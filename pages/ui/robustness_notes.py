"""The part below a crowd of runs: the table, and how it was counted."""

from __future__ import annotations

import streamlit as st

import playground as pg
from pages.ui import about, link, racer_table
from playground.messages import tr
from playground.numbers import count, digits, percent
from playground.record import RobustnessRecord


def table(record: RobustnessRecord) -> None:
    """Quartiles of the final loss of each racer, and the shares of its runs that arrived and that diverged."""
    lower, median, upper = (list(map(_loss, part)) for part in record.quartiles.T)
    racer_table.show(
        record.labels,
        record.looks,
        {
            tr("Median final loss"): median,
            tr("Lower quartile"): lower,
            tr("Upper quartile"): upper,
            tr("Within tolerance"): list(map(_share, record.reached)),
            tr("Diverged"): list(map(_share, record.diverged)),
            tr("Runs"): list(map(count, record.runs)),
        },
    )


def _loss(value: float) -> str:
    return tr("diverged") if value == float("inf") else digits(value)


def _share(part: float) -> str:
    return percent(part, 1)


def words(spec: pg.Robustness, record: RobustnessRecord) -> None:
    """How it was counted."""
    lines = [
        tr(
            "A racer wins a run when its final loss is the lowest; those within rounding of it (10⁻¹², more where the "
            "surface's lowest value is large) share the win. Counted over the {runs:count} runs that all racers made: "
            "the same starts, the same noise.",
            runs=record.compared,
        ),
        tr("A run that diverged (NaN or infinite) counts as infinitely high from there on, and cannot win."),
        tr("Within tolerance: some step came within {tolerance:g} of the minimum.",
           tolerance=record.tolerance),
    ]  # fmt: skip
    if not spec.race.noise:
        lines.append(
            tr("Without noise every draw would give the same run, so only the starts differ.")
            if len(record.seeds) == 1
            else tr("Without noise only the random searches differ from draw to draw.")
        )
    lines += [
        tr("{racer} {remark}.", racer=label, remark=remark)
        for label, remark in zip(record.labels, record.remarks)
        if remark
    ]
    st.markdown("\n".join(f"- {link.plain(line)}" for line in lines))
    st.markdown(about.words(spec.race.surface, look=True))
    st.caption(about.source(spec.race.surface.source))
