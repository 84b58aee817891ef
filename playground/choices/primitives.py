"""The three operations an update rule may use besides operators, for every kind of operand.

Operands are Python numbers, NumPy arrays, torch tensors, SymPy expressions, and traced operands (any class with an
attribute `traced` and the methods `sign_`, `maximum_` and `where_`). Libraries are looked up among the loaded
modules, so that importing this loads none of them.
"""

from __future__ import annotations

import sys
from typing import Any

NUMBERS = (float, int, bool)


def _library(*operands: Any) -> str:
    for operand in operands:
        if type(operand) not in NUMBERS:
            return "traced" if hasattr(type(operand), "traced") else type(operand).__module__.partition(".")[0]
    return "python"


def sign(a: Any) -> Any:
    """-1, 0 or 1, elementwise; shape of `a`."""
    match _library(a):
        case "python":
            return float((a > 0) - (a < 0))
        case "traced":
            return a.sign_()
        case library:
            return sys.modules[library].sign(a)


def maximum(a: Any, b: Any) -> Any:
    """The larger of `a` and `b`, elementwise; either may be a number."""
    match _library(a, b):
        case "python":
            return a if a >= b else b
        case "traced":
            return a.maximum_(b) if hasattr(type(a), "traced") else b.maximum_(a)
        case "sympy":
            return sys.modules["sympy"].Max(a, b)
        case "torch":
            return a.clamp(min=b) if hasattr(a, "clamp") else b.clamp(min=a)
        case library:
            return sys.modules[library].maximum(a, b)


def where(condition: Any, a: Any, b: Any) -> Any:
    """`a` where `condition` holds, else `b`, elementwise; a plain bool picks a whole operand."""
    match _library(condition):
        case "python":
            return a if condition else b
        case "traced":
            return condition.where_(a, b)
        case "sympy":
            sympy = sys.modules["sympy"]
            if isinstance(condition, (sympy.logic.boolalg.BooleanTrue, sympy.logic.boolalg.BooleanFalse)):
                return a if condition else b
            return sympy.Piecewise((a, condition), (b, True))
        case library:
            return sys.modules[library].where(condition, a, b)
