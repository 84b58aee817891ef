"""What the page Race shows: the player, the step inspector, and the surface in 3-D."""

from __future__ import annotations

from typing import Any

import playground as pg
from pages.ui import page_cache, race_notes, step_inspector
from pages.ui import player as player
from pages.ui.race_controls import RaceControls
from playground.labs import Lab
from playground.record import RaceRecord

VIEW_STATE = step_inspector.VIEW_STATE

HAS_PLAYER = True


def controls(lab: Lab, spec: pg.Race) -> pg.Race:
    """Surface, start, racers and the rest."""
    return RaceControls(lab).of(spec)


def forecast(lab: Lab, spec: pg.Race) -> pg.Race:
    """With the knobs of open racers as the session has them."""
    return RaceControls(lab).forecast(spec)


def view_state(lab: Lab) -> dict[str, Any]:
    """Which step is taken apart."""
    return step_inspector.view_state(lab.name)


def computed(lab: Lab, spec: pg.Race) -> RaceRecord:
    """Without a bar: it takes no time."""
    return page_cache.record(spec)


def stage(lab: Lab, spec: pg.Race, record: RaceRecord) -> dict[str, Any]:
    """The player, and below it the step that is taken apart."""
    race_controls = RaceControls(lab)
    start = race_controls.shown_start()
    player.show(record, start=start, on_start=race_controls.on_start, on_knob=race_controls.on_knob)
    step_inspector.panel(lab.name, spec, record, start)
    return {"start": start}


def notes(lab: Lab, spec: pg.Race, record: RaceRecord) -> None:
    """What to look at, 3-D, and formulas."""
    race_notes.tabs(spec, record, RaceControls(lab).shown_start())
