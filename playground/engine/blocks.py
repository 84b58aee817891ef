"""Rules on blocks of lanes, for maps: only where each start ends is kept.

As in `floats` the rule is traced and printed, here as NumPy calls that write into arrays made once, because making
new ones for every operation costs more than the arithmetic. The operations and their order are those of the rule, so
the bits are those of `lanes.run`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from playground.choices.derive import Derived, namespace
from playground.choices.optimizers import Rule
from playground.engine.lanes import Course
from playground.engine.trace import CONSTANT, LANE, STEP, Trace, split_knobs, text, trace_rule

UFUNCS = {
    "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "**": "power", "sqrt": "sqrt", "neg": "negative",
    "abs": "absolute", "sign": "sign", "maximum": "maximum",
}  # fmt: skip
FRESH = {"where": "where", "<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal"}  # make new arrays


def rule_ends(rule: Rule, course: Course, xy: np.ndarray, factors: Sequence[float]) -> np.ndarray:
    """Last iterate or answer of every lane from starts `xy` (2, n); shape (2, n)."""
    numbers, fixed = split_knobs(rule)
    value, exact = course.derived.value_function("numpy"), course.derived.gradient_function("numpy")
    source = course.source.function(value, exact)
    loop = _loop(type(rule), fixed, course.derived, source is exact, course.noise is not None, course.decay != 0.0)
    state = [np.array(one) for one in rule.init(xy)]
    return loop(np.array(xy), state, factors, source, course.noise, course.decay, *numbers)


@functools.lru_cache(maxsize=256)
def _loop(
    cls: type[Rule], fixed: tuple[tuple[str, Any], ...], derived: Derived, exact: bool, noisy: bool, decayed: bool
) -> Callable[..., np.ndarray]:
    """The printed loop for one class of rules, its switches, and one surface."""
    trace, rule, knobs = trace_rule(cls, fixed)
    t, factor = trace.input("t", STEP), trace.input("factor", STEP)
    fields = cls.State._fields
    x = trace.input("p", LANE)
    if decayed:
        x = x * (1.0 - rule.lr * factor * trace.input("decay", CONSTANT))
    state = cls.State(*(trace.input(f"s{i}", LANE) for i in range(len(fields))))
    x, state = rule.step(x, trace.input("g", LANE), state, t, factor)
    new = {"p": text(x)} | {f"s{i}": text(one) for i, one in enumerate(state)}
    arrays, during = _lane_lines(trace, new)
    held = [f"s{i}" for i in range(len(fields))]
    body = [
        *([f"{', '.join(held)}, = state"] if held else []),
        "g = empty_like(p)",
        *(f"{name} = empty_like(p)" for name in arrays),
        *trace.lines(CONSTANT),
        "for t, factor in enumerate(factors, 1):",
        *(f" {line}" for line in [*_gradient_lines(derived, exact, noisy), *trace.lines(STEP), *during]),
        f"return {held[fields.index(cls.answer)] if cls.answer else 'p'}",
    ]
    scope = namespace("numpy") | {name: getattr(np, name) for name in [*UFUNCS.values(), *FRESH.values()]}
    scope |= {"empty_like": np.empty_like, "copyto": np.copyto}
    arguments = ", ".join(["p", "state", "factors", "source", "noise", "decay", *knobs])
    exec(f"def loop({arguments}):\n " + "\n ".join(body), scope)
    return scope["loop"]


def _gradient_lines(derived: Derived, exact: bool, noisy: bool) -> list[str]:
    """Lines that put the gradient at p into g."""
    lines = ["x = p[0]; y = p[1]"]
    if exact:
        _, gx, gy = derived.gradient_program.results()
        lines += [*derived.gradient_program.lines(), f"g[0] = {gx}; g[1] = {gy}"]
    else:
        lines.append("_, g[0], g[1] = source(x, y)")
    return [*lines, "g += noise[t - 1][:, None]"] if noisy else lines


def _lane_lines(trace: Trace, new: dict[str, str]) -> tuple[list[str], list[str]]:
    """Names of the arrays to make, and the lines of one step; `new` maps p and the state to their new values.

    A new value is written straight into the spare array of its variable where it is the only one to use it, and
    variable and spare change places at the end of the step.
    """
    results = list(new.values())
    spare = {value: f"{name}_" for name, value in new.items() if results.count(value) == 1}
    arrays, lines = [f"{name}_" for name in new], []
    for name, op, names in trace.operations:
        if trace.levels[name] < LANE:
            continue
        if op in FRESH:
            lines.append(f"{name} = {FRESH[op]}({', '.join(names)})")
            continue
        out = spare.get(name, f"{name}_")
        if name not in spare:
            arrays.append(out)
        lines.append(f"{name} = {UFUNCS[op]}({', '.join(names)}, out={out})")
    written = {name for name, op, _ in trace.operations if op not in FRESH and trace.levels[name] == LANE}
    for name, value in new.items():
        if spare.get(value) != f"{name}_" or value not in written:
            lines.append(f"copyto({name}_, {value})")
    names = list(new)
    pairs = ", ".join([*names, *(f"{name}_" for name in names)])
    return arrays, [*lines, f"{pairs} = {', '.join([*(f'{name}_' for name in names), *names])}"]
