"""The left side of the page Ranking: from the spec to widgets."""

from __future__ import annotations

import streamlit as st

import playground as pg
from pages.ui import controls, lines
from playground.messages import translate


def of(name: str, spec: pg.Ranking) -> pg.Ranking:
    """All controls; returns the spec as they say."""
    return controls.fields(spec, spec.fields(), lambda part: lines.key(name, part), {"race": _surface}, 1)


def _surface(value: str, key: str) -> str:
    made = pg.Ranking.knobs()["race"]
    return st.selectbox(
        translate(made.label), made.options, index=made.options.index(value), key=key, help=translate(made.help),
        format_func=lambda one: controls.entry(pg.surfaces[one]),
    )  # fmt: skip
