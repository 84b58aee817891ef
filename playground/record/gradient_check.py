"""What a gradient check produced: named arrays with documented shapes, no behaviour.

M difference quotients, K step sizes, C components of the gradient that were checked, P random points. Arrays are
float64 and hold NaN where something is not defined.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playground.messages import Message
from playground.record.base import Answer


@dataclass(frozen=True, kw_only=True)
class OwnRecord:
    """The reader's own derivatives against the exact ones and against central differences."""

    points: np.ndarray  # (P, 2), random ones in the window
    own: np.ndarray  # (P, 2), NaN for a derivative that is not given
    exact: np.ndarray  # (P, 2)
    numeric: np.ndarray  # (P, 2), central differences with the best step that theory predicts
    errors: np.ndarray  # (P, 2), relative error of `own` against `exact`
    curve: np.ndarray  # (K,), relative error of the given derivatives against central differences at the checked point
    right: bool
    sentences: tuple[Message, ...]  # one for each derivative that is given


@dataclass(frozen=True, kw_only=True, repr=False)
class CheckRecord(Answer):
    """Exact gradient and difference quotients at one point, over step sizes."""

    title: Message
    latex: str  # the formula; "" for a net
    names: tuple[str, ...]  # (M,), in links and files
    methods: tuple[str, ...]  # (M,)
    slopes: tuple[int, ...]  # (M,), power of the step size that the error follows while it is large
    steps: np.ndarray  # (K,), from 0.1 down to 1e-15
    precision: str
    epsilon: float  # distance from 1 to the next number in this precision
    dimension: int  # of the gradient
    components: tuple[str, ...]  # (C,)
    point: np.ndarray  # (C,)
    loss: float
    exact: np.ndarray  # (C,), computed in float64
    numeric: np.ndarray  # (M, K, C)
    errors: np.ndarray  # (M, K), relative error
    truncation: np.ndarray  # (M, K), what theory expects of the Taylor terms left out, as a relative error
    cancellation: np.ndarray  # (M, K), what it expects of subtracting rounded values
    best: np.ndarray  # (M,) int, place of the step with the least error
    predicted_steps: np.ndarray  # (M,), the best step by theory; NaN where one of its two errors is missing
    predicted_errors: np.ndarray  # (M,), by theory with that step
    crossed: np.ndarray  # (K,) int, components with a kink between x - h and x + h
    bands: tuple[tuple[float, str], ...]  # (largest relative error, what it means), from small to large
    sentences: tuple[Message, ...]  # what was found, for the reader
    own: OwnRecord | None


@dataclass(frozen=True, kw_only=True, repr=False)
class CostRecord(Answer):
    """What one gradient costs, for J nets of growing width.

    The first of the M + 1 rows is the exact gradient, the others are difference quotients. Evaluations are exact by
    construction; seconds are measured on the machine that computed the record, so that no two records agree in them.
    """

    title: Message
    names: tuple[str, ...]  # (M + 1,)
    methods: tuple[str, ...]  # (M + 1,)
    widths: np.ndarray  # (J,) int
    dimensions: np.ndarray  # (J,) int
    evaluations: np.ndarray  # (M + 1, J) int, of the loss; the exact gradient counts as one, with its way back
    seconds: np.ndarray  # (M + 1, J), processor time of one gradient, median of a few
    repeats: int
    growth: np.ndarray  # (M + 1,), power of the dimension that the seconds follow, fitted to all J
    sentences: tuple[Message, ...]
