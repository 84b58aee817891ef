"""From one formula in x and y to its value, gradient and Hessian in every library, and to its LaTeX.

The formula is differentiated once by SymPy, its common subexpressions are shared, and the result is printed as one
Python text. That text runs on Python floats, NumPy arrays and torch tensors: only the meaning of `exp`, `sin`, ...
changes with the library.
"""

from __future__ import annotations

import functools
import math
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from sympy.printing.pycode import PythonCodePrinter

X, Y = sp.symbols("x y", real=True)

FUNCTIONS = {
    sp.sin: "sin", sp.cos: "cos", sp.tan: "tan", sp.exp: "exp", sp.log: "log", sp.tanh: "tanh",
    sp.sinh: "sinh", sp.cosh: "cosh", sp.Abs: "abs", sp.sign: "sign",
}  # fmt: skip


@dataclass(frozen=True)
class Program:
    """Straight-line code: `steps` are (name, expression) in order, `outputs` the expressions asked for."""

    steps: tuple[tuple[sp.Symbol, sp.Expr], ...]
    outputs: tuple[sp.Expr, ...]

    def lines(self) -> list[str]:
        """The steps as Python assignments."""
        return [f"{name} = {_print(expression)}" for name, expression in self.steps]

    def results(self) -> list[str]:
        """The outputs as Python expressions."""
        return [_print(expression) for expression in self.outputs]

    def function(self, library: str) -> Callable[[Any, Any], tuple[Any, ...]]:
        """`f(x, y) -> outputs` on operands of `library`: python (floats), numpy or torch (which must be loaded)."""
        return self.function_in(namespace(library))

    def function_in(self, scope: dict[str, Any]) -> Callable[[Any, Any], tuple[Any, ...]]:
        """The same with functions of another kind of operand, by the names in `namespace`."""
        body = [*self.lines(), f"return ({', '.join(self.results())},)"]
        scope = dict(scope)
        exec("def program(x, y):\n " + "\n ".join(body), scope)
        return scope["program"]


class RealFunction(sp.Function):
    """A function of real arguments that SymPy leaves as it is.

    SymPy's own functions look for simpler forms and for the sign of their arguments, which can take minutes, and
    differentiate |u| into re(u) and im(u) where they cannot prove that u is real. Subclasses give `code`, the name in
    a printed program, `twin`, SymPy's function of the same meaning for LaTeX, and `fdiff`.
    """

    code: str
    twin: Callable[..., sp.Expr]
    is_extended_real = True

    def _sympystr(self, printer: Any) -> str:
        return f"{self.code}({', '.join(map(printer._print, self.args))})"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        twin = type(self).twin(*self.args, evaluate=False)
        if exp is None or not isinstance(twin, sp.Pow):
            return printer._print(twin, **({} if exp is None else {"exp": exp}))
        return rf"\left({printer._print(twin)}\right)^{{{exp}}}"


class _Printer(PythonCodePrinter):
    """Small whole powers as products: exact to the last bit in every library, unlike a general power."""

    def _print_Pow(self, expr: sp.Pow, rational: bool = False) -> str:
        base, power = expr.as_base_exp()
        if not expr.free_symbols:
            return repr(float(expr))
        if power.is_Integer and 2 <= abs(int(power)) <= 6 and base.is_Symbol:
            product = "*".join([str(base)] * abs(int(power)))
            return f"({product})" if power > 0 else f"(1/({product}))"
        if power == sp.Rational(1, 2):
            return f"sqrt({self._print(base)})"
        if power == sp.Rational(-1, 2):
            return f"(1/sqrt({self._print(base)}))"
        if power.is_Integer:
            return f"({self._print(base)})**({self._print(power)})"
        return f"pow({self._print(base)}, {self._print(power)})"

    def _print(self, expr: Any, **settings: Any) -> str:
        if isinstance(expr, sp.Function):  # before the parent's own table of functions is asked
            return self._print_Function(expr)
        return super()._print(expr, **settings)

    def _print_Function(self, expr: sp.Expr) -> str:
        if not expr.free_symbols:
            return repr(float(expr))
        name = expr.code if isinstance(expr, RealFunction) else FUNCTIONS[expr.func]
        return f"{name}({', '.join(map(self._print, expr.args))})"

    def _print_Rational(self, expr: sp.Rational) -> str:
        return repr(float(expr)) if expr.q & (expr.q - 1) == 0 else f"({expr.p}/{expr.q})"

    def _print_Integer(self, expr: sp.Integer) -> str:
        return str(expr.p) if abs(expr.p) < 2**53 else repr(float(expr))  # arrays and tensors hold no larger ones

    def _print_Float(self, expr: sp.Float) -> str:
        return repr(float(expr))

    def _print_NumberSymbol(self, expr: sp.Expr) -> str:
        return repr(float(expr))

    _print_Pi = _print_Exp1 = _print_NumberSymbol


def _print(expression: sp.Expr) -> str:
    return _Printer({"fully_qualified_modules": False}).doprint(expression)


def _python_sign(a: float) -> float:
    return float((a > 0) - (a < 0))


@functools.cache
def namespace(library: str) -> dict[str, Any]:
    """What the function names in a printed program mean for operands of `library`."""
    if library == "python":
        functions = {name: getattr(math, name, None) for name in [*FUNCTIONS.values(), "sqrt"]}
        # math.pow, because the operator turns a fractional power of a negative number into a complex number.
        return functions | {"abs": abs, "sign": _python_sign, "pow": math.pow}
    module = np if library == "numpy" else sys.modules["torch"]
    return {name: getattr(module, name) for name in [*FUNCTIONS.values(), "sqrt"]} | {
        "pow": np.power if module is np else module.pow
    }


def program(*expressions: sp.Expr, after: Sequence[tuple[sp.Symbol, sp.Expr]] = ()) -> Program:
    """The expressions as a `Program` that shares what they have in common; they may use the names of steps `after`."""
    clean = [e.replace(sp.DiracDelta, lambda *_: sp.Integer(0)) for e in map(sp.sympify, expressions)]
    names = sp.numbered_symbols("e" if after else "c", real=True)
    shared, outputs = sp.cse(clean, symbols=names, order="canonical")
    steps = list(after)

    def name_bases(expression: sp.Expr) -> sp.Expr:
        """Give a name to every compound base of a small whole power, so that it prints as a product."""
        powers = [p for p in expression.atoms(sp.Pow) if p.exp.is_Integer and 2 <= abs(int(p.exp)) <= 6]
        for power in sorted(powers, key=lambda power: (sp.count_ops(power), str(power))):
            if not power.base.is_Symbol and expression.has(power):
                base = next(names)
                steps.append((base, name_bases(power.base)))
                expression = expression.xreplace({power: base**power.exp})
        return expression

    constants: dict[sp.Symbol, sp.Expr] = {}  # torch has no functions of plain numbers, so these are not named
    for symbol, expression in shared:
        expression = expression.xreplace(constants)
        if expression.free_symbols:
            steps.append((symbol, name_bases(expression)))
        else:
            constants[symbol] = expression
    finished = tuple([name_bases(e.xreplace(constants)) for e in outputs])
    return Program(tuple(steps), finished)


def with_gradient(value: Program) -> Program:
    """Outputs (f, df/dx, df/dy) from a program with the output (f,), by the chain rule along its steps.

    SymPy would multiply out the sums that the chain rule leaves as they are: twice the operations, and less exact.
    """
    steps: list[tuple[sp.Symbol, sp.Expr]] = []
    slopes = [{X: sp.Integer(1), Y: sp.Integer(0)}, {X: sp.Integer(0), Y: sp.Integer(1)}]

    def slope(expression: sp.Expr, partials: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
        parts = sorted(expression.free_symbols, key=str)
        return sp.Add(*(expression.diff(part) * partials[part] for part in parts if partials[part] != 0))

    for name, expression in value.steps:
        steps.append((name, expression))
        for axis, partials in zip("xy", slopes):
            partials[name] = slope(expression, partials)
            if not partials[name].is_Atom:
                steps.append((sp.Symbol(f"{name}{axis}", real=True), partials[name]))
                partials[name] = steps[-1][0]
    outputs = (*value.outputs, *(slope(value.outputs[0], partials) for partials in slopes))
    return program(*outputs, after=steps)


@dataclass(frozen=True)
class Derived:
    """A formula f(x, y) with everything that follows from it."""

    expression: sp.Expr

    @functools.cached_property
    def gradient(self) -> tuple[sp.Expr, sp.Expr]:
        """(df/dx, df/dy)."""
        return self.expression.diff(X), self.expression.diff(Y)

    @functools.cached_property
    def hessian(self) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
        """(d2f/dx2, d2f/dxdy, d2f/dy2)."""
        gx, gy = self.gradient
        return gx.diff(X), gx.diff(Y), gy.diff(Y)

    @functools.cached_property
    def value_program(self) -> Program:
        """Outputs (f,)."""
        return program(self.expression)

    @functools.cached_property
    def gradient_program(self) -> Program:
        """Outputs (f, df/dx, df/dy), with what they share computed once."""
        return with_gradient(self.value_program)

    @functools.cached_property
    def hessian_program(self) -> Program:
        """Outputs (d2f/dx2, d2f/dxdy, d2f/dy2)."""
        return program(*self.hessian)

    @functools.cached_property
    def _functions(self) -> dict[tuple[str, str], Callable]:
        return {}

    def _function(self, program_name: str, library: str) -> Callable:
        if (program_name, library) not in self._functions:
            self._functions[program_name, library] = getattr(self, program_name).function(library)
        return self._functions[program_name, library]

    def value_function(self, library: str) -> Callable:
        """`f(x, y) -> (value,)`."""
        return self._function("value_program", library)

    def gradient_function(self, library: str) -> Callable:
        """`f(x, y) -> (value, df/dx, df/dy)`."""
        return self._function("gradient_program", library)

    def hessian_function(self, library: str) -> Callable:
        """`f(x, y) -> (d2f/dx2, d2f/dxdy, d2f/dy2)`."""
        return self._function("hessian_program", library)

    def with_axes(self, axes: tuple[str, str]) -> Derived:
        """The same with other names for x and y, to be shown."""
        return derive(self.expression.xreplace(dict(zip((X, Y), sp.symbols(axes, real=True)))))

    @functools.cached_property
    def latex(self) -> str:
        """The formula as LaTeX, without `f(x, y) =`."""
        return sp.latex(self.expression)

    @functools.cached_property
    def plain(self) -> str:
        """The formula as one line of text, with raised digits and products without a sign."""
        line = re.sub(r"\*\*(\d)\b", lambda power: "⁰¹²³⁴⁵⁶⁷⁸⁹"[int(power[1])], str(self.expression))
        return line.replace("**", "^").replace("*", " ").replace("-", "−")


@functools.lru_cache(maxsize=256)
def derive(expression: sp.Expr) -> Derived:
    """The `Derived` of a formula in the symbols `X` and `Y`; kept, since deriving costs tens of milliseconds."""
    return Derived(expression)
