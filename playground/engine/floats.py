"""Rules on plain Python floats: one start, one racer, as a printed loop.

The rule is traced once per class and the surface's program is printed into the same loop, so that a step costs well
below a microsecond. Python raises where IEEE arithmetic has an answer (1 / 0, overflow); then the engine runs the
racer again on arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from playground.choices.derive import Derived, namespace
from playground.choices.gradients import GradientSource
from playground.choices.optimizers import Rule
from playground.engine.trace import CONSTANT, LANE, STEP, Fixed, answer, split_knobs, text, trace_step
from playground.registry import cached

PYTHON_RAISES = (ArithmeticError, ValueError)


def run_rule(
    rule: Rule,
    derived: Derived,
    source: GradientSource,
    start: tuple[float, float],
    factors: Sequence[float],
    noise: np.ndarray | None,
    decay: float,
) -> np.ndarray:
    """Rows of x, y, loss, gx, gy and then two columns per state variable; shape (points, 5 + 2 * fields).

    `factors` (T floats) multiply the learning rate; `noise` (T + 1, 2) is added to the gradients; `decay` is the
    decoupled weight decay. The last row may be the first that is not finite. Raises one of `PYTHON_RAISES` where
    plain floats give up.
    """
    numbers, fixed = split_knobs(rule)
    loop = _loop(type(rule), fixed, derived, source, noise is not None, decay != 0.0)
    draws = iter(noise.ravel().tolist()).__next__ if noise is not None else None
    x, y = start
    states = [value for pair in zip(rule.init(x), rule.init(y)) for value in pair]
    flat = loop(x, y, factors, draws, decay, *numbers, *states)
    return np.fromiter(flat, float, len(flat)).reshape(-1, 5 + len(states))


@cached(512)
def _loop(
    cls: type[Rule],
    fixed: Fixed,
    derived: Derived,
    source: GradientSource,
    noisy: bool,
    decayed: bool,
) -> Callable[..., list[float]]:
    """The printed loop for one class of rules, its switches, and one surface."""
    trace, knobs, new = trace_step(cls, fixed, decayed)
    together = f"{', '.join(new)} = {', '.join(text(value) for value in new.values())}"
    names = [f"s{i}" for i in range(2 * len(cls.State._fields))]
    surface_lines = _surface_lines(derived, source, noisy, cls)
    columns = [*answer(cls), "f", "gx", "gy"]
    row = f"extend(({', '.join([*columns, *names])},))"
    body = [
        "flat = []; extend = flat.extend",
        *trace.lines(CONSTANT),
        *surface_lines,
        row,
        "for t, factor in enumerate(factors, 1):",
        *(f" {line}" for line in [*trace.lines(STEP, LANE), together, *surface_lines, row]),
        f" total = {' + '.join(columns)}",
        " if total - total != 0.0: break",
        "return flat",
    ]
    value, exact = derived.value_function("python"), derived.gradient_function("python")
    scope = namespace("python") | {"value": value, "gradient": source.function(value, exact)}
    arguments = ", ".join(["x", "y", "factors", "draw", "decay", *knobs, *names])
    exec(f"def loop({arguments}):\n " + "\n ".join(body), scope)
    return scope["loop"]


def _surface_lines(derived: Derived, source: GradientSource, noisy: bool, cls: type[Rule]) -> list[str]:
    """Lines that give the loss f and the gradient (gx, gy) at (x, y)."""
    value, exact = derived.value_function("python"), derived.gradient_function("python")
    if source.function(value, exact) is exact:
        f, gx, gy = derived.gradient_program.results()
        lines = [*derived.gradient_program.lines(), f"f = {f}; gx = {gx}; gy = {gy}"]
    else:
        lines = ["f, gx, gy = gradient(x, y)"]
    if noisy:
        lines.append("gx += draw(); gy += draw()")
    if cls.answer:
        lines.append(f"f, = value({', '.join(answer(cls))})")
    return lines
