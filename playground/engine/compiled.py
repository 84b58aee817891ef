"""Racers from very many starts, compiled: one step of a racer on the surface, printed as a loop over lanes.

As in `floats` and `blocks` the optimizer is traced together with the surface, here with both coordinates in one trace,
and whatever does not differ between lanes (knobs, schedule, noise, bias corrections) is computed beforehand into a
table with a row for each step. What is left is arithmetic on lanes that the compiler turns into vector instructions:
rows of lanes lie side by side at fixed distances in one array, so that it sees that they do not overlap. In double
precision the operations, their order and so their bits are those of the race itself.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from playground.choices.derive import Derived, namespace
from playground.choices.gradients import GradientSource
from playground.choices.optimizers import Optimizer, PlaneRule, Rule, Search
from playground.engine import kernels
from playground.engine.reference import Problem
from playground.engine.trace import (
    CONSTANT,
    LANE,
    STEP,
    Fixed,
    Trace,
    answer,
    split_knobs,
    text,
    trace_plane_step,
    trace_search_step,
    trace_step,
    trace_surface,
)
from playground.registry import cached

LANES = 64  # in a block: its rows fit the first cache, its trail of 500 steps the second
PARTS = 4  # of the starts for each thread, since some lanes are slower than others (numbers too small to be normal)

OPERATIONS = {
    "neg": "-{0}", "where": "{1} if {0} else {2}", "pow": "{0} ** {1}",
    "copy": "{0}", "maximum": "{0} if ({0} >= {1}) or ({0} != {0}) else {1}",
    "sign": "one if {0} > zero else (-one if {0} < zero else {0})",
}  # fmt: skip

KERNEL = """
import numpy as np
from math import cos, cosh, exp, log, sin, sinh, sqrt, tan, tanh
from numba import njit

F = np.{precision}
zero, one, nowhere = F(0.0), F(1.0), F(np.nan)
{literals}

@njit("void({kind}[:,::1],{kind}[:,::1],{kind}[:,::1],{kind}[::1],{kind}[:,::1],i2[::1],i2[::1],i8,i8)",
      cache=True, nogil=True, error_model="numpy", fastmath={fast})
def kernel(lanes, table, places, scale, ends, reached, settled, begin, end):
    points = table.shape[0]
    work, trail, last = np.empty({rows} * {n}, F), np.empty(points * 2 * {n}, F), np.empty({n}, np.int32)
    wide, high, near = scale[0], scale[1], scale[2]
    for first in range(begin, end, {n}):
        for j in range({rows}):
            for i in range({n}):
                work[j * {n} + i] = lanes[j, first + i]
        for t in range(points):
            {columns}
            base = t * 2 * {n}
            for i in range({n}):
                {step}
        tail = (points - 1) * 2 * {n}
        for i in range({n}):
            x, y = trail[tail + i], trail[tail + {n} + i]
            ends[0, first + i], ends[1, first + i] = x, y
            which, least = -1, near
            for m in range(places.shape[0]):
                u, v = (x - places[m, 0]) * wide, (y - places[m, 1]) * high
                gap = u * u + v * v
                if gap < least:
                    which, least = m, gap
            fine = work[({rows} - 1) * {n} + i] == zero
            reached[first + i] = which if fine else -2
            held = fine and which >= 0
            work[i] = places[which, 0] if held else nowhere
            work[{n} + i] = places[which, 1] if held else nowhere
            last[i] = 0
        for t in range(points):
            base = t * 2 * {n}
            for i in range({n}):
                u, v = (trail[base + i] - work[i]) * wide, (trail[base + {n} + i] - work[{n} + i]) * high
                last[i] = last[i] if u * u + v * v < near else t + 1
        for i in range({n}):
            settled[first + i] = last[i] if last[i] < points else -1
"""


Operation = tuple[str, str, tuple[str, ...]]  # name of the result, operator or function, names of the operands


@dataclass(frozen=True, eq=False)
class CompiledStep:
    """One step, traced: the operations in order, and by name what it needs and gives."""

    operations: tuple[Operation, ...]  # that give a number for each lane
    levels: dict[str, int]  # how much each operand varies; literals are not in it
    knobs: list[str]
    before: list[str]  # lines that give what is the same throughout
    each: list[str]  # lines that give what is the same for all lanes of a step
    new: dict[str, str]  # what a lane remembers, coordinates first, and what it becomes
    shown: tuple[str, str]  # the place that counts: the iterate, or the rule's answer


@cached(128)
def _step(
    cls: type[Optimizer], fixed: Fixed, derived: Derived, source: GradientSource, noisy: bool, decayed: bool
) -> CompiledStep:
    if issubclass(cls, Search):
        trace, knobs, new = trace_search_step(cls, fixed, derived)
        return _whole([trace], [], [*_check("x", "y", "s0")], knobs, new, ("x", "y"))
    assert issubclass(cls, (Rule, PlaneRule))
    if issubclass(cls, Rule):
        (trace, knobs, new), shown = trace_step(cls, fixed, decayed), answer(cls)
    else:
        (trace, knobs, new), shown = trace_plane_step(cls, fixed, derived, decayed), ("x", "y")
    surface_trace, slope, loss = trace_surface(derived, source, shown)
    gradient_operations: list[Operation] = [
        (f"g{a}", "+" if noisy else "copy", (g, f"noise{a}") if noisy else (g,)) for g, a in zip(slope, "xy")
    ]
    return _whole([surface_trace, trace], gradient_operations, _check(loss, "gx", "gy", *shown), knobs, new, shown)


def _whole(
    traces: list[Trace],
    gradient_operations: list[Operation],
    check: list[Operation],
    knobs: list[str],
    new: dict[str, Any],
    shown: tuple[str, str],
) -> CompiledStep:
    """The step from its parts: look at the surface, what is `gradient_operations` there, the step, and the check."""
    levels = {"noisex": STEP, "noisey": STEP, **{name: LANE for name, _, _ in check}, "bad": LANE}
    for trace in traces:
        levels |= trace.levels
    states = [f"s{i}" for i in range(len(new) - 2)]
    first, last = traces[0].operations, traces[-1].operations if len(traces) > 1 else []
    operations = [*first, *gradient_operations, *last, *check]
    return CompiledStep(
        operations=tuple(operation for operation in operations if levels[operation[0]] == LANE),
        levels=levels,
        knobs=knobs,
        before=[line for trace in traces for line in trace.lines(CONSTANT)],
        each=[line for trace in traces for line in trace.lines(STEP)],
        new={name: text(new[name]) for name in ["x", "y", *states]} | {"bad": "bad_"},
        shown=shown,
    )


def _check(*names: str) -> list[Operation]:
    """Operations that add 0 to `bad` where all `names` are finite, else NaN: their sum minus itself."""
    sums = [(f"sum{i}", "+", (f"sum{i - 1}" if i > 1 else names[0], name)) for i, name in enumerate(names[1:], 1)]
    last = sums[-1][0]
    return [*sums, ("rest", "-", (last, last)), ("bad_", "+", ("bad", "rest"))]


@functools.lru_cache(maxsize=128)
def _kernel_text(step: CompiledStep, precision: str) -> tuple[str, tuple[str, ...]]:
    """The kernel's text, and the names of the table's columns."""
    levels, n = step.levels, LANES
    lines: list[str] = []
    columns: dict[str, str] = {}
    literals: dict[str, str] = {}

    def name(operand: str) -> str:
        if operand not in levels:
            return literals.setdefault(operand, f"c{len(literals)}")
        return operand if levels[operand] == LANE else columns.setdefault(operand, f"k{len(columns)}")

    for result, op, operands in step.operations:
        arguments = [name(operand) for operand in operands]
        if op == "where" and levels.get(operands[0]) != LANE:
            arguments[0] += " != zero"
        infix = f"{op}({{0}})" if op.isalpha() else f"{{0}} {op} {{1}}"
        lines.append(f"{result} = " + OPERATIONS.get(op, infix).format(*arguments))
    lines = [
        *(f"{row} = work[{j * n} + i]" for j, row in enumerate(step.new)),
        *lines,
        *(f"trail[base + {axis * n} + i] = {name(value)}" for axis, value in enumerate(step.shown)),
        *(f"work[{j * n} + i] = {name(value)}" for j, value in enumerate(step.new.values())),
    ]
    table = [f"{k} = table[t, {j}]" for j, k in enumerate(columns.values())]
    return KERNEL.format(
        precision=precision,
        kind={"float32": "f4", "float64": "f8"}[precision],
        fast={"float32": "{'contract', 'arcp', 'nsz'}", "float64": "False"}[precision],
        n=n,
        rows=len(step.new),
        step=("\n" + 16 * " ").join(lines),
        columns=("\n" + 12 * " ").join(table),
        literals="\n".join(f"{c} = F({literal})" for literal, c in literals.items()),
    ), tuple(columns)


def _table(
    step: CompiledStep, columns: tuple[str, ...], optimizer: Optimizer, problem: Problem, factors: Sequence[float]
) -> np.ndarray:
    """What the lanes share, a row for each of the T + 1 points, in double precision (the last step is not used)."""
    lines = [
        *step.before,
        "for t, factor, (noisex, noisey), (u, v) in steps:",
        *(f" {line}" for line in step.each),
        f" yield ({''.join(f'{column}, ' for column in columns)})",
    ]
    scope = {name: getattr(np, name) for name in namespace("numpy") if hasattr(np, name)}
    names = ", ".join(["steps", "decay", "w0", "w1", "w2", "w3", *step.knobs])
    exec(f"def rows({names}):\n " + "\n ".join(lines), scope)
    points, number = problem.steps + 1, np.float64  # their arithmetic is IEEE's: 1 / 0 does not raise
    nothing = np.zeros((points, 2))
    noise = nothing if problem.noise is None else problem.noise
    draws = np.vstack([problem.draws(optimizer), nothing[:1]]) if isinstance(optimizer, Search) else nothing
    whole = zip(range(1, points + 1), [*factors, factors[-1]], noise, draws)
    steps = ((number(t), number(factor), a, b) for t, factor, a, b in whole)
    with np.errstate(all="ignore"):
        same = map(number, (problem.decay, *problem.window, *split_knobs(optimizer)[0]))
        rows = list(scope["rows"](steps, *same))
    return np.array(rows, dtype=float).reshape(points, len(columns))


def _text(optimizer: Optimizer, problem: Problem, precision: str) -> tuple[CompiledStep, str, tuple[str, ...]]:
    fixed, noisy, decayed = split_knobs(optimizer)[1], problem.noise is not None, problem.decay != 0.0
    step = _step(type(optimizer), fixed, problem.derived, problem.source, noisy, decayed)
    return step, *_kernel_text(step, {"single": "float32", "double": "float64"}[precision])


def run_batch(
    optimizer: Optimizer,
    problem: Problem,
    starts: np.ndarray,
    factors: tuple[float, ...],
    places: np.ndarray,
    scale: np.ndarray,
    precision: str,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where racers from `starts` (S, 2) end: last points (S, 2), place reached (S,), step of arrival (S,), int16.

    `places` (M, 2); `scale`: one over the window's width and height, and the square of the radius in those units.
    Threads share the work: the kernel runs without the interpreter's lock.
    """
    step, kernel_text, columns = _text(optimizer, problem, precision)
    kernel, number = kernels.load(kernel_text), np.float32 if precision == "single" else np.float64
    table = _table(step, columns, optimizer, problem, factors).astype(number)
    lanes, count = _lanes(optimizer, problem, starts, len(step.new), number), len(starts)
    ends = np.empty((2, lanes.shape[1]), number)
    reached, settled = np.empty((2, lanes.shape[1]), np.int16)
    threads = os.cpu_count() or 1
    cuts = (
        np.linspace(0, lanes.shape[1] // LANES, min(threads * PARTS, lanes.shape[1] // LANES) + 1).astype(int) * LANES
    )
    shared = (lanes, table, places.astype(number), scale.astype(number), ends, reached, settled)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda begin, end: kernel(*shared, begin, end), cuts[:-1].tolist(), cuts[1:].tolist()))
    return ends[:, :count].T.astype(float), reached[:count], settled[:count]


def _lanes(optimizer: Optimizer, problem: Problem, starts: np.ndarray, rows: int, number: Any) -> np.ndarray:
    """What every lane remembers at its start, padded to whole blocks; shape (rows, n)."""
    xy = np.vstack([starts, np.repeat(starts[-1:], -len(starts) % LANES, axis=0)]).T
    lanes = np.zeros((rows, xy.shape[1]), number)
    lanes[:2] = xy
    if isinstance(optimizer, Search):
        with np.errstate(all="ignore"):
            lanes[2] = problem.loss(xy)
    elif isinstance(optimizer, Rule):
        for i, field in enumerate(optimizer.init(xy)):
            lanes[2 + 2 * i : 4 + 2 * i] = field
    return lanes
