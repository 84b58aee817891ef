"""Racers that need torch: they are computed in a process of its own, which is started at the first of them."""

from __future__ import annotations

import atexit
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from playground.choices.derive import derive
from playground.choices.gradients import gradients
from playground.choices.optimizers import Optimizer, Stop, optimizers
from playground.choices.optimizers.whole_net import NetOptimizer
from playground.engine.reference import Problem
from playground.jobs import Job, Lost, Processes
from playground.messages import Message
from playground.specs import read_choice, write_choice

MODULE = "playground.engine.torch_process"
LONGEST = 120.0  # seconds for an answer, however long the race: other visitors wait for it


class Path(NamedTuple):
    """What one racer left behind from one start: n points, of which the last may be the first that is not finite."""

    rows: np.ndarray  # (n, 5): x, y, loss, gx, gy
    states: dict[str, np.ndarray]  # state variable -> (n, 2); NaN before it is there
    evaluations: np.ndarray  # (n,)
    stop: Stop | None


class Question(NamedTuple):
    """A racer's way, in what both processes understand."""

    optimizer: str  # as in a link
    problem: dict[str, Any]  # the fields of a `Course`, its formula as an expression, its gradient as in a link
    starts: list[list[float]]
    factors: list[float]


def walks(question: Question) -> list[Path]:
    """The answer, in the process that has torch."""
    from playground.engine.torch_points import walk

    fields = dict(question.problem)
    optimizer = read_choice(optimizers, question.optimizer, _refuse)
    source = read_choice(gradients, fields.pop("source"), _refuse)
    assert isinstance(optimizer, NetOptimizer) and source is not None
    nothing = np.empty((0, 2))
    problem = Problem(
        derived=derive(fields.pop("expression")), source=source, uniform=nothing, normal=nothing, **fields
    )
    return [walk(optimizer, problem, start, question.factors) for start in question.starts]


def _refuse(problem: Message) -> None:
    raise ValueError(str(problem))


def _how(seconds: float) -> Message:
    """How the process was lost: after so many seconds, or by itself."""
    if not seconds:
        return Message("the process that computes with torch ended unexpectedly; the next race begins with a new one.")
    return Message(
        "the process that computes with torch took longer than {n:.0f} seconds; the next race begins with a new one.",
        n=seconds,
    )


TORCH = Processes(MODULE)
atexit.register(TORCH.close)


def paths(
    optimizer: Optimizer, problem: Problem, starts: np.ndarray, factors: Sequence[float], process: Processes = TORCH
) -> list[Path]:
    """The way of a racer that needs torch from each of `starts` (S, 2); a lost process is how all of them ended."""
    fields = {
        "expression": problem.derived.expression,
        "source": write_choice(problem.source),
        "steps": problem.steps,
        "noise": problem.noise,
        "window": problem.window,
        "decay": problem.decay,
        "seed": problem.seed,
        "most": problem.most,
    }
    question = Question(write_choice(optimizer), fields, starts.tolist(), list(factors))
    try:
        seconds = min(30.0 + 0.01 * len(factors) * len(starts), LONGEST)
        return process.run(Job(work=walks, arguments=(question,), seconds=seconds))
    except Lost as error:
        return [_lost_path(problem, start, _how(error.seconds)) for start in starts]


def _lost_path(problem: Problem, start: np.ndarray, reason: Message) -> Path:
    """A way that ends where it began."""
    with np.errstate(all="ignore"):
        loss, slope = problem.gradient(start.reshape(2, 1), 0)
    row = np.array([[*start, loss[0], *slope[:, 0]]])
    return Path(row, {}, np.zeros(1), Stop("failed", reason))


def table(ways: Sequence[Path], points: int) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """The ways side by side: rows (S, points, 5 + 2 * fields), evaluations (S, points) and the names of the fields.

    Rows are as in `floats.run_rule`, with NaN behind the end of a way and where a state variable is not there.
    """
    fields = tuple(dict.fromkeys(name for way in ways for name in way.states))
    rows = np.full((len(ways), points, 5 + 2 * len(fields)), np.nan)
    evaluations = np.full((len(ways), points), np.nan)
    for way, row, count in zip(ways, rows, evaluations):
        row[: len(way.rows), :5] = way.rows
        count[: len(way.rows)] = way.evaluations
        for i, name in enumerate(fields):
            if name in way.states:
                row[: len(way.rows), 5 + 2 * i : 7 + 2 * i] = way.states[name]
    return rows, evaluations, fields
