"""Computes records from specs."""

from playground.engine.race import race
from playground.record import RaceRecord
from playground.spec import Race


def run(spec: Race) -> RaceRecord:
    """The record of a spec. The same spec gives the same bytes on the same machine."""
    return race(spec)
