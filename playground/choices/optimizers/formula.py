"""The formula of an optimizer, obtained by running its rule on operands that write LaTeX.

The rule's own names cut it into lines: every new state variable and every local name of the rule's text gets one, in
the order in which they are computed. SymPy is not used here because it would sort the terms of every sum.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from playground.choices.optimizers.base import Optimizer, PlaneRule, Rule, Search

SUM, PRODUCT, FRACTION, POWER, ATOM = range(1, 6)
FOLD: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
}  # fmt: skip
CONDITIONS = {"<": "<", ">": ">", "<=": r"\le", ">=": r"\ge"}


class Line(NamedTuple):
    """One line of a formula: `name` is the LaTeX left of the equals sign, `text` the LaTeX right of it."""

    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.name} = {self.text}"


class Term:
    """An operand that remembers how it was made: `op` and `args`; a symbol, a number, or an operation on terms.

    Equality is identity, so that a value keeps its name wherever it is used.
    """

    traced = True
    __slots__ = ("args", "op", "serial", "varies")
    _count = itertools.count()

    def __init__(self, op: str, *args: Any, varies: bool = False) -> None:
        self.op, self.args, self.serial = op, args, next(self._count)
        self.varies = varies or any(isinstance(one, Term) and one.varies for one in args)

    @property
    def leaf(self) -> bool:
        """Whether it is a symbol or a number."""
        return self.op in ("symbol", "number")

    def is_number(self, *values: float) -> bool:
        """Whether it is a number, and one of `values` if there are any."""
        return self.op == "number" and (not values or self.args[0] in values)

    def __neg__(self) -> Term:
        if self.op == "number":
            return Term("number", -self.args[0])
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
    return value if isinstance(value, Term) else Term("number", float(value))


def symbol(latex: str, varies: bool = True) -> Term:
    """A symbol that differs from step to step (`varies`) or does not."""
    return Term("symbol", latex, varies=varies)


def _combine(op: str, a: Term, b: Term) -> Term:
    """`a op b`; arithmetic of numbers is done, and zeros and ones that change nothing are left out."""
    if op in FOLD and a.is_number() and b.is_number():
        return Term("number", FOLD[op](a.args[0], b.args[0]))
    if op == "*" and (a.is_number(0.0) or b.is_number(0.0)):
        return Term("number", 0.0)
    if (op in "+-" and b.is_number(0.0)) or (op in ("*", "/", "**") and b.is_number(1.0)):
        return a
    if (op == "+" and a.is_number(0.0)) or (op == "*" and a.is_number(1.0)):
        return b
    return Term(op, a, b)


def number_text(value: float) -> str:
    """A number as one would write it: at most six characters, or three significant digits."""
    text = f"{value:.6g}"
    if len(text.lstrip("-")) > 6 or "e" in text:
        text = f"{value:.3g}"
    digits, _, exponent = text.partition("e")
    if not exponent:
        return digits
    power = f"10^{{{int(exponent)}}}"
    return {"1": power, "-1": f"-{power}"}.get(digits, rf"{digits} \cdot {power}")


class Printer:
    """Writes terms as LaTeX; `names` maps the identity of a term to the name it goes by."""

    def __init__(self, names: dict[int, str]) -> None:
        self.names = names
        self.settled: dict[int, bool] = {}  # conditions that hold, or not, in the branch being written

    def define(self, one: Term) -> str:
        """`one` itself, even if it has a name."""
        name = self.names.pop(id(one), None)
        text = self._write(one)[0]
        if name:
            self.names[id(one)] = name
        return text

    def at(self, one: Term, level: int) -> str:
        """`one`, in brackets if it binds less than `level`."""
        named = self.names.get(id(one))
        text, binds = (named, ATOM) if named else self._write(one)
        if level == ATOM and "^" in text:
            binds = POWER
        return text if binds >= level else rf"\left({text}\right)"

    def _write(self, one: Term) -> tuple[str, int]:
        match one.op:
            case "symbol":
                return one.args[0], ATOM
            case "number":
                text = number_text(one.args[0])
                return text, SUM if text.startswith("-") else PRODUCT if "cdot" in text else ATOM
            case "+" | "-":
                left, right = self.at(one.args[0], SUM), self.at(one.args[1], SUM if one.op == "+" else PRODUCT)
                return f"{left} {one.op} {self._bracket_minus(right)}", SUM
            case "neg":
                return f"-{self.at(one.args[0], PRODUCT)}", SUM
            case "*":
                return self._product(one), PRODUCT
            case "/":
                return rf"\frac{{{self.at(one.args[0], SUM)}}}{{{self.at(one.args[1], SUM)}}}", FRACTION
            case "**":
                if one.args[1].is_number(0.5):
                    return rf"\sqrt{{{self.at(one.args[0], SUM)}}}", FRACTION
                return f"{self.at(one.args[0], ATOM)}^{{{self.at(one.args[1], SUM)}}}", POWER
            case "where":
                return self._cases(one)
            case "abs":
                return rf"\left|{self.at(one.args[0], SUM)}\right|", ATOM
            case "max" | "min":
                return rf"\{one.op}\left({', '.join(self.at(a, SUM) for a in one.args)}\right)", ATOM
            case "sign":
                return rf"\operatorname{{sign}}\left({self.at(one.args[0], SUM)}\right)", ATOM
            case condition:
                left, right = (self.at(a, SUM) for a in one.args)
                return f"{left} {CONDITIONS[condition]} {right}", 0

    @staticmethod
    def _bracket_minus(text: str) -> str:
        return rf"\left({text}\right)" if text.startswith("-") else text

    def _product(self, one: Term) -> str:
        factors = sorted(self._factors(one), key=lambda factor: not factor.is_number())  # numbers come first
        texts = []
        for _, group in itertools.groupby(factors, key=id):
            same = list(group)
            text = self.at(same[0], ATOM if len(same) > 1 else PRODUCT if same[0].is_number() else FRACTION)
            texts.append(text if len(same) == 1 else f"{text}^{{{len(same)}}}")
        joined = texts[0]
        for text in texts[1:]:
            joined += (r" \cdot " if text[0].isdigit() else " ") + text
        return joined

    def _factors(self, one: Term) -> Iterator[Term]:
        if one.op == "*" and id(one) not in self.names:
            yield from self._factors(one.args[0])
            yield from self._factors(one.args[1])
        else:
            yield one

    def _cases(self, one: Term) -> tuple[str, int]:
        condition, a, b = one.args
        if id(condition) in self.settled:
            branch = a if self.settled[id(condition)] else b
            return (self.names[id(branch)], ATOM) if id(branch) in self.names else self._write(branch)
        outside = dict(self.settled)
        rows = []
        while True:
            self.settled[id(condition)] = True
            rows.append(f"{self.at(a, SUM)} & {self.at(condition, 0)}")
            self.settled[id(condition)] = False
            if b.op != "where" or id(b) in self.names:
                break
            condition, a, b = b.args
        rows.append(rf"{self.at(b, SUM)} & \text{{otherwise}}")
        self.settled = outside
        return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}", ATOM


def _locals_of(method: Any, *args: Any) -> tuple[Any, dict[str, Any]]:
    """What `method(*args)` returns, and its local names at that moment."""
    found: dict[str, Any] = {}
    before = sys.getprofile()

    def look(frame: Any, event: str, _: Any) -> None:
        if event == "return" and frame.f_code is method.__func__.__code__:
            found.update(frame.f_locals)

    sys.setprofile(look)
    try:
        returned = method(*args)
    finally:
        sys.setprofile(before)
    return returned, found


def _reachable(outputs: list[Term]) -> set[int]:
    """Identities of all terms that the outputs are made of."""
    seen, waiting = set(), list(outputs)
    while waiting:
        one = waiting.pop()
        if id(one) not in seen:
            seen.add(id(one))
            waiting += [a for a in one.args if isinstance(a, Term)]
    return seen


def _lines(outputs: list[tuple[str, Term]], inner: list[tuple[str, Term]]) -> list[Line]:
    """Lines for the outputs, and for those inner names that the outputs use, in the order of computation."""
    used = _reachable([one for _, one in outputs])
    names: dict[int, str] = {}
    lines = {}
    for name, one in outputs + [(name, one) for name, one in inner if not one.leaf and id(one) in used]:
        if id(one) in names:
            continue
        if not one.leaf:
            names[id(one)] = name
        lines[name] = one
    printer = Printer(names)
    ordered = sorted(lines.items(), key=lambda item: item[1].serial)
    return [Line(name, printer.define(one)) for name, one in ordered]


def _latex(optimizer: Optimizer, name: str, one: Term, index: str) -> str:
    latex = optimizer.symbols.get(name, name)
    return latex + (index if one.varies else "")


def _rule_lines(rule: Rule, factor: Any) -> list[Line]:
    fields = rule.State._fields
    symbols = [rule.symbols.get(field, field) for field in fields]
    old = rule.State(*(symbol(f"{one}_{{t-1}}") for one in symbols))
    (x, state), inner = _locals_of(rule.step, symbol("x_t"), symbol("g_t"), old, symbol("t"), factor)
    outputs = [(f"{name}_t", new) for name, new, before in zip(symbols, state, old) if new is not before]
    named = [(_latex(rule, name, one, "_t"), one) for name, one in inner.items() if isinstance(one, Term)]
    return _lines([("x_{t+1}", x), *outputs], named)


def _plane_lines(rule: PlaneRule, factor: Any) -> list[Line]:
    gradient, hessian = map(symbol, ("f_x", "f_y")), map(symbol, ("f_{xx}", "f_{xy}", "f_{yy}"))
    point = (symbol("x_t"), symbol("y_t"))
    (x, y), inner = _locals_of(rule.step, point, tuple(gradient), tuple(hessian), factor)
    named = [(_latex(rule, name, one, ""), one) for name, one in inner.items() if isinstance(one, Term)]
    return _lines([("x_{t+1}", x), ("y_{t+1}", y)], named)


def _search_lines(search: Search, factor: Any) -> list[Line]:
    draw = tuple(map(symbol, ("u_x", "u_y") if search.draw == "uniform" else ("n_x", "n_y")))
    window = tuple(symbol(one) for one in (r"x_{\min}", r"x_{\max}", r"y_{\min}", r"y_{\max}"))
    x, y = search.propose((symbol("x_t"), symbol("y_t")), draw, window, factor)
    return _lines([("x'", x), ("y'", y)], [])


def lines(optimizer: Optimizer, scheduled: bool = False) -> list[Line]:
    """The lines that are derived from the rule; none where there is no such rule. Other arguments as in `formula`."""
    factor = symbol(r"\eta_t") if scheduled else 1.0
    for kind, write in ((Rule, _rule_lines), (PlaneRule, _plane_lines), (Search, _search_lines)):
        if isinstance(optimizer, kind):
            return write(optimizer, factor)
    if isinstance(optimizer, Optimizer):
        return []
    raise TypeError(f"{optimizer!r} is no optimizer")


def formula(optimizer: Optimizer | type[Optimizer], scheduled: bool = False) -> tuple[str, ...]:
    """LaTeX lines with the knobs as symbols.

    An instance keeps its switches and options; a class stands for its defaults. `scheduled` shows the schedule's
    factor as eta_t beside the learning rate.
    """
    made = optimizer() if isinstance(optimizer, type) else optimizer
    fixed = {name: getattr(made, name) for name in made.knobs()}
    symbolic = type(made).with_symbols(lambda latex: symbol(latex, varies=False), **fixed)
    return (*map(str, lines(symbolic, scheduled)), *made.formula_text)


def formula_with_numbers(optimizer: Optimizer, scheduled: bool = False) -> tuple[str, ...]:
    """The same lines with the values of this optimizer's knobs in the place of their symbols."""
    return (*map(str, lines(optimizer, scheduled)), *optimizer.formula_text)
