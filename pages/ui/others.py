"""Links to the other pages that ask something of the same racers on the same surface."""

from __future__ import annotations

import streamlit as st

import playground as pg
from pages.ui import compute
from pages.ui.shell import BASINS_PAGE, RACE_PAGE, ROBUSTNESS_PAGE, SWEEP_PAGE
from playground.messages import Message, marked, tr, translate
from playground.spec import Question

PAGES: dict[type[pg.Race] | type[Question], tuple[str, str, str]] = {
    pg.Race: (RACE_PAGE, marked("Race"), marked("the race itself")),
    pg.BasinMap: (BASINS_PAGE, marked("Basins"), marked("where every other start ends")),
    pg.RateSweep: (
        SWEEP_PAGE,
        marked("Learning rates"),
        marked("which rate is best, and how wrong it may be"),
    ),
    pg.Robustness: (
        ROBUSTNESS_PAGE,
        marked("Robustness"),
        marked("how they do from other starts and with other noise"),
    ),
}


def links(spec: pg.Race | Question) -> None:
    """One for each page but the spec's own; each takes over what it can."""
    for kind, (page, label, more) in PAGES.items():
        if type(spec) is not kind:
            about = tr("Ask of these racers: {question}", question=Message(more))
            st.page_link(page, label=translate(label), help=about, query_params=_pairs(kind, spec))


def _pairs(kind: type[pg.Race] | type[Question], spec: pg.Race | Question) -> list[tuple[str, str]]:
    return compute.query_pairs(kind.of(spec))
