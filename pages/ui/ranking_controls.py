"""The left side of the page Ranking: from the spec to widgets."""

from __future__ import annotations

import streamlit as st

import playground as pg
from pages.ui import controls, lines
from playground.spec.ranking import PLAIN


def of(name: str, spec: pg.Ranking) -> pg.Ranking:
    """All controls; returns the spec as they say."""
    values = {}
    for field, made in PLAIN.items():
        key = lines.key(name, field)
        if field == "race":
            place = made.options.index(spec.race)
            values[field] = st.selectbox(
                made.label, made.options, index=place, key=key, help=made.help,
                format_func=lambda one: controls.entry(pg.surfaces[one]),
            )  # fmt: skip
        else:
            values[field] = controls.knob(field, made, getattr(spec, field), key, made.label)
    return pg.Ranking(**values)
