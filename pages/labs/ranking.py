"""What the page Ranking shows besides its heat map: the table, and the race of the best."""

from __future__ import annotations

import streamlit as st

import playground as pg
from pages.ui import charts, lines, presets_menu, ranking_notes
from pages.ui import controls as widgets
from pages.ui.shell import theme
from playground.labs import Lab
from playground.messages import tr, translate
from playground.record import RankingRecord
from playground.view.ranking import MOST


def controls(lab: Lab, spec: pg.Ranking) -> pg.Ranking:
    """Which surfaces count and which optimizers are shown."""
    presets_menu.menu(lab, spec)
    return widgets.fields(spec, spec.fields(), lambda part: lines.key(lab.name, part), {"race": _surface}, 1)


def _surface(value: str, key: str) -> str:
    knob = pg.Ranking.knobs()["race"]
    return st.selectbox(
        translate(knob.label), knob.options, index=knob.options.index(value), key=key, help=translate(knob.help),
        format_func=lambda name: widgets.entry(pg.surfaces[name]),
    )  # fmt: skip


def stage(lab: Lab, spec: pg.Ranking, record: RankingRecord) -> None:
    """The table and the link to the race of the best."""
    ranking_notes.verdicts(record)
    ranking_notes.table(record)
    ranking_notes.best(spec, record)


def findings(lab: Lab, spec: pg.Ranking, record: RankingRecord) -> None:
    """The first few surface by surface, and all of them on demand."""
    many, heat = int(record.shown.sum()), lab.figure("heat")
    if not many:
        return
    st.markdown(tr("**The first {n}, surface by surface.** A dot: solved. Numbers on hover or tap.", n=min(many, MOST)))
    with st.container(key="ranking-heat"):
        charts.show(heat.draw(record, theme()), "ranking.heat")
    if many > MOST:
        label = tr("All {n}, surface by surface", n=many)
        with st.expander(label, key="ranking.all", on_change="rerun") as every:
            if every.open:
                with st.container(key="ranking-heat-all"):
                    charts.show(heat.draw(record, theme(), most=many), "ranking.heat.all")


def notes(lab: Lab, spec: pg.Ranking, record: RankingRecord) -> None:
    """Profiles, how it was made, and what cannot race."""
    ranking_notes.tabs(lab, record)
