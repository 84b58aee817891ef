"""Operands that remember how they were made, and what number they stand for where that is known."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np


def _power(a: float, b: float) -> float:
    return np.sqrt(a) if b == 0.5 else a**b  # a square root is what NumPy and the printed loops take, too


APPLY: dict[str, Callable[..., Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": _power,
    "neg": operator.neg, "abs": abs, "sign": np.sign, "max": np.maximum, "min": np.minimum,
    "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
    "where": lambda condition, a, b: a if condition else b,
}  # fmt: skip
ARITHMETIC = ("+", "-", "*", "/", "**")


class Term:
    """An operand that remembers how it was made: `op` and `args`; a symbol, a number, or an operation on terms.

    `value` is the number it stands for, in float64 and by the operations of the rule in their order; None where a
    symbol that it is made of has none. Equality is identity, so that a value keeps its name wherever it is used.
    """

    traced = True
    __slots__ = ("args", "op", "serial", "value", "varies")
    _count = itertools.count()
    value: float | None
    varies: bool

    def __init__(self, op: str, *args: Any, varies: bool = False, value: float | None = None) -> None:
        self.op, self.args, self.serial = op, args, next(self._count)
        terms = [argument for argument in args if isinstance(argument, Term)]
        self.varies = varies or any(term.varies for term in terms)
        if terms and all(term.value is not None for term in terms):
            with np.errstate(all="ignore"):
                value = APPLY[op](*(term.value for term in terms))
        self.value = value

    @property
    def leaf(self) -> bool:
        """Whether it is a symbol or a number."""
        return self.op in ("symbol", "number")

    def is_number(self, *values: float) -> bool:
        """Whether it is a number, and one of `values` if there are any."""
        return self.op == "number" and (not values or self.args[0] in values)

    def __neg__(self) -> Term:
        if self.op == "number":
            return number(-self.args[0])
        if self.op == "neg":
            return self.args[0]
        if self.op in ("max", "min"):  # -max(-a, -b) is the only way to write a minimum with the primitives
            return Term("min" if self.op == "max" else "max", -self.args[0], -self.args[1])
        return Term("neg", self)

    def __bool__(self) -> bool:
        raise TypeError("a rule may not branch on its operands; use where(condition, a, b)")

    def sign_(self) -> Term:
        """For `primitives.sign`."""
        return Term("sign", self)

    def maximum_(self, other: Any) -> Term:
        """For `primitives.maximum`."""
        other = term(other)
        if other.op == "neg" and other.args[0] is self:
            return Term("abs", self)
        return Term("max", self, other)

    def where_(self, a: Any, b: Any) -> Term:
        """For `primitives.where`."""
        return Term("where", self, term(a), term(b))


def _infix(op: str, swapped: bool = False) -> Callable[[Term, Any], Term]:
    def method(self: Term, other: Any) -> Term:
        return _combine(op, *((term(other), self) if swapped else (self, term(other))))

    return method


for _name, _op in {"add": "+", "sub": "-", "mul": "*", "truediv": "/", "pow": "**"}.items():
    setattr(Term, f"__{_name}__", _infix(_op))
    setattr(Term, f"__r{_name}__", _infix(_op, swapped=True))
for _name, _op in {"lt": "<", "gt": ">", "le": "<=", "ge": ">="}.items():
    setattr(Term, f"__{_name}__", _infix(_op))


def term(value: Any) -> Term:
    """`value` as a term."""
    return value if isinstance(value, Term) else number(float(value))


def number(value: float) -> Term:
    """A number as a term."""
    return Term("number", value, value=np.float64(value))


def symbol(latex: str, varies: bool = True, value: float | None = None) -> Term:
    """A symbol that differs from step to step (`varies`) or does not, and the number that it stands for."""
    return Term("symbol", latex, varies=varies, value=None if value is None else np.float64(value))


def _combine(op: str, a: Term, b: Term) -> Term:
    """`a op b`; arithmetic of numbers is done, and zeros and ones that change nothing are left out."""
    if op in ARITHMETIC and a.is_number() and b.is_number():
        return number(float(APPLY[op](a.args[0], b.args[0])))
    if op == "*" and (a.is_number(0.0) or b.is_number(0.0)):
        return number(0.0)
    if (op in "+-" and b.is_number(0.0)) or (op in ("*", "/", "**") and b.is_number(1.0)):
        return a
    if (op == "+" and a.is_number(0.0)) or (op == "*" and a.is_number(1.0)):
        return b
    return Term(op, a, b)
