"""A formula that somebody typed, as a SymPy expression.

Nothing of the text is ever evaluated: its characters and words are checked against short lists, Python's own parser
gives the tree, and each node of the tree is built in SymPy by the code below. Anything else is refused, with one
sentence that says what and why.
"""

from __future__ import annotations

import ast
import functools
import math
import re
from collections.abc import Callable
from typing import NoReturn

import numpy as np
import sympy as sp

from playground.choices.derive import RealFunction, X, Y, derive
from playground.messages import Message
from playground.numbers import quoted
from playground.registry import ChoiceError

MAX_CHARACTERS = 200
MAX_NODES = 60
MAX_EXPONENT = 20
MAX_DEPTH = 12  # functions, powers and divisions inside each other; second derivatives grow fast with it
LARGEST = 1e30

VALUES: dict[str, sp.Expr] = {"x": X, "y": Y, "pi": sp.pi, "e": sp.E}


class Power(RealFunction):
    """u ** c with a constant c that is not whole, or c ** u with a constant c above 0."""

    code, twin = "pow", sp.Pow

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """The slope along the base (1) or along the exponent (2)."""
        base, exponent = self.args
        if argindex == 1:
            return exponent * Power(base, exponent - 1)
        return self * sp.Float(math.log(base))


Function = type[RealFunction]


def _function(name: str, twin: Callable[..., sp.Expr], slope: Callable[[sp.Expr], sp.Expr]) -> Function:
    """The function `name` of one argument u, with its `slope` as an expression in u."""

    def fdiff(self: RealFunction, argindex: int = 1) -> sp.Expr:
        return slope(self.args[0])

    space = {"code": name, "twin": twin, "nargs": 1, "fdiff": fdiff, "__qualname__": name.upper()}  # where pickle looks
    return type(name.title(), (RealFunction,), space)


SIN: Function = _function("sin", sp.sin, lambda u: COS(u))
COS: Function = _function("cos", sp.cos, lambda u: -SIN(u))
TAN: Function = _function("tan", sp.tan, lambda u: 1 + TAN(u) ** 2)
EXP: Function = _function("exp", sp.exp, lambda u: EXP(u))
LOG: Function = _function("log", sp.log, lambda u: 1 / u)
SQRT: Function = _function(
    "sqrt", lambda u, evaluate: sp.Pow(u, sp.S.Half, evaluate=evaluate), lambda u: 1 / (2 * SQRT(u))
)
ABS: Function = _function("abs", sp.Abs, lambda u: SIGN(u))
SIGN: Function = _function("sign", sp.sign, lambda u: sp.Integer(0))
TANH: Function = _function("tanh", sp.tanh, lambda u: 1 - TANH(u) ** 2)

# What evaluates a function of a constant, which is folded at once.
FUNCTIONS: dict[Function, Callable[[float], float]] = {
    SIN: math.sin,
    COS: math.cos,
    TAN: math.tan,
    EXP: math.exp,
    LOG: math.log,
    SQRT: math.sqrt,
    ABS: abs,
    TANH: math.tanh,
}
FUNCTIONS_BY_NAME = {build.code: build for build in FUNCTIONS}

ALLOWED = Message("numbers, x, y, pi, e, + - * / **, brackets and {functions}", functions=" ".join(FUNCTIONS_BY_NAME))

TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)|(?P<name>[A-Za-z][A-Za-z0-9]*)"
    r"|(?P<open>\()|(?P<close>\))|(?P<operator>\*\*|[-+*/])|(?P<space> +)"
)


@functools.lru_cache(maxsize=256)
def parse(text: str) -> sp.Expr:
    """The formula in `text` as an expression in `X` and `Y`, at most 200 characters and 60 nodes.

    Exponents are constants from -20 to 20, or the base is a positive constant, as in 2**x. The formula must use x or
    y, be real, and be finite somewhere in the window -3 to 3. `^` is refused, not read as a power, so that the text
    also means the same when it is pasted into Python. Raises `ChoiceError` with one sentence for everything else.
    """
    expression = _read(text)
    _check_usable(text, expression)
    return expression


@functools.lru_cache(maxsize=256)
def parse_slope(text: str) -> sp.Expr:
    """The same for a text that is compared with a derivative: it may be constant, and need not be finite anywhere."""
    return _read(text)


def _read(text: str) -> sp.Expr:
    if len(text) > MAX_CHARACTERS:
        _refuse(text, Message("has {n} characters, but may have at most {most}", n=len(text), most=MAX_CHARACTERS))
    _check_words(text)
    try:
        tree = ast.parse(text.strip(" "), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        _refuse(text, Message("is not complete, check its brackets and operators"))
    operands = (ast.BinOp, ast.UnaryOp, ast.Call, ast.Constant)
    nodes = sum(isinstance(node, operands) or getattr(node, "id", "") in VALUES for node in ast.walk(tree))
    if nodes > MAX_NODES:
        why = Message("has {n} numbers, names and operations, but may have at most {most}", n=nodes, most=MAX_NODES)
        _refuse(text, why)
    return _Reader(text).read(tree)


def _refuse(text: str, why: Message) -> NoReturn:
    raise ChoiceError("Formula {text} {why}.", text=quoted(text), why=why)


def _refuse_word(text: str, word: str) -> NoReturn:
    _refuse(text, Message("contains {word}, but may only have {allowed}", word=quoted(word), allowed=ALLOWED))


def _refuse_bare(text: str, name: str) -> NoReturn:
    _refuse(text, Message("has {name} without its brackets, write {name}(x)", name=name))


def _check_words(text: str) -> None:
    """Refuses characters and words that are not on the lists, before Python's parser sees them."""
    position, before = 0, ("", "")
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None and text[position] == "^":
            _refuse(text, Message("contains '^', but a power is written with **"))
        if match is None:
            _refuse_word(text, text[position])
        kind, word = match.lastgroup or "", match.group()
        if kind == "name" and word not in VALUES and word not in FUNCTIONS_BY_NAME:
            _refuse_word(text, word)
        if before[1] in FUNCTIONS_BY_NAME and kind not in ("open", "space"):
            _refuse_bare(text, before[1])
        complete = before[0] in ("number", "name", "close") and before[1] not in FUNCTIONS_BY_NAME
        if complete and kind in ("number", "name", "open"):
            why = Message(
                "has nothing between {left} and {right}, write * for a product",
                left=quoted(before[1]),
                right=quoted(word),
            )
            _refuse(text, why)
        if kind != "space":
            before = (kind, word)
        position = match.end()
    if before[1] in FUNCTIONS_BY_NAME:
        _refuse_bare(text, before[1])
    if not before[0]:
        _refuse(text, Message("is empty, but must be made of {allowed}", allowed=ALLOWED))


class _Reader:
    """Builds the expression node by node."""

    def __init__(self, text: str) -> None:
        self.text = text

    def read(self, node: ast.expr, depth: int = 0) -> sp.Expr:
        """The expression of `node`; `depth` counts the functions, powers and divisions around it."""
        if depth > MAX_DEPTH:
            deep = Message("has functions, powers or divisions more than {most} deep inside each other", most=MAX_DEPTH)
            _refuse(self.text, deep)
        match node:
            case ast.Constant(value=int() | float() as value):
                expression = self.constant(min, value, LARGEST * 10)
            case ast.Name(id=name) if name in VALUES:
                expression = VALUES[name]
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign):
                inner = self.read(node.operand, depth)
                expression = -inner if isinstance(sign, ast.USub) else inner
            case ast.BinOp(op=ast.Add()):
                expression = self.read(node.left, depth) + self.read(node.right, depth)
            case ast.BinOp(op=ast.Sub()):
                expression = self.read(node.left, depth) - self.read(node.right, depth)
            case ast.BinOp(op=ast.Mult()):
                expression = self.read(node.left, depth) * self.read(node.right, depth)
            case ast.BinOp(op=ast.Div()):
                expression = self.quotient(self.read(node.left, depth), self.read(node.right, depth + 1))
            case ast.BinOp(op=ast.Pow()):
                expression = self.power(self.read(node.left, depth + 1), self.read(node.right, depth + 1))
            case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in FUNCTIONS_BY_NAME:
                expression = self.function(name, self.read(argument, depth + 1))
            case ast.Call():
                _refuse(self.text, Message("calls something without exactly one value in its brackets"))
            case _:
                part = ast.get_source_segment(self.text.strip(" "), node) or self.text
                _refuse_word(self.text, part)
        return self.check(expression)

    def check(self, expression: sp.Expr) -> sp.Expr:
        """`expression`, whose numbers must be real and of a size that floats can multiply."""
        if expression.has(sp.I, sp.zoo, sp.nan, sp.oo, -sp.oo):
            _refuse(self.text, Message("is not a real number everywhere, check its roots, logarithms and divisions"))
        for atom in expression.atoms(sp.Number):
            if atom and not 1 / LARGEST <= abs(atom) <= LARGEST:
                ends = {"most": LARGEST, "least": 1 / LARGEST}
                _refuse(
                    self.text, Message("contains a constant beyond {most:g}, or closer to 0 than {least:g}", **ends)
                )
        return expression

    def quotient(self, top: sp.Expr, bottom: sp.Expr) -> sp.Expr:
        """top / bottom."""
        if _value(bottom) == 0:
            _refuse(self.text, Message("divides by 0"))
        return top / bottom

    def power(self, base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
        """base ** exponent."""
        fixed, power = _value(base), _value(exponent)
        if power is None:
            if fixed is None or fixed <= 0:
                why = Message("has x or y in an exponent, where the base must be a constant above 0, as in 2**x")
                _refuse(self.text, why)
            return EXP(exponent) if base == sp.E else Power(base, exponent)
        if abs(power) > MAX_EXPONENT:
            why = Message("has an exponent beyond {most}, allowed are -{most} to {most}", most=MAX_EXPONENT)
            _refuse(self.text, why)
        if fixed is None:
            if power.is_integer():
                return base ** int(power)
            return SQRT(base) if power == 0.5 else Power(base, exponent)
        if (fixed == 0 and power < 0) or (fixed < 0 and not power.is_integer()):
            _refuse(self.text, Message("contains a power of {base:g} that is no real number", base=fixed))
        return self.constant(math.pow, fixed, power)

    def function(self, name: str, argument: sp.Expr) -> sp.Expr:
        """name(argument)."""
        build = FUNCTIONS_BY_NAME[name]
        fixed = _value(argument)
        if fixed is None:
            return build(argument)
        if (name == "log" and fixed <= 0) or (name == "sqrt" and fixed < 0):
            why = Message("contains {name}({value:g}), which is no real number", name=name, value=fixed)
            _refuse(self.text, why)
        return self.constant(FUNCTIONS[build], fixed)

    def constant(self, evaluate: Callable[..., float], *operands: float) -> sp.Expr:
        """A constant, folded at once: SymPy would look for exact forms, and take its time."""
        try:
            value = float(evaluate(*operands))
        except OverflowError:
            value = LARGEST * 10
        return sp.Integer(int(value)) if value.is_integer() else sp.Float(value)


def _value(expression: sp.Expr) -> float | None:
    """The number that a constant expression is; None if it has x or y in it."""
    return None if expression.free_symbols else float(expression)


def _check_usable(text: str, expression: sp.Expr) -> None:
    """Refuses a formula that has no slope anywhere, or cannot be drawn anywhere in the window."""
    if not expression.free_symbols:
        _refuse(text, Message("is the same everywhere, but must depend on x or y"))
    derived = derive(expression)
    parts = [
        e for p in (derived.gradient_program, derived.hessian_program) for e in (*(s for _, s in p.steps), *p.outputs)
    ]
    numbers = {n for part in parts for n in part.atoms(sp.Number)}
    if any(abs(n) > 1e300 for n in numbers):
        _refuse(text, Message("has derivatives too large for floating-point numbers"))
    x, y = np.meshgrid(np.linspace(-2.9, 2.9, 12), np.linspace(-2.8, 2.8, 12))
    with np.errstate(all="ignore"):
        values = derived.value_function("numpy")(x, y)[0]
    if not np.isfinite(values).any():
        _refuse(text, Message("is nowhere a finite number for x and y from -3 to 3"))
