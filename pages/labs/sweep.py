"""What the page Learning rates shows besides its chart: the tuned rates, and what they buy."""

from __future__ import annotations

from typing import Any

import playground as pg
from pages.ui import charts, sweep_notes
from pages.ui.race_controls import RaceControls
from pages.ui.shell import theme
from playground.labs import Lab
from playground.record import SweepRecord


def controls(lab: Lab, spec: pg.RateSweep) -> pg.RateSweep:
    """Those of a race, and of the rates."""
    return RaceControls(lab).of(spec)


def stage(lab: Lab, spec: pg.RateSweep, record: SweepRecord) -> dict[str, Any]:
    """The chart of the start on show."""
    start = RaceControls(lab).shown_start()
    charts.show(lab.figures[0].draw(record, theme(), start=start), f"{lab.name}.chart")
    return {"start": start}


def findings(lab: Lab, spec: pg.RateSweep, record: SweepRecord) -> None:
    """The best rates, and the button that takes them."""
    start = RaceControls(lab).shown_start()
    sweep_notes.tune(lab.name, spec, record, start)
    sweep_notes.table(record, start)


def notes(lab: Lab, spec: pg.RateSweep, record: SweepRecord) -> None:
    """What the picture says."""
    sweep_notes.words(spec, record, RaceControls(lab).shown_start())
