"""Computes records from specs."""

from collections.abc import Callable
from typing import Any

from playground.engine.anatomy import anatomy
from playground.engine.basins import basin_map
from playground.engine.race import race
from playground.spec import BasinMap, Race, Step

ENGINES: dict[type[Race], Callable[[Any], Any]] = {Race: race, Step: anatomy, BasinMap: basin_map}


def run(spec: Race) -> Any:
    """The record of a spec. The same spec gives the same bytes on the same machine."""
    return ENGINES[type(spec)](spec)
