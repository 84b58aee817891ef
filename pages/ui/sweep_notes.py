"""The part below a learning-rate sweep: the tuned rates, what they buy, and what the picture says."""

from __future__ import annotations

import numpy as np
import streamlit as st

import playground as pg
from pages.ui import about, link, page_cache, racer_table
from pages.ui.shell import page_of
from playground.messages import tr
from playground.numbers import digits
from playground.record import SweepRecord
from playground.view.sweep_chart import limit_name


def tune(name: str, spec: pg.RateSweep, record: SweepRecord, start: int) -> None:
    """The button that gives every racer its best rate, and the link to their race with it."""
    tuned = spec.with_rates(record.tuned[:, start].tolist())
    with st.container(horizontal=True, vertical_alignment="center", key=f"{name}-tune"):
        st.button(
            tr("Tune each racer"), icon=":material/tune:", on_click=link.put, args=(name, tuned),
            disabled=tuned == spec,
            help=tr(
                "Gives every racer the best of its {n} rates, each run for {steps} steps: the lowest final loss; among "
                "equals the one that was within the tolerance first, then the smallest.",
                n=len(record.rates), steps=record.steps,
            ),
        )  # fmt: skip
        st.page_link(
            page_of("race"), label=tr("Race with these rates"), icon=":material/timeline:",
            query_params=page_cache.query_pairs(pg.Race.of(tuned)),
            help=tr("The race with every racer at its best rate."),
        )  # fmt: skip
    if tuned == spec:
        st.caption(tr("Every racer has its best rate."))


def table(record: SweepRecord, start: int) -> None:
    """Each racer's own and best rate, and the losses they lead to."""
    own = [
        tr("diverged") if diverged else digits(loss)
        for loss, diverged in zip(record.own_final[:, start], record.own_diverged[:, start])
    ]
    racer_table.show(
        record.labels,
        record.looks,
        {
            tr("Own rate"): list(map(digits, record.own)),
            tr("Its final loss"): own,
            tr("Best rate"): list(map(digits, record.tuned[:, start])),
            tr("Its final loss") + " ": list(map(digits, record.tuned_final[:, start])),
            tr("Stable up to"): list(map(digits, record.limits[:, start])),
        },
    )


def words(spec: pg.RateSweep, record: SweepRecord, start: int) -> None:
    """What the picture says, and how far to trust it."""
    lines = [_limit(record, start)]
    lines.append(
        tr(
            "Shaded: a racer's final loss lies above the loss at the start, or its run diverged; the darker, the more "
            "racers."
        )
    )
    lines += [
        tr("{racer} {remark}.", racer=label, remark=remark)
        for label, remark in zip(record.labels, record.remarks)
        if remark
    ]
    if record.noise:
        luck = tr("The gradients are noisy, so the last loss is partly luck, and so is the best of many rates.")
        lines.append(luck)
    st.markdown("\n".join(f"- {link.plain(line, but='$')}" for line in lines))
    st.markdown(about.words(spec.race.surface, look=True))
    st.caption(about.source(spec.race.surface.source))


def _limit(record: SweepRecord, start: int) -> str:
    if not np.isfinite(record.limit[start]):
        return tr("There is no minimum with a positive curvature to take a stability limit from.")
    x, y = record.minimum[start].tolist()
    values = {"name": limit_name(record), "limit": float(record.limit[start]), "x": x, "y": y}
    values |= {"curvature": float(record.curvature[start])}
    where = (
        tr(
            "The dashed line is {name} = {limit:digits}, where λ = {curvature:digits} is the largest curvature at the "
            "nearest global minimum ({x:digits}, {y:digits}) and d = {decay:digits} the decoupled weight decay: above "
            "it SGD leaves this minimum.",
            **values, decay=float(record.decay),
        )
        if record.decay
        else tr(
            "The dashed line is {name} = {limit:digits}, where λ = {curvature:digits} is the largest curvature at the "
            "nearest global minimum ({x:digits}, {y:digits}): above it SGD leaves this minimum.",
            **values,
        )
    )  # fmt: skip
    return f"{where} " + tr(
        "'Stable up to' is the same for each rule that is linear in the gradient, such as 2 (1 + ρ)/λ for momentum, "
        "from the eigenvalues of its step; rules that divide by the gradient's size, and rates that change with a "
        "schedule, have no such limit."
    )
