"""What the page Three forms shows besides its chart: the verdicts, and the variants as a race."""

from __future__ import annotations

import streamlit as st

import playground as pg
from pages.ui import charts, forms_controls, forms_notes, link
from pages.ui import player as player
from pages.ui.shell import theme
from playground.labs import Lab
from playground.messages import translate
from playground.record import FormsRecord

HAS_PLAYER = True


def controls(lab: Lab, spec: pg.Forms) -> pg.Forms:
    """Method, surface and the rest."""
    return forms_controls.of(lab, spec)


def stage(lab: Lab, spec: pg.Forms, record: FormsRecord) -> None:
    """The differences, the verdicts and the player."""
    st.markdown(f"#### {link.plain(translate(spec.form.label))}")
    charts.show(lab.figures[0].draw(record, theme()), "forms.differences")
    forms_notes.verdicts(record)
    player.show(record.race, on_start=forms_controls.on_start, on_knob=forms_controls.on_knob)


def notes(lab: Lab, spec: pg.Forms, record: FormsRecord) -> None:
    """The formulas of the variants."""
    forms_notes.formulas(spec)
