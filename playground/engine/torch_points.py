"""Racers that torch computes: a point of the surface as a net with one parameter.

The loss and its gradient are those of the formula in closed form, as every racer gets them; only the step is the
library's. This module loads torch and runs in a process of its own, see `process`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from playground.choices.optimizers import Stop
from playground.choices.optimizers.whole_net import NetOptimizer
from playground.engine.floats import PYTHON_RAISES
from playground.engine.process import Path
from playground.engine.reference import Problem
from playground.engine.training.torch_stepper import TorchStepper, stepper
from playground.messages import Message
from playground.registry import ChoiceError

MOST_WORDS = 120  # of what a library says when it gives up


class Point(nn.Module):
    """A net whose only parameter is a point (x, y), as a vector or as a matrix of one row."""

    def __init__(self, start: Sequence[float], row: bool) -> None:
        super().__init__()
        point = torch.tensor(list(start), dtype=torch.get_default_dtype())
        self.place = nn.Parameter(point.view(1, 2) if row else point)
        self.place.grad = torch.zeros_like(self.place)


class Walker:
    """One optimizer on its way from one start; arguments as in `walk`."""

    def __init__(self, optimizer: NetOptimizer, problem: Problem, start: Sequence[float]) -> None:
        self.problem, self.evaluations = problem, 0
        net = Point(start, optimizer.row)
        self.place = net.place
        torch_stepper = stepper(optimizer, net, seed=problem.seed, plain=True)
        assert isinstance(torch_stepper, TorchStepper)
        self.stepper = torch_stepper
        self.draws, self.stepper.draws = self.stepper.draws, None  # nobody else draws here: changed over once
        exact, value = problem.derived.gradient_function, problem.derived.value_function
        kinds = ("python", "numpy", "torch") if self.stepper.needs_graph else ("python", "numpy")
        self.slopes = {kind: problem.source.function(value(kind), exact(kind)) for kind in kinds}

    def loss_and_gradient(self, k: int, point: Sequence[float]) -> tuple[float, float, float]:
        """Loss and gradient at `point`, with the noise of point k."""
        try:
            loss, gx, gy = self.slopes["python"](*point)
        except PYTHON_RAISES:
            loss, gx, gy = map(float, self.slopes["numpy"](*np.array(point)))
        if self.problem.noise is not None:
            gx, gy = gx + self.problem.noise[k, 0], gy + self.problem.noise[k, 1]
        return loss, gx, gy

    def where(self) -> list[float]:
        """The coordinates of the net's parameter."""
        return self.place.detach().view(2).tolist()

    def take(self, loss: float, slope: Sequence[float]) -> None:
        """Leave a gradient in the net."""
        self.place.grad = torch.tensor([slope], dtype=self.place.dtype).view_as(self.place)

    def evaluate(self, k: int) -> Tensor:
        """The closure: fills the gradient at the net's present place, and returns the loss."""
        self.evaluations += 1
        if self.stepper.needs_graph:
            loss, gx, gy = self.slopes["torch"](*self.place.view(2))
            level = 0 * self.place.view(2)  # a slope may be a number, which is no part of the graph
            graded = torch.stack([gx + level[0], gy + level[1]]).view_as(self.place)
            noise = 0.0 if self.problem.noise is None else torch.tensor(self.problem.noise[k]).view_as(graded)
            self.place.grad = graded + noise
            return loss
        loss, *slope = self.loss_and_gradient(k, self.where())
        self.take(loss, slope)
        return torch.tensor(loss, dtype=self.place.dtype)

    def points(self, factors: Sequence[float]) -> Iterator[tuple[list[float], dict[str, list[float]]]]:
        """x, y, loss, gx, gy and the state variables of each point, within `draws`."""
        for k in range(len(factors) + 1):
            point = self.where()
            loss, *slope = self.loss_and_gradient(k, point)
            with self.stepper.answer():
                answer = self.where()
            if answer != point:
                loss = self.loss_and_gradient(k, answer)[0]
            yield [*answer, loss, *slope], self.states()
            if k < len(factors):
                self.step(k, factors[k], loss, slope)

    def step(self, k: int, factor: float, loss: float, slope: Sequence[float]) -> None:
        """The step from point k, whose gradient is `slope`."""
        rate = getattr(self.stepper.optimizer, "lr", 0.0)
        if self.problem.decay and rate:
            with torch.no_grad():
                self.place.mul_(1.0 - rate * factor * self.problem.decay)
        if not self.stepper.needs_closure:
            self.evaluations += 1
            self.take(loss, slope)
        self.stepper.step(k + 1, factor, lambda: self.evaluate(k))

    def states(self) -> dict[str, list[float]]:
        """The state variables that have a value for each coordinate, by the names that the library gives them."""
        variables: dict[str, list[float]] = {}
        if self.problem.most:
            return variables  # where evaluations are counted, the loss is all that is asked for
        copies = self.stepper.copies.copies
        for optimizer in _with_inner(self.stepper.torch_optimizers):
            for name, value in (entry for copy in copies for entry in _entries(optimizer.state.get(copy))):
                if isinstance(value, Tensor) and value.shape == self.place.shape and value.is_floating_point():
                    variables.setdefault(name.replace(" ", "_"), value.detach().reshape(2).tolist())
        return variables


def _entries(state: Any) -> Iterator[tuple[str, Any]]:
    yield from state.items() if isinstance(state, dict) else ()


def _with_inner(optimizers: Sequence[torch.optim.Optimizer]) -> Iterator[torch.optim.Optimizer]:
    """The optimizers, and those that they wrap."""
    for optimizer in optimizers:
        yield optimizer
        yield from (inner for inner in vars(optimizer).values() if isinstance(inner, torch.optim.Optimizer))


def walk(optimizer: NetOptimizer, problem: Problem, start: Sequence[float], factors: Sequence[float]) -> Path:
    """The points of one racer from one start, until it ends.

    A library's own exception ends it: what it says goes into the reason. The last row may be the first that is not
    finite.
    """
    rows, states, counts, stop = [], [], [], None
    try:
        with _precision(optimizer.single):
            walker = Walker(optimizer, problem, start)
            with walker.draws or nullcontext():
                for row, state in walker.points(factors):
                    rows.append(row)
                    states.append(state)
                    counts.append(walker.evaluations * problem.source.cost)
                    if not np.isfinite(row).all():
                        break
                    if problem.most and counts[-1] > problem.most:
                        stop = Stop("stopped", Message("its evaluations are used up."))
                        break
    except ChoiceError as error:
        stop = Stop("stopped", error.message)
    except Exception as error:  # whatever a library raises is how this racer ended, and is reported
        stop = Stop("stopped", _reason(optimizer, error))
    return _path(rows, states, counts, stop, problem, start)


@contextmanager
def _precision(single: bool) -> Iterator[None]:
    """Within this, numbers are double or single, those too that a library keeps in torch's default type."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float32 if single else torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def _reason(optimizer: NetOptimizer, error: Exception) -> Message:
    first = " ".join(str(error).split()).rstrip(".")
    text = first if len(first) <= MOST_WORDS else first[: MOST_WORDS - 3] + "..."
    why = text or type(error).__name__
    return Message("{optimizer} gives up: {why}.", optimizer=optimizer.label, why=why)


def _path(
    rows: list[list[float]],
    states: list[dict[str, list[float]]],
    counts: list[int],
    stop: Stop | None,
    problem: Problem,
    start: Sequence[float],
) -> Path:
    if not rows:  # refused before it looked at anything: its path is the start
        with np.errstate(all="ignore"):
            loss, slope = problem.gradient(np.array(start, dtype=float).reshape(2, 1), 0)
        rows, states, counts = [[*start, float(loss[0]), *slope[:, 0].tolist()]], [{}], [0]
    names = list(dict.fromkeys(name for state in states for name in state))
    nothing = [np.nan, np.nan]
    variables = {name: np.array([state.get(name, nothing) for state in states]) for name in names}
    return Path(np.array(rows, dtype=float), variables, np.array(counts, dtype=float), stop)
