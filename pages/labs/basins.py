"""What the page Basins shows: the maps, coarse ones first, and the race from the marked start."""

from __future__ import annotations

import playground as pg
from pages.ui import basins, page_cache
from pages.ui.race_controls import RaceControls
from playground.labs import Lab
from playground.record import BasinRecord

HAS_PLAYER = True


def controls(lab: Lab, spec: pg.BasinMap) -> pg.BasinMap:
    """Those of a race, and of the map."""
    return RaceControls(lab).of(spec)


def computed(lab: Lab, spec: pg.BasinMap) -> BasinRecord:
    """The whole map, or a coarse one while it is being computed aside."""
    return page_cache.map_so_far(spec)


def stage(lab: Lab, spec: pg.BasinMap, record: BasinRecord) -> None:
    """The maps, and the race below them."""
    basins.show(spec, record, RaceControls(lab))


def notes(lab: Lab, spec: pg.BasinMap, record: BasinRecord) -> None:
    """What the maps say."""
    basins.words(spec)
