"""Computes records from specs."""

from collections.abc import Callable
from typing import Any

from playground.engine.anatomy import anatomy
from playground.engine.race import race
from playground.spec import Race, Step

ENGINES: dict[type[Race], Callable[[Any], Any]] = {Race: race, Step: anatomy}


def run(spec: Race) -> Any:
    """The record of a spec. The same spec gives the same bytes on the same machine."""
    return ENGINES[type(spec)](spec)
