"""What the page Robustness shows: bands and wins, each by itself, and a table."""

from __future__ import annotations

import playground as pg
from pages.ui import charts, robustness_notes
from pages.ui.race_controls import RaceControls
from pages.ui.shell import theme
from playground.labs import Lab
from playground.record import RobustnessRecord


def controls(lab: Lab, spec: pg.Robustness) -> pg.Robustness:
    """Those of a race, and of the crowd."""
    return RaceControls(lab).of(spec)


def stage(lab: Lab, spec: pg.Robustness, record: RobustnessRecord) -> None:
    """Two charts; a file has both in one."""
    for name in ("bands", "wins"):
        charts.show(lab.figure(name).draw(record, theme()), f"{lab.name}.{name}")


def findings(lab: Lab, spec: pg.Robustness, record: RobustnessRecord) -> None:
    """The table."""
    robustness_notes.table(record)


def notes(lab: Lab, spec: pg.Robustness, record: RobustnessRecord) -> None:
    """What the pictures say."""
    robustness_notes.words(spec, record)
