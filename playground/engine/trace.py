"""Runs an update rule once on operands that write down what is done to them, and prints it as straight-line code.

The operations keep the order in which the rule performs them, so the printed text gives the same last bits as the
rule itself; a SymPy expression would reorder sums. Printing removes the calls, attribute look-ups and tuples that cost
a rule on plain floats most of its time.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from typing import Any

from playground.choices.derive import Derived, namespace
from playground.choices.gradients import GradientSource
from playground.choices.optimizers import Optimizer, PlaneRule, Rule, Search
from playground.numbers import exact

CONSTANT, STEP, LANE = range(3)  # the same throughout; one number per step; one number per step and lane

PYTHON = {
    "neg": "-{0}", "abs": "abs({0})", "sign": "sign({0})", "sqrt": "sqrt({0})",
    "maximum": "{0} if {0} >= {1} else {1}", "where": "{1} if {0} else {2}",
}  # fmt: skip


class Trace:
    """The operations so far, each written once: (name of the result, operator or primitive, names of the operands)."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.operations: list[tuple[str, str, tuple[str, ...]]] = []
        self._known: dict[tuple[str, ...], str] = {}
        self.levels: dict[str, int] = {}

    def input(self, name: str, level: int) -> Traced:
        """An operand that already has a name in the printed text, and how much it varies."""
        self.levels[name] = level
        return Traced(self, name)

    def write(self, operator: str, *operands: Any) -> Traced:
        """The operand that `operator` gives."""
        names = tuple(text(operand) for operand in operands)
        if operator == "**" and names[1] == "0.5":
            operator, names = "sqrt", names[:1]  # exact in every language, and what NumPy does
        if (operator, *names) not in self._known:
            name = f"{self.prefix}{len(self._known)}"
            self._known[(operator, *names)] = name
            self.operations.append((name, operator, names))
            self.levels[name] = max(self.levels.get(name, CONSTANT) for name in names)
        return Traced(self, self._known[(operator, *names)])

    def functions(self) -> dict[str, Callable[..., Traced]]:
        """What the function names of a formula's printed program mean on traced operands."""
        return {name: functools.partial(self.write, name) for name in namespace("numpy")}

    def lines(self, *levels: int, words: dict[str, str] = PYTHON, line: str = "{} = {}") -> list[str]:
        """The operations of these levels as assignments, in the order of the rule.

        `words` says how a language writes the operators that are no signs between two operands, `line` what an
        assignment looks like.
        """
        return [
            line.format(name, words[op].format(*names) if op in words else f"{names[0]} {op} {names[1]}")
            for name, op, names in self.operations
            if self.levels[name] in levels
        ]


def text(operand: Any) -> str:
    """How an operand is written in the printed text."""
    if isinstance(operand, Traced):
        return operand.name
    number = float(operand)
    return exact(number) if number >= 0 else f"({exact(number)})"


def _infix(operator: str, swapped: bool = False) -> Any:
    def method(self: Traced, other: Any) -> Traced:
        return self.trace.write(operator, *((other, self) if swapped else (self, other)))

    return method


class Traced:
    """An operand that records operators and primitives."""

    traced = True
    __slots__ = ("name", "trace")

    def __init__(self, trace: Trace, name: str) -> None:
        self.trace, self.name = trace, name

    __add__, __radd__ = _infix("+"), _infix("+", swapped=True)
    __sub__, __rsub__ = _infix("-"), _infix("-", swapped=True)
    __mul__, __rmul__ = _infix("*"), _infix("*", swapped=True)
    __truediv__, __rtruediv__ = _infix("/"), _infix("/", swapped=True)
    __pow__, __rpow__ = _infix("**"), _infix("**", swapped=True)
    __lt__, __le__, __gt__, __ge__ = _infix("<"), _infix("<="), _infix(">"), _infix(">=")

    def __neg__(self) -> Traced:
        return self.trace.write("neg", self)

    def __abs__(self) -> Traced:
        return self.trace.write("abs", self)

    def __bool__(self) -> bool:
        raise TypeError("a rule may not branch on its operands; use where(condition, a, b)")

    def sign_(self) -> Traced:
        """For `primitives.sign`."""
        return self.trace.write("sign", self)

    def maximum_(self, other: Any) -> Traced:
        """For `primitives.maximum`."""
        return self.trace.write("maximum", self, other)

    def where_(self, a: Any, b: Any) -> Traced:
        """For `primitives.where`."""
        return self.trace.write("where", self, a, b)


Fixed = tuple[tuple[str, Any], ...]  # (name, value) of the knobs that are no numbers


def trace_rule(
    cls: type[Optimizer], fixed: Fixed, prefix: str = "a", varied: Collection[str] = ()
) -> tuple[Trace, Any, list[str]]:
    """A new trace, the optimizer with its numeric knobs as inputs `k0`, `k1`, ..., and those names.

    The knobs `varied` differ from lane to lane, the others are constant.
    """
    trace, numeric = Trace(prefix), cls.numbers()
    names: list[str] = []

    def symbol(latex: str) -> Any:
        names.append(f"k{len(names)}")
        return trace.input(names[-1], LANE if numeric[len(names) - 1] in varied else CONSTANT)

    return trace, cls.with_symbols(symbol, **dict(fixed)), names


def trace_step(cls: type[Rule], fixed: Fixed, decayed: bool) -> tuple[Trace, list[str], dict[str, Traced]]:
    """One step of a rule on both coordinates: the trace, the names of the numeric knobs, and what x, y and the state
    variables `s0`, `s1`, ... (x and y of each in turn) become, from these, the gradient `gx`, `gy`, `t` and `factor`.
    """
    trace, rule, knobs = trace_rule(cls, fixed)
    t, factor, count = trace.input("t", STEP), trace.input("factor", STEP), len(cls.State._fields)
    new: dict[str, Any] = {}
    for index, axis in enumerate("xy"):
        x = trace_decay(trace, rule, trace.input(axis, LANE), factor) if decayed else trace.input(axis, LANE)
        state = cls.State(*(trace.input(f"s{2 * i + index}", LANE) for i in range(count)))
        new[axis], state = rule.step(x, trace.input(f"g{axis}", LANE), state, t, factor)
        new |= {f"s{2 * i + index}": field for i, field in enumerate(state)}
    return trace, knobs, new


def trace_plane_step(
    cls: type[PlaneRule], fixed: Fixed, derived: Derived, decayed: bool
) -> tuple[Trace, list[str], dict[str, Traced]]:
    """One step of a rule that couples the coordinates, as from `trace_step`."""
    trace, rule, knobs = trace_rule(cls, fixed)
    factor = trace.input("factor", STEP)
    point = tuple(trace.input(axis, LANE) for axis in "xy")
    hessian = derived.hessian_program.function_in(trace.functions())(*point)
    if decayed:
        point = tuple(trace_decay(trace, rule, coordinate, factor) for coordinate in point)
    slope = tuple(trace.input(f"g{axis}", LANE) for axis in "xy")
    return trace, knobs, dict(zip("xy", rule.step(point, slope, hessian, factor)))


def trace_search_step(cls: type[Search], fixed: Fixed, derived: Derived) -> tuple[Trace, list[str], dict[str, Traced]]:
    """One step of a search, as from `trace_step`: its state `s0` is the loss at (x, y); `u` and `v` are the draws,
    `w0` to `w3` the window.
    """
    trace, search, knobs = trace_rule(cls, fixed)
    point, draw = ([trace.input(name, level) for name in names] for names, level in (("xy", LANE), ("uv", STEP)))
    window = tuple(trace.input(f"w{i}", CONSTANT) for i in range(4))
    candidate = search.propose(tuple(point), tuple(draw), window, trace.input("factor", STEP))
    (new_loss,), loss = derived.value_program.function_in(trace.functions())(*candidate), trace.input("s0", LANE)
    better = loss > new_loss
    new = (better.where_(a, b) for a, b in zip((*candidate, new_loss), (*point, loss)))
    return trace, knobs, dict(zip(("x", "y", "s0"), new))


@functools.lru_cache(maxsize=64)
def trace_surface(
    derived: Derived, source: GradientSource, point_names: tuple[str, str]
) -> tuple[Trace, tuple[str, str], str]:
    """The operations that give the gradient at (x, y) and the loss at `point_names`, and the names of both."""
    trace = Trace("e")
    value, exact = (
        program.function_in(trace.functions()) for program in (derived.value_program, derived.gradient_program)
    )
    loss, gx, gy = source.function(value, exact)(trace.input("x", LANE), trace.input("y", LANE))
    if point_names != ("x", "y"):
        (loss,) = value(*(trace.input(name, LANE) for name in point_names))
    return trace, (text(gx), text(gy)), text(loss)


def trace_decay(trace: Trace, rule: Any, x: Traced, factor: Traced) -> Traced:
    """What the decoupled weight decay `decay` leaves of `x`."""
    return x * (1.0 - rule.rate * factor * trace.input("decay", CONSTANT))


def answer(cls: type[Rule]) -> tuple[str, str]:
    """Names of the coordinates that are recorded: the iterate, or the state variable that is the rule's answer."""
    if not cls.answer:
        return "x", "y"
    index = cls.State._fields.index(cls.answer)
    return f"s{2 * index}", f"s{2 * index + 1}"


def split_knobs(rule: Optimizer) -> tuple[list[float], Fixed]:
    """The values of the numeric knobs in order, and (name, value) of the others."""
    numeric = rule.numbers()
    return [float(getattr(rule, n)) for n in numeric], tuple(
        (n, getattr(rule, n)) for n in rule.knobs() if n not in numeric
    )
