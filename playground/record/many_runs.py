"""What many runs of the same racers produced: named arrays with documented shapes, no behaviour.

R racers, S starts, N learning rates, D draws of the noise, B steps shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playground.messages import Message
from playground.record.base import RacersAnswer


@dataclass(frozen=True, kw_only=True, repr=False)
class SweepRecord(RacersAnswer):
    """Every racer with every learning rate.

    A racer without a learning rate has the same numbers at all of them; NaN stands where a rate was not run, because
    the racer's own knob does not allow it. A run that diverged ends at its last finite point.
    """

    steps: int
    noise: float
    tolerance: float
    starts: np.ndarray  # (S, 2)
    rates: np.ndarray  # (N,), rising
    lowest: float  # the loss at the surface's global minimum; NaN where it has none
    first: np.ndarray  # (S,), loss at the start
    final: np.ndarray  # (R, S, N), loss at the last finite point
    best: np.ndarray  # (R, S, N), lowest loss on the way
    arrived: np.ndarray  # (R, S, N), first step within the tolerance of the lowest value; NaN if none
    diverged: np.ndarray  # (R, S, N) bool, diverged
    own: np.ndarray  # (R,), the learning rate each racer came with; NaN without one
    own_final: np.ndarray  # (R, S), final loss with it
    own_diverged: np.ndarray  # (R, S) bool
    tuned: np.ndarray  # (R, S), the best of the rates; NaN without one, or where all runs diverged
    tuned_final: np.ndarray  # (R, S), final loss with it
    minimum: np.ndarray  # (S, 2), the global minimum nearest to the start; NaN without one
    curvature: np.ndarray  # (S,), largest eigenvalue of the Hessian there; NaN where it is not positive
    decay: float  # decoupled weight decay
    limit: np.ndarray  # (S,), 2 / (curvature + decay): SGD is stable there below this rate
    limits: np.ndarray  # (R, S), the rate up to which each racer is stable there; NaN where its rule has no such limit
    remarks: tuple[Message, ...]  # (R,), what is different about a racer, as the end of a sentence; or empty


@dataclass(frozen=True, kw_only=True, repr=False)
class RobustnessRecord(RacersAnswer):
    """Every racer from many starts, and with many draws of the noise from each.

    A run that diverged counts as infinitely high from there on, in quartiles and at its end. `ran` says
    which runs were made; where a draw changes nothing, its runs are those of the first one.
    """

    steps: int
    noise: float
    tolerance: float
    starts: np.ndarray  # (S, 2)
    seeds: np.ndarray  # (D,) int
    lowest: float  # the loss at the surface's global minimum; NaN where it has none
    shown: np.ndarray  # (B,) int, the steps of the bands: all, or 251 of them
    bands: np.ndarray  # (R, 3, B), quartiles of the loss: the k-th smallest of n with k = n/4, n/2, 3n/4 rounded up
    final: np.ndarray  # (R, D, S), loss at the end; infinite where it diverged, NaN where it was not run
    arrived: np.ndarray  # (R, D, S), first step within the tolerance of the lowest value; NaN if none
    runs: np.ndarray  # (R,) int, runs made of each racer
    quartiles: np.ndarray  # (R, 3), of the final loss
    diverged: np.ndarray  # (R,), share of the runs that diverged
    reached: np.ndarray  # (R,), share of the runs that came within the tolerance at some step
    compared: int  # starts and draws that all racers ran: over these the wins are counted
    wins: np.ndarray  # (R,), of those, how often its final loss is the lowest; a tie of k counts 1/k for each
    ties: np.ndarray  # (R,) int, how many of these wins are shared
    nobody: int  # of those, how often all diverged
    remarks: tuple[Message, ...]  # (R,), what is different about a racer, as the end of a sentence; or empty
