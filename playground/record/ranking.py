"""The ranking of all optimizers on all surfaces: named arrays with documented shapes, no behaviour.

O optimizers, best first; S surfaces that count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playground.messages import Message
from playground.record.base import Answer


@dataclass(frozen=True, kw_only=True, repr=False)
class RankingRecord(Answer):
    """How every optimizer did on every surface at one budget."""

    names: tuple[str, ...]  # (O,), as in links
    labels: tuple[str, ...]  # (O,)
    groups: tuple[str, ...]  # (O,)
    shown: np.ndarray  # (O,) bool, whether the reader wants to see it
    surfaces: tuple[str, ...]  # (S,), as in links
    surface_labels: tuple[str, ...]  # (S,)
    where: Message  # which surfaces these are, in words
    gaps: np.ndarray  # (O, S), part of the loss above the lowest that was left with the best step size, from 0 to 1
    rates: np.ndarray  # (O, S), that step size; NaN where there is none to tune
    ranks: np.ndarray  # (O, S), among all optimizers, from 1; equals share the mean of their places
    median: np.ndarray  # (O,), of the ranks
    solved: np.ndarray  # (O,), share of the surfaces whose gap is within the tolerance
    wide: np.ndarray  # (O,), share of all runs whose gap is, whatever their step size
    tolerance: float
    evaluations: int  # of each run
    tried: int  # step sizes tried, on each surface
    lowest_rate: float
    highest_rate: float
    date: str  # on which it was computed
    versions: str  # of the libraries

    @property
    def stamp(self) -> str:  # type: ignore[override]
        """The configuration in one line of small print, and when it was computed."""
        return f"{super().stamp}  computed on {self.date} with {self.versions}"
