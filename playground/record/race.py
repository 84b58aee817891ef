"""What a race produced: named arrays with documented shapes, no behaviour.

R racers, S starts, T steps; point 0 is the start, point k the place after step k. Arrays are float64 unless said
otherwise, and hold NaN behind the end of a racer that stopped early.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playground.messages import Message
from playground.record.base import RacersAnswer


@dataclass(frozen=True, kw_only=True)
class Terrain:
    """The surface as it is drawn: values on a grid over the window, and how its contour levels are spaced."""

    window: tuple[float, float, float, float]  # left, right, bottom, top
    values: np.ndarray  # (ny, nx), row 0 at the bottom; not finite where the formula is not defined
    scaled: np.ndarray  # (ny, nx), the values from 0 to 1, by their logarithm or linearly, as the levels are spaced
    levels: np.ndarray  # (L,), in the units of `scaled`
    level_values: np.ndarray  # (L,), the loss on each level
    log: bool
    minima: np.ndarray  # (M, 2), the global minima in the window
    lowest: float  # the loss there; NaN where the surface has no minimum
    axes: tuple[str, str]  # names of the coordinates
    minima_found: bool  # True where the minima were searched for numerically, False where the surface declares them
    saddles: np.ndarray  # (K, 2)


@dataclass(frozen=True, kw_only=True, repr=False)
class RaceRecord(RacersAnswer):
    """A race that was run."""

    latex: str  # the descended formula
    plain: str  # the same for where LaTeX cannot be set
    terrain: Terrain
    starts: np.ndarray  # (S, 2)
    steps: int
    tolerance: float
    positions: np.ndarray  # (R, S, T + 1, 2)
    losses: np.ndarray  # (R, S, T + 1)
    gradients: np.ndarray  # (R, S, T + 1, 2), as the racer saw them, noise included; NaN for those that ask for none
    states: tuple[dict[str, np.ndarray], ...]  # for each racer: state variable -> (S, T + 1, 2)
    rates: np.ndarray  # (R, T + 1), learning rate of the step that leaves point k (the last repeats); NaN without one
    evaluations: np.ndarray  # (R, S, T + 1), evaluations of the loss, gradient or Hessian that the racer has asked for
    lengths: np.ndarray  # (R, S) int, finite points recorded
    ends: tuple[tuple[str, ...], ...]  # (R)(S): "ran" all, "converged", "stopped" or "failed" before, or "diverged"
    sentences: tuple[tuple[Message, ...], ...]  # (R)(S): how it ended, for the reader
    final: np.ndarray  # (R, S), loss at the last finite point
    best: np.ndarray  # (R, S), lowest loss on the way
    distance: np.ndarray  # (R, S), from the last finite point to the nearest minimum; NaN without one
    arrived: np.ndarray  # (R, S), first step whose loss is within the tolerance of the lowest value; NaN if none
