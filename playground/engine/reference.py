"""Racers on NumPy arrays: any kind of optimizer, many starts at once, one lane per start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from playground.choices.derive import Derived
from playground.choices.gradients import GradientSource
from playground.choices.optimizers import Optimizer, PlaneRule, Rule, Search


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What every racer of a race shares; draws are the same for all racers and all starts.

    Lanes may stand in a table instead, with a row of starts for each of D draws: points then have the shape (2, D, S)
    instead of (2, S), and draws end in an axis of length D.
    """

    derived: Derived
    source: GradientSource
    steps: int
    noise: np.ndarray | None  # (T + 1, 2), added to the gradients
    uniform: np.ndarray  # (T, 2), for searches
    normal: np.ndarray  # (T, 2), for searches
    window: tuple[float, float, float, float]
    decay: float
    seed: int = 0  # of what a library draws by itself
    most: int = 0  # evaluations after which a racer that goes alone is stopped; 0 for any number

    def gradient(self, xy: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Loss (S,) and gradient (2, S) at `xy` (2, S), with the noise of point k."""
        value, exact = self.derived.value_function("numpy"), self.derived.gradient_function("numpy")
        loss, gx, gy = self.source.function(value, exact)(xy[0], xy[1])
        slope = np.empty_like(xy)
        slope[0], slope[1] = gx, gy
        if self.noise is not None:
            slope += self.noise[k][..., None]
        return np.broadcast_to(loss, xy.shape[1:]), slope

    def draws(self, search: Search) -> np.ndarray:
        """What `search` draws, (T, 2)."""
        return {"uniform": self.uniform, "normal": self.normal}[search.draw]

    def loss(self, xy: np.ndarray) -> np.ndarray:
        """Loss (...) at points `xy` (2, ...)."""
        return np.broadcast_to(self.derived.value_function("numpy")(xy[0], xy[1])[0], xy.shape[1:])


Point = tuple[np.ndarray, np.ndarray, np.ndarray, Sequence[np.ndarray]]  # position, loss, gradient, state variables


def points(optimizer: Optimizer, problem: Problem, xy: np.ndarray, factors: Sequence[float]) -> Iterator[Point]:
    """The T + 1 points of one racer from starts `xy` (2, S), as they are computed.

    Each is (position (2, S), loss (S,), gradient (2, S), state variables, each (2, S)).
    """
    if isinstance(optimizer, Rule):
        return _rule_points(optimizer, problem, xy, factors)
    if isinstance(optimizer, PlaneRule):
        return _plane_points(optimizer, problem, xy, factors)
    if isinstance(optimizer, Search):
        return _search_points(optimizer, problem, xy, factors)
    raise TypeError(f"{optimizer.label} takes one path at a time and does not run on lanes")


def _rule_points(rule: Rule, problem: Problem, x: np.ndarray, factors: Sequence[float]) -> Iterator[Point]:
    state = rule.init(x)
    for k in range(problem.steps + 1):
        loss, g = problem.gradient(x, k)
        point = getattr(state, rule.answer) if rule.answer else x
        yield point, problem.loss(point) if rule.answer else loss, g, state
        if k < problem.steps:
            if problem.decay:
                x = x * (1.0 - rule.rate * factors[k] * problem.decay)
            x, state = rule.step(x, g, state, k + 1, factors[k])


def _plane_points(rule: PlaneRule, problem: Problem, x: np.ndarray, factors: Sequence[float]) -> Iterator[Point]:
    hessian = problem.derived.hessian_function("numpy")
    for k in range(problem.steps + 1):
        loss, g = problem.gradient(x, k)
        yield x, loss, g, ()
        if k < problem.steps:
            curvature = hessian(x[0], x[1])  # where the gradient was taken, before any decay
            if problem.decay:
                x = x * (1.0 - rule.rate * factors[k] * problem.decay)
            x = np.stack(np.broadcast_arrays(*rule.step((x[0], x[1]), (g[0], g[1]), curvature, factors[k])))


def _search_points(search: Search, problem: Problem, x: np.ndarray, factors: Sequence[float]) -> Iterator[Point]:
    loss, nothing = problem.loss(x), np.full_like(x, np.nan)
    draws = problem.draws(search)
    yield x, loss, nothing, ()
    for k in range(problem.steps):
        proposed = search.propose((x[0], x[1]), tuple(draws[k][..., None]), problem.window, factors[k])
        candidate = np.stack([np.broadcast_to(coordinate, x.shape[1:]) for coordinate in proposed])
        new_loss = problem.loss(candidate)
        better = new_loss < loss
        x, loss = np.where(better, candidate, x), np.where(better, new_loss, loss)
        yield x, loss, nothing, ()


def run(optimizer: Optimizer, problem: Problem, starts: np.ndarray, factors: Sequence[float]) -> np.ndarray:
    """All points of one racer from `starts` (S, 2).

    Returns (S, T + 1, 5 + 2 * fields): x, y, loss, gx, gy, then x and y of each state variable, as `floats.run_rule`.
    """
    with np.errstate(all="ignore"):
        rows = [
            np.stack([*point, loss, *g, *(axis for field in state for axis in field)], axis=-1)
            for point, loss, g, state in points(optimizer, problem, np.ascontiguousarray(starts.T), factors)
        ]
    return np.stack(rows, axis=1)
