"""What the page Ranking says and shows of the ranking: words, table, links, and how it was made."""

from __future__ import annotations

import numpy as np
import streamlit as st

import playground as pg
from pages.ui import charts, compute, link
from pages.ui.shell import RACE_PAGE, theme
from playground.choices.optimizers.ecosystem import LIBRARIES
from playground.record import RankingRecord
from playground.spec.ranking import race_of
from playground.view import ranking as view

BEST = 5


def found(record: RankingRecord) -> None:
    """What the ranking says, and what it does not."""
    st.markdown(f"#### {view.heading(record)}")
    st.markdown(
        f"Each had up to **{record.tried} step sizes** from {record.lowest_rate:g} to {record.highest_rate:g} and "
        f"**{record.evaluations} evaluations** with each, from each surface's own start; the best run counts. "
        "Two coordinates, one start and no noise: this tells how a method copes with a shape, "
        "not how it trains a deep net."
    )


def table(record: RankingRecord) -> None:
    """The optimizers that are shown, best first; a click on a head sorts by it."""
    places = np.flatnonzero(record.shown)
    if not len(places):
        st.info("No optimizer has this in its name.", icon=":material/search_off:")
        return
    percent = {"format": "%.0f %%", "min_value": 0.0, "max_value": 100.0}
    st.dataframe(
        {
            "Place": places + 1,
            "Optimizer": [record.labels[i] for i in places],
            "Median rank": record.median[places],
            "Solved": 100 * record.solved[places],
            "Runs solved": 100 * record.wide[places],
            "Usual step size": [_middle(record.rates[i]) for i in places],
            "From": [record.groups[i] for i in places],
        },
        hide_index=True, width="stretch", height=min(35 * len(places) + 38, 458), key="ranking.table",
        column_config={
            "Place": st.column_config.NumberColumn(width=60),
            "Optimizer": st.column_config.TextColumn(width=190),
            "Median rank": st.column_config.NumberColumn(
                format="%.1f", help="the middle of its ranks over the surfaces, among all optimizers"
            ),
            "Solved": st.column_config.ProgressColumn(
                help=f"share of the surfaces on which at most {record.tolerance:g} of the loss was left", **percent
            ),
            "Runs solved": st.column_config.ProgressColumn(
                help="the same share of all runs, whatever their step size: how little the tuning matters", **percent
            ),
            "Usual step size": st.column_config.NumberColumn(
                format="%.2g", help="the middle of its best step sizes; empty where there is none to tune"
            ),
        },
    )  # fmt: skip


def _middle(rates: np.ndarray) -> float:
    held = rates[np.isfinite(rates)]
    return float(np.exp(np.median(np.log(held)))) if len(held) else np.nan


def best(spec: pg.Ranking, record: RankingRecord) -> None:
    """A link to the race of the best few on one surface."""
    if spec.race not in record.surfaces:
        st.caption(f"{pg.surfaces[spec.race].label} is not among the surfaces that count.")
        return
    place = record.surfaces.index(spec.race)
    shown = np.flatnonzero(record.shown)
    chosen = shown[np.argsort(record.gaps[shown, place], kind="stable")][:BEST]
    if len(chosen):
        race = race_of(
            spec.race, [(record.names[i], float(record.rates[i, place])) for i in chosen], record.evaluations
        )
        st.page_link(
            RACE_PAGE, label=f"**Race the best {len(chosen)} on {pg.surfaces[spec.race].label}**",
            icon=":material/timeline:", query_params=compute.query_pairs(race),
        )  # fmt: skip
        text = link.plain(", ".join(record.labels[i] for i in chosen)) + "."
        if np.isnan(record.rates[chosen, place]).any():
            text += (
                f" Who has no step size to tune had {record.evaluations * record.tried:,} evaluations in the ranking; "
                f"in this race everybody takes {record.evaluations} steps."
            )
        st.caption(text)


def tabs(record: RankingRecord) -> None:
    """The tabs; only the open one is computed."""
    names = ["Surfaces solved", "How it was computed", "Who cannot race"]
    share, how, absent = st.tabs(names, key="ranking.tabs", on_change="rerun")
    with share:
        if share.open and record.shown.any():
            charts.show(view.profile(record, theme()), "ranking.profile")
            st.caption(
                "The first of the table. A performance profile as in Dolan and Moré, Benchmarking optimization "
                "software with performance profiles, 2002, with the loss that is left in the place of time."
            )
    with how:
        if how.open:
            _how(record)
    with absent:
        if absent.open:
            st.markdown("\n".join(f"- {link.plain(one)}" for one in pg.optimizers.refused.values()))


def _how(record: RankingRecord) -> None:
    st.latex(r"\text{loss left} = \frac{f(x_{\text{end}}) - f^*}{f(x_{\text{start}}) - f^*}")
    libraries = " and ".join(library.group for library in LIBRARIES)
    st.markdown(
        f"- Whoever has a step size (lr, max_lr or size) runs with each of {record.tried} that its range allows, "
        "spaced evenly by their logarithm. All other knobs keep their defaults, those of the libraries too.\n"
        f"- A run ends after {record.evaluations} evaluations of loss, gradient or Hessian, so that a step with a "
        f"closure or a Hessian is paid for. Whoever has no step size runs once, for "
        f"{record.evaluations * record.tried:,} evaluations.\n"
        "- The last loss counts, not the lowest on the way. f* is the lowest loss; where a surface has none, the "
        "lowest in its window, and whoever gets below it has nothing left. Below 10⁻¹⁰ all are equal.\n"
        "- Ranks are among all optimizers on a surface. The table is ordered by their median over the surfaces, then "
        "by the surfaces solved.\n"
        f"- Optimizers of {libraries} see the point as a parameter with two entries; those that are made for "
        "matrices see a matrix of one row.\n"
        f"- Computed on {record.date} with {record.versions} by `python -m playground rank`; a test computes a part "
        "of it again."
    )
