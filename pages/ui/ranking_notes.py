"""What the page Ranking says and shows of the ranking: words, table, links, and how it was made."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

import playground as pg
from pages.ui import charts, link, page_cache
from pages.ui.shell import page_of, theme
from playground.choices.optimizers.ecosystem import LIBRARIES
from playground.labs import Lab
from playground.messages import Message, listed, tr, translate
from playground.record import RankingRecord
from playground.specs.ranking import race_of
from playground.view import ranking as view

BEST = 5
PROFILES = "Dolan and Moré, Benchmarking optimization software with performance profiles, 2002"


def verdicts(record: RankingRecord) -> None:
    """What the ranking says, and what it does not."""
    st.markdown(f"#### {view.heading(record)}")
    st.markdown(
        tr(
            "Each had up to **{n} step sizes** from {low:g} to {high:g} and **{evaluations} evaluations** with each, "
            "from each surface's own start; the best run counts. Two coordinates, one start and no noise: this tells "
            "how a method copes with a shape, not how it trains a deep net.",
            n=record.tried, low=record.lowest_rate, high=record.highest_rate, evaluations=record.evaluations,
        )
    )  # fmt: skip


def table(record: RankingRecord) -> None:
    """The optimizers that are shown, best first; a click on a head sorts by it."""
    places = np.flatnonzero(record.shown)
    if not len(places):
        st.info(tr("No optimizer has this in its name."), icon=":material/search_off:")
        return
    percent: dict[str, Any] = {"format": "%.0f %%", "min_value": 0.0, "max_value": 100.0}
    st.dataframe(
        {
            tr("Place"): places + 1,
            tr("Optimizer"): [record.labels[i] for i in places],
            tr("Median rank"): record.median[places],
            tr("Solved"): 100 * record.solved[places],
            tr("Runs solved"): 100 * record.wide[places],
            tr("Usual step size"): [_middle(record.rates[i]) for i in places],
            tr("From"): [translate(record.groups[i]) for i in places],
        },
        hide_index=True, width="stretch", height=min(35 * len(places) + 38, 458), key="ranking.table",
        column_config={
            tr("Place"): st.column_config.NumberColumn(width=60),
            tr("Optimizer"): st.column_config.TextColumn(width=190),
            tr("Median rank"): st.column_config.NumberColumn(
                format="%.1f", help=tr("the middle of its ranks over the surfaces, among all optimizers")
            ),
            tr("Solved"): st.column_config.ProgressColumn(
                help=tr(
                    "share of the surfaces on which at most {tolerance:g} of the loss was left",
                    tolerance=record.tolerance,
                ),
                **percent,
            ),
            tr("Runs solved"): st.column_config.ProgressColumn(
                help=tr("the same share of all runs, whatever their step size: how little the tuning matters"),
                **percent,
            ),
            tr("Usual step size"): st.column_config.NumberColumn(
                format="%.2g", help=tr("the middle of its best step sizes; empty where there is none to tune")
            ),
        },
    )  # fmt: skip


def _middle(rates: np.ndarray) -> float:
    finite = rates[np.isfinite(rates)]
    return float(np.exp(np.median(np.log(finite)))) if len(finite) else np.nan


def best(spec: pg.Ranking, record: RankingRecord) -> None:
    """A link to the race of the best few on one surface."""
    surface = Message(pg.surfaces[spec.race].label)
    if spec.race not in record.surfaces:
        st.caption(tr("{surface} is not among the surfaces that count.", surface=surface))
        return
    index = record.surfaces.index(spec.race)
    optimizers = np.flatnonzero(record.shown)
    best_rows = optimizers[np.argsort(record.gaps[optimizers, index], kind="stable")][:BEST]
    if len(best_rows):
        race = race_of(
            spec.race, [(record.names[i], float(record.rates[i, index])) for i in best_rows], record.evaluations
        )
        st.page_link(
            page_of("race"), label=f"**{tr('Race the best {n} on {surface}', n=len(best_rows), surface=surface)}**",
            icon=":material/timeline:", query_params=page_cache.query_pairs(race),
        )  # fmt: skip
        text = link.plain(", ".join(record.labels[i] for i in best_rows)) + "."
        if np.isnan(record.rates[best_rows, index]).any():
            text += " " + tr(
                "An optimizer without a step size had {n:count} evaluations in the ranking; in this race each takes "
                "{steps} steps.",
                n=record.evaluations * record.tried, steps=record.evaluations,
            )  # fmt: skip
        st.caption(text)


def tabs(lab: Lab, record: RankingRecord) -> None:
    """The tabs; only the open one is computed."""
    names = [tr("Surfaces solved"), tr("How it was computed"), tr("Optimizers that cannot race")]
    share, how, absent = st.tabs(names, key="ranking.tabs", on_change="rerun")
    with share:
        if share.open and record.shown.any():
            charts.show(lab.figure("profile").draw(record, theme()), "ranking.profile")
            st.caption(
                tr(
                    "The best of the table. A performance profile as in {source}, with the remaining loss instead of "
                    "time.",
                    source=PROFILES,
                )
            )
    with how:
        if how.open:
            _how(record)
    with absent:
        if absent.open:
            st.markdown("\n".join(f"- {link.plain(str(reason))}" for reason in pg.optimizers.refused.values()))


def _how(record: RankingRecord) -> None:
    st.latex(rf"\text{{{tr('loss left')}}}" + r" = \frac{f(x_{\text{end}}) - f^*}{f(x_{\text{start}}) - f^*}")
    lines = (
        tr(
            "An optimizer with a step size (lr, max_lr or size) runs with each of {n} that its range allows, spaced "
            "evenly by their logarithm. All other knobs keep their defaults, those of the libraries too.",
            n=record.tried,
        ),
        tr(
            "A run ends after {n} evaluations of loss, gradient or Hessian, so that a closure or a Hessian counts for "
            "what it costs. One without a step size runs once, for {more:count} evaluations.",
            n=record.evaluations, more=record.evaluations * record.tried,
        ),
        tr(
            "The last loss counts, not the lowest on the way. f* is the lowest loss; where a surface has none, the "
            "lowest in its window, and a run that gets below it has none left. Below 10⁻¹⁰ all are equal."
        ),
        tr(
            "Ranks are among all optimizers on a surface. The table is ordered by their median over the surfaces, then "
            "by the surfaces solved."
        ),
        tr(
            "Optimizers of {libraries} see the point as a parameter with two entries; those that are made for matrices "
            "see a matrix of one row.",
            libraries=listed(library.group for library in LIBRARIES),
        ),
        tr(
            "Computed on {date} with {versions} by `{command}`; a test computes a part of it again.",
            date=record.date, versions=record.versions, command="python -m playground rank",
        ),
    )  # fmt: skip
    st.markdown("\n".join(f"- {line}" for line in lines))
