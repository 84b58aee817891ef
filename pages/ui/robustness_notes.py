"""What stands below a crowd of runs: the table, and how it was counted."""

from __future__ import annotations

import streamlit as st

import playground as pg
from pages.ui import link, racer_table
from playground.numbers import count, digits, percent
from playground.record import RobustnessRecord


def table(record: RobustnessRecord) -> None:
    """Quartiles of the final loss of each racer, and the shares of its runs that arrived and that diverged."""
    lower, median, upper = (list(map(_loss, part)) for part in record.quartiles.T)
    racer_table.show(
        record.labels,
        record.looks,
        {
            "Median final loss": median,
            "Lower quartile": lower,
            "Upper quartile": upper,
            "Within tolerance": list(map(_share, record.reached)),
            "Diverged": list(map(_share, record.diverged)),
            "Runs": list(map(count, record.runs)),
        },
    )


def _loss(value: float) -> str:
    return "diverged" if value == float("inf") else digits(value)


def _share(part: float) -> str:
    return percent(part, 1)


def words(spec: pg.Robustness, record: RobustnessRecord) -> None:
    """How it was counted."""
    runs = count(record.compared)
    lines = [
        "A racer wins a run when its final loss is the lowest; those within rounding of it (10⁻¹², more where the "
        f"surface's lowest value is large) share the win. Counted over the {runs} runs that all racers made: the same "
        "starts, the same noise.",
        "A run that left the finite numbers counts as infinitely high from there on, and cannot win.",
        f"Within tolerance is who came within {record.tolerance:g} of the lowest value at some step.",
    ]
    if not spec.race.noise:
        lines.append(
            "Without noise every draw would give the same run, so only the starts differ."
            if len(record.seeds) == 1
            else "Without noise only the random searches differ from draw to draw."
        )
    lines += [f"{label} {remark}." for label, remark in zip(record.labels, record.remarks) if remark]
    st.markdown("\n".join(f"- {link.plain(line)}" for line in lines))
    st.markdown(f"**{spec.race.surface.label}.** {spec.race.surface.summary()} {spec.race.surface.look}")
    st.caption(f"Source: {spec.race.surface.source}")
