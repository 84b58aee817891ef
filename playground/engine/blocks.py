"""Rules on blocks of lanes: for maps, where each start ends; for crowds of runs, the loss on the way.

As in `floats` the rule is traced and printed, together with the surface's gradient, here as NumPy calls that write
into a few arrays made once: making new ones for every operation costs more than the arithmetic. The operations and
their order are those of the rule, so the bits are those of `lanes.run`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from playground.choices.derive import Derived, namespace
from playground.choices.optimizers import Rule
from playground.engine.reference import Problem
from playground.engine.trace import CONSTANT, LANE, STEP, Fixed, Trace, split_knobs, text, trace_decay, trace_rule
from playground.registry import cached

UFUNCS = {
    "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "**": "power", "sqrt": "sqrt", "neg": "negative",
    "abs": "absolute", "sign": "sign", "maximum": "maximum", "pow": "power", "exp": "exp", "log": "log", "sin": "sin",
    "cos": "cos", "tan": "tan", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh",
}  # fmt: skip
FRESH = {"where": "where", "<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal"}  # make new arrays


def rule_ends(rule: Rule, problem: Problem, xy: np.ndarray, factors: Sequence[float]) -> np.ndarray:
    """Last iterate or answer of every lane from starts `xy` (2, n); shape (2, n)."""
    return _run(rule, problem, xy, factors, {}, watched=False)


def rule_losses(
    rule: Rule, problem: Problem, xy: np.ndarray, factors: Sequence[float], varied: dict[str, np.ndarray]
) -> Iterator[np.ndarray]:
    """Loss of every lane at points 0, 1, ..., T from starts `xy` (2, ...), each of shape (...).

    NaN where the point or its gradient is not finite. `varied`: knobs that differ from lane to lane, as arrays of
    that shape.
    """
    return _run(rule, problem, xy, [*factors, factors[-1]], varied, watched=True)


def _run(
    rule: Rule, problem: Problem, xy: np.ndarray, factors: Sequence[float], varied: dict[str, np.ndarray], watched: bool
) -> Any:
    knobs, fixed = split_knobs(rule)
    numbers = [varied.get(name, number) for name, number in zip(rule.numbers(), knobs)]
    value, exact = problem.derived.value_function("numpy"), problem.derived.gradient_function("numpy")
    source = problem.source.function(value, exact)
    facts = source is exact, problem.noise is not None, problem.decay != 0.0
    loop = _loop(type(rule), fixed, problem.derived, *facts, watched, tuple(varied))
    state = rule.with_lanes(**varied).init(xy)
    return loop(xy, state, factors, source, value, problem.noise, problem.decay, *numbers)


def _side_by_side(first: list[np.ndarray], count: int) -> list[np.ndarray]:
    """`count` arrays that begin on cache lines of one stretch of memory; the first ones hold copies of `first`."""
    size = first[0].size
    memory = np.empty(count * size + 8)
    begin = -(memory.ctypes.data // 8) % 8
    arrays = list(memory[begin : begin + count * size].reshape(count, *first[0].shape))
    for new, old in zip(arrays, first):
        new[:] = old
    return arrays


@cached(256)
def _loop(
    cls: type[Rule],
    fixed: Fixed,
    derived: Derived,
    exact: bool,
    noisy: bool,
    decayed: bool,
    watched: bool,
    varied: tuple[str, ...],
) -> Callable[..., Any]:
    """The printed loop for one class of rules, its switches, and one surface.

    It returns where the lanes end, or, `watched`, yields their losses at every point.
    """
    trace, rule, knobs = trace_rule(cls, fixed, varied=varied)
    t, factor = trace.input("t", STEP), trace.input("factor", STEP)
    state_names = [f"s{i}" for i in range(len(cls.State._fields))]
    x = trace.input("p", LANE)
    if decayed:
        x = trace_decay(trace, rule, x, factor)
    x, state = rule.step(x, trace.input("g", LANE), cls.State(*(trace.input(s, LANE) for s in state_names)), t, factor)
    new = {"p": text(x)} | {name: text(value) for name, value in zip(state_names, state) if text(value) != name}
    during, whole = _lane_lines(trace, [(value, name) for name, value in new.items()], "r")
    slope, half = _gradient_lines(derived, watched) if exact else (["loss, g[0], g[1] = source(p[0], p[1])"], [])
    whole += [f"r{i}" for i in range(len(whole), -(-len(half) // 2))]  # the gradient works in the rows of the rule's
    arrays = ["p", *state_names, "g", *whole]
    answer = state_names[cls.State._fields.index(cls.answer)] if cls.answer else "p"
    loss_lines = [f"loss, = value({answer}[0], {answer}[1])"] if cls.answer else []
    body = [
        f"{', '.join(arrays)}, = side_by_side([p, *state], {len(arrays)})",
        *(["loss = empty(p.shape[1:])"] if watched else []),
        *(f"{name} = r{i // 2}[{i % 2}]" for i, name in enumerate(half)),
        *trace.lines(CONSTANT),
        "for t, factor in enumerate(factors, 1):",
        *(f" {line}" for line in slope),
        *([" g += noise[t - 1][..., None]"] if noisy else []),
        *(f" {line}" for line in [*loss_lines, f"yield checked(loss, {answer}, g)"] if watched),
        *(f" {line}" for line in [*trace.lines(STEP), *during]),
        *([] if watched else [f"return {answer}"]),
    ]
    scope = namespace("numpy") | {name: getattr(np, name) for name in [*UFUNCS.values(), *FRESH.values()]}
    scope |= {"side_by_side": _side_by_side, "copyto": np.copyto, "empty": np.empty, "checked": checked}
    arguments = ", ".join(["p", "state", "factors", "source", "value", "noise", "decay", *knobs])
    exec(f"def loop({arguments}):\n " + "\n ".join(body), scope)
    return scope["loop"]


def checked(loss: np.ndarray, point: np.ndarray, slope: np.ndarray | None) -> np.ndarray:
    """`loss` (...), and NaN where the point or the slope (2, ...) is not finite.

    0 times a finite number changes no sum, and 0 times any other makes it NaN.
    """
    nought = point * 0.0
    if slope is not None:
        nought += slope * 0.0
    nought[0] += nought[1]
    return loss + nought[0]


def _gradient_lines(derived: Derived, watched: bool) -> tuple[list[str], list[str]]:
    """Lines that put the gradient at p into g, `watched` also the loss into `loss`, and the arrays they need.

    These are the names of arrays of the shape of the lanes.
    """
    trace = Trace("e")
    f, gx, gy = derived.gradient_program.function_in(trace.functions())(trace.input("x", LANE), trace.input("y", LANE))
    results = [(text(gx), "gx"), (text(gy), "gy"), *([(text(f), "loss")] if watched else [])]
    lines, arrays = _lane_lines(trace, results, "h")
    return ["x, y = p", "gx, gy = g", *lines], arrays


def _lane_lines(trace: Trace, results: list[tuple[str, str]], prefix: str) -> tuple[list[str], list[str]]:
    """The lane operations as NumPy calls, and the names of the arrays to make for what they hold in between.

    `results` pairs the names of results with the arrays that must hold them in the end. A result is written over what
    nothing needs any more, an operand included: the fewer arrays there are, the more of them stay in the processor's
    cache.
    """
    operations = _dependencies(trace, {value for value, _ in results})
    last = {name: position for position, (_, _, names) in enumerate(operations) for name in names}
    operation_names = {name for name, _, _ in operations}
    last |= {value: len(operations) for value, _ in results if value not in operation_names}
    goal = dict(reversed(results))
    buffers: dict[str, str] = {}
    lines: list[str] = []
    idle: list[str] = []
    new_arrays: list[str] = []
    for position, (name, op, names) in enumerate(operations):
        arguments = ", ".join(buffers.get(name, name) for name in names)
        idle += {buffers[name] for name in names if last[name] == position and buffers.get(name) in new_arrays}
        if op in FRESH:
            lines.append(f"{name} = {FRESH[op]}({arguments})")
            continue
        if name in goal and last.get(goal[name], -1) <= position:
            buffers[name] = goal[name]
        else:
            if not idle:
                new_arrays.append(f"{prefix}{len(new_arrays)}")
            buffers[name] = idle.pop() if idle else new_arrays[-1]
        lines.append(f"{UFUNCS[op]}({arguments}, out={buffers[name]})")
    copies = [(out, buffers.get(value, value)) for value, out in results if buffers.get(value) != out]
    copies.sort(key=lambda pair: pair[1] in new_arrays)  # those that read a variable come before those that write it
    return [*lines, *(f"copyto({out}, {value})" for out, value in copies)], new_arrays


def _dependencies(trace: Trace, names: set[str]) -> list[tuple[str, str, tuple[str, ...]]]:
    """The lane operations that the wanted results depend on, in order."""
    operations, names = [], set(names)
    for operation in reversed(trace.operations):
        if operation[0] in names and trace.levels[operation[0]] == LANE:
            operations.append(operation)
            names.update(operation[2])
    return operations[::-1]
