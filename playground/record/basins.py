"""What a basin map produced: named arrays with documented shapes, no behaviour.

R racers, M places, n starts a side; row 0 of a map is the lowest y, column 0 the lowest x. A start is the middle of
its cell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playground.messages import Message
from playground.record.base import RacersAnswer
from playground.record.race import Terrain

NONE, DIVERGED = -1, -2  # in `reached`, for starts that end at no minimum


@dataclass(frozen=True, kw_only=True, repr=False)
class BasinRecord(RacersAnswer):
    """A map of every start, for each racer."""

    terrain: Terrain
    steps_run: int  # T, steps of every racer
    radius: float  # of the window's width and height
    xs: np.ndarray  # (n,)
    ys: np.ndarray  # (n,)
    minima: np.ndarray  # (M, 2), the minima in the window, lowest first; global and local ones
    losses: np.ndarray  # (M,), the loss there
    reached: np.ndarray  # (R, n, n) int16, the minimum within the radius of the last point; NONE; or DIVERGED
    steps: np.ndarray  # (R, n, n) int16, first step from which on it stays within the radius; -1 where none is reached
    shares: np.ndarray  # (R, M + 2), of all starts: each minimum, then none, then diverged
    grain: tuple[int, ...]  # (R,), starts a side that were run; fewer than n for methods too slow for all
    notes: tuple[Message, ...]  # (R,), what the reader should know about this racer's map; often empty
