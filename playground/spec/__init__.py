"""Frozen, complete descriptions of a computation, and the text of the links that hold one."""

from playground.spec.race import MOST_RACERS, MOST_STARTS, PLAIN, Race, Racer
from playground.spec.text import MOST_QUERY, VERSION, read_choice, write_choice

__all__ = [
    "MOST_QUERY", "MOST_RACERS", "MOST_STARTS", "PLAIN", "VERSION", "Race",
    "Racer", "read_choice", "write_choice",
]  # fmt: skip
