"""Very many runs of one racer side by side, of which only the losses are looked at."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

import numpy as np

from playground.choices.optimizers import Optimizer, PlaneRule, Rule, Search
from playground.engine import blocks, reference
from playground.engine.race import factors_of
from playground.jobs.job import Progress
from playground.messages import Message
from playground.specs import Racer

CHUNK = 16  # points taken together: few enough for the processor's cache
ROUNDING = 1e-12  # losses closer than this, in units of the larger of 1 and the lowest loss, differ by rounding only


def side_by_side(optimizer: Optimizer) -> bool:
    """Whether many runs of this optimizer can be made at once; a method that runs by itself makes one at a time."""
    return isinstance(optimizer, (Rule, PlaneRule, Search))


def losses(
    racer: Racer, problem: reference.Problem, xy: np.ndarray, rates: np.ndarray | None = None
) -> Iterator[np.ndarray]:
    """Loss (...) at points 0, 1, ..., T of runs from `xy` (2, ...), NaN where a point or its gradient is not finite.

    `rates` (...), where given, are learning rates instead of the racer's own.
    """
    optimizer, factors = racer.optimizer, factors_of(racer.schedule, problem.steps)
    varied = {} if rates is None else {"lr": rates}
    if isinstance(optimizer, Rule):
        yield from blocks.rule_losses(optimizer, problem, xy, factors, varied)
        return
    for point, loss, slope, _ in reference.points(optimizer.with_lanes(**varied), problem, xy, factors):
        yield blocks.checked(loss, point, None if isinstance(optimizer, Search) else slope)


class Outcomes:
    """What becomes of runs whose losses come in point by point; arrays of the shape of the runs.

    `final` is the loss at the last finite point, `best` the lowest so far, `arrived` the first step with a loss of at
    most `enough`, `alive` whether all points so far are finite.
    """

    def __init__(self, shape: tuple[int, ...], enough: float) -> None:
        self.enough, self.points = enough, 0
        self.alive = np.ones(shape, dtype=bool)
        self.final, self.best, self.arrived = (np.full(shape, np.nan) for _ in range(3))

    def add(self, chunk: np.ndarray) -> np.ndarray:
        """Take the next K points (K, ...); returns them with NaN behind the end of each run."""
        finite = np.isfinite(chunk)
        if self.alive.all() and finite.all():
            self.final = chunk[-1]
        else:
            alive = np.logical_and.accumulate(np.concatenate([self.alive[None], finite]))[1:]
            chunk, count = np.where(alive, chunk, np.nan), alive.sum(axis=0)
            last = np.take_along_axis(chunk, np.maximum(count - 1, 0)[None], axis=0)[0]
            self.final, self.alive = np.where(count > 0, last, self.final), alive[-1]
        self.best = np.fmin(self.best, np.fmin.reduce(chunk, axis=0))
        near = chunk <= self.enough
        new = near.any(axis=0) & np.isnan(self.arrived)
        np.copyto(self.arrived, self.points + near.argmax(axis=0), where=new)
        self.points += len(chunk)
        return chunk


def follow(stream: Iterator[np.ndarray], points: int, outcomes: Outcomes) -> Iterator[tuple[int, np.ndarray]]:
    """The first `points` losses in chunks (K, ...) with the number of their first point, `outcomes` kept up to date."""
    first = 0
    while first < points:
        with np.errstate(all="ignore"):
            chunk = np.stack([next(stream) for _ in range(min(CHUNK, points - first))])
            chunk = outcomes.add(chunk)
        yield first, chunk
        first += len(chunk)


def racer_by_racer(part: Callable[[Any], Any], specs: Sequence[Any]) -> Generator[Progress, None, list[Any]]:
    """`part` of each spec, one for each racer; says after each how many have run."""
    parts = []
    for spec in specs:
        parts.append(part(spec))
        message = Message("{n} of {all} racers have run", n=len(parts), all=len(specs))
        yield Progress(share=len(parts) / len(specs), message=message)
    return parts
