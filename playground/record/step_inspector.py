"""What happens inside one step of one racer: named arrays with documented shapes, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from playground.messages import Message
from playground.record.base import Answer
from playground.record.race import Terrain


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A state variable of the rule at every point of the path."""

    name: str  # as the rule's text calls it
    latex: str
    words: str
    role: str  # how it is drawn: one of `choices.optimizers.base.ROLES`
    values: np.ndarray  # (T + 1, 2), before the step that leaves each point


class WorkedRow(NamedTuple):
    """A line of the formula in numbers: LaTeX of what is computed and of what it comes to."""

    axis: str  # name of the coordinate; empty where the line is about both
    numbers: str
    result: str
    value: float


@dataclass(frozen=True, kw_only=True)
class WorkedLine:
    """One line of the rule's formula with the step's numbers put in."""

    name: str  # LaTeX left of the equals sign
    text: str  # LaTeX right of it, in symbols
    rows: tuple[WorkedRow, ...]  # one for each coordinate, or one for both


@dataclass(frozen=True, kw_only=True, repr=False)
class StepRecord(Answer):
    """A step from point `step` of the path to the next, s, seen from the point p where its gradient was taken.

    Angles are in degrees, NaN stands for what does not exist; H is the Hessian at p.
    """

    terrain: Terrain
    axes: tuple[str, str]  # names of the coordinates
    steps: int  # T, steps that were asked for
    length: int  # finite points of the path; the last step leaves point length - 2
    step: int  # the point that this step leaves; -1 where the racer made no step
    lost: bool  # whether a process was lost before it had answered; then there is no step, but there may be one later
    sentence: Message  # why there are no lines, or what a search decided; empty where the lines say all

    # the path
    positions: np.ndarray  # (T + 1, 2), where the gradients are taken
    gradients: np.ndarray  # (T + 1, 2), as the racer saw them; NaN where it asks for none
    exact: np.ndarray  # (T + 1, 2), gradients of the formula
    hessians: np.ndarray  # (T + 1, 3): hxx, hxy, hyy of the formula
    variables: tuple[Variable, ...]

    # the step
    position: np.ndarray  # (2,), p
    gradient: np.ndarray  # (2,), as the racer saw it
    slope: np.ndarray  # (2,), the exact one
    move: np.ndarray  # (2,), s
    rates: np.ndarray  # (2,), effective learning rates s_i / -g_i; NaN where g_i is 0
    angle: float  # between s and the negative gradient that the racer saw (the exact one where it saw none)
    curvature: float  # s'Hs / s's
    hessian: np.ndarray  # (2, 2)
    eigenvalues: np.ndarray  # (2,), ascending
    directions: np.ndarray  # (2, 2), unit eigenvectors in columns
    newton: np.ndarray  # (2,), -H^-1 times the exact gradient: from p to where the quadratic model is level
    loss: float  # f(p)
    linear: float  # change of the loss that the gradient alone predicts, g's
    quadratic: float  # that of the quadratic model, g's + s'Hs / 2
    change: float  # the change that came, f(p + s) - f(p)
    agreement: float  # change / quadratic: 1 where the model was right
    lines: tuple[WorkedLine, ...]  # in the order in which the rule computes them

    @property
    def title(self) -> Message:
        """The surface and what is added to it."""
        return self.spec.race.title()

    @property
    def label(self) -> str:
        """The racer's short name."""
        return self.spec.labels()[self.spec.chosen]

    @property
    def look(self) -> int:
        """The racer's colour, dash and mark."""
        return self.spec.race.racers[self.spec.chosen].look
