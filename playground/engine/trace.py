"""Runs an update rule once on operands that write down what is done to them, and prints it as straight-line code.

The operations keep the order in which the rule performs them, so the printed text gives the same last bits as the
rule itself; a SymPy expression would reorder sums. Printing removes the calls, attribute look-ups and tuples that cost
a rule on plain floats most of its time.
"""

from __future__ import annotations

from typing import Any

from playground.registry import format_number

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
        self._varying: set[str] = set()

    def input(self, name: str, *, varies: bool = True) -> Traced:
        """An operand that already has a name in the printed text; `varies` from step to step, or not."""
        if varies:
            self._varying.add(name)
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
            if self._varying.intersection(names):
                self._varying.add(name)
        return Traced(self, self._known[(operator, *names)])

    def lines(self, *, varying: bool, forms: dict[str, str] = PYTHON) -> list[str]:
        """The operations that vary from step to step, or those that do not, as assignments.

        `forms` says how a language writes the operations that are no infix operators.
        """
        return [
            f"{name} = " + (forms[op].format(*names) if op in forms else f"{names[0]} {op} {names[1]}")
            for name, op, names in self.operations
            if (name in self._varying) == varying
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
