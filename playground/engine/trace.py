"""Runs an update rule once on operands that write down what is done to them, and prints it as straight-line code.

The operations keep the order in which the rule performs them, so the printed text gives the same last bits as the
rule itself; a SymPy expression would reorder sums. Printing removes the calls, attribute look-ups and tuples that cost
a rule on plain floats most of its time.
"""

from __future__ import annotations

from typing import Any

from playground.choices.optimizers import Rule
from playground.registry import format_number

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
        names = tuple(text(one) for one in operands)
        if operator == "**" and names[1] == "0.5":
            operator, names = "sqrt", names[:1]  # exact in every language, and what NumPy does
        if (operator, *names) not in self._known:
            name = f"{self.prefix}{len(self._known)}"
            self._known[(operator, *names)] = name
            self.operations.append((name, operator, names))
            self.levels[name] = max(self.levels.get(one, CONSTANT) for one in names)
        return Traced(self, self._known[(operator, *names)])

    def lines(self, *levels: int) -> list[str]:
        """The operations of these levels as Python assignments, in the order of the rule."""
        return [
            f"{name} = " + (PYTHON[op].format(*names) if op in PYTHON else f"{names[0]} {op} {names[1]}")
            for name, op, names in self.operations
            if self.levels[name] in levels
        ]


def text(operand: Any) -> str:
    """How an operand is written in the printed text."""
    if isinstance(operand, Traced):
        return operand.name
    number = float(operand)
    return format_number(number) if number >= 0 else f"({format_number(number)})"


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


def trace_rule(cls: type[Rule], fixed: tuple[tuple[str, Any], ...]) -> tuple[Trace, Rule, list[str]]:
    """A new trace, the rule with its numeric knobs as constant inputs `k0`, `k1`, ..., and those names.

    `fixed` holds the other knobs as (name, value).
    """
    trace, names = Trace("a"), []

    def symbol(latex: str) -> Any:
        names.append(f"k{len(names)}")
        return trace.input(names[-1], CONSTANT)

    return trace, cls.with_symbols(symbol, **dict(fixed)), names


def split_knobs(rule: Rule) -> tuple[list[float], tuple[tuple[str, Any], ...]]:
    """The values of the numeric knobs in order, and (name, value) of the others."""
    numeric = [
        n for n, k in rule.knobs().items() if isinstance(k.default, (int, float)) and not isinstance(k.default, bool)
    ]
    return [float(getattr(rule, n)) for n in numeric], tuple(
        (n, getattr(rule, n)) for n in rule.knobs() if n not in numeric
    )
