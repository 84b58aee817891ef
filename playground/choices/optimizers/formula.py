"""The formula of an optimizer, obtained by running its rule on operands that write LaTeX.

The rule's own names cut it into lines: every new state variable and every local name of the rule's text gets one, in
the order in which they are computed. SymPy is not used here because it would sort the terms of every sum.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from playground.choices.optimizers.base import Optimizer, PlaneRule, Rule, Search
from playground.choices.optimizers.term import Term, symbol
from playground.numbers import latex, latex_digits

SUM, PRODUCT, FRACTION, POWER, ATOM = range(1, 6)
FACTOR, DECAY = r"\eta_t", r"\lambda_{\text{decay}}"  # the schedule's multiple, the strength of a decoupled decay
CONDITIONS = {"<": "<", ">": ">", "<=": r"\le", ">=": r"\ge"}

Make = Callable[[str], Term]


class Line(NamedTuple):
    """One line of a formula: `name` is the LaTeX left of the equals sign, `text` the LaTeX right of it.

    `value` is what it comes to and `numbers` is `text` with numbers put in, where those are known; `each` says that it
    is about each coordinate, while others, such as 1 - beta^t, are about the step; `digits` are as many as `value`
    needs.
    """

    name: str
    text: str
    numbers: str = ""
    value: float | None = None
    each: bool = False
    digits: int = 3

    @property
    def result(self) -> str:
        """The value as LaTeX, where it is known."""
        return "" if self.value is None else latex_digits(self.value, self.digits)

    def __str__(self) -> str:
        return f"{self.name} = {self.text}"


def telling(before: float | None, after: float | None) -> int:
    """How many digits two places need for the step between them to be seen."""
    if before is None or after is None or not math.isfinite(before - after) or before == after:
        return 3
    return min(max(math.ceil(math.log10(max(abs(before), abs(after)) / abs(before - after))) + 2, 3), 12)


class Printer:
    """Writes terms as LaTeX; `names` maps the identity of a term to the name it goes by.

    With `numbers` it writes the value of whatever has a name, or is the same at every step; `digits` says by their
    identity which of these need more than three.
    """

    def __init__(self, names: dict[int, str], numbers: bool = False, digits: Mapping[int, int] | None = None) -> None:
        self.names, self.numbers, self.digits = names, numbers, digits or {}
        self.settled: dict[int, bool] = {}  # conditions that hold, or not, in the branch being written

    def define(self, term: Term) -> str:
        """`term` itself, even if it has a name."""
        name = self.names.pop(id(term), None)
        text = self._write(term)[0]
        if name:
            self.names[id(term)] = name
        return text

    def at(self, term: Term, level: int) -> str:
        """`term`, in brackets if it binds less than `level`."""
        text, binds = self._reference(term)
        if level == ATOM and "^" in text:
            binds = POWER
        return text if binds >= level else rf"\left({text}\right)"

    def _reference(self, term: Term) -> tuple[str, int]:
        name = self.names.get(id(term))
        if self.numbers and term.value is not None and (name or term.op == "symbol" or not term.varies):
            varying = latex_digits(term.value, self.digits.get(id(term), 3)) if term.varies else ""
            return self._binds(varying or latex(term.value))
        return (name, ATOM) if name else self._write(term)

    def _write(self, term: Term) -> tuple[str, int]:
        match term.op:
            case "symbol":
                return term.args[0], ATOM
            case "number":
                return self._binds(latex(term.args[0]))
            case "+" | "-":
                left, right = self.at(term.args[0], SUM), self.at(term.args[1], SUM if term.op == "+" else PRODUCT)
                return f"{left} {term.op} {self._bracket_minus(right)}", SUM
            case "neg":
                return f"-{self.at(term.args[0], PRODUCT)}", SUM
            case "*":
                return self._product(term), PRODUCT
            case "/":
                return rf"\frac{{{self.at(term.args[0], SUM)}}}{{{self.at(term.args[1], SUM)}}}", FRACTION
            case "**":
                if term.args[1].is_number(0.5):
                    return rf"\sqrt{{{self.at(term.args[0], SUM)}}}", FRACTION
                return f"{self.at(term.args[0], ATOM)}^{{{self.at(term.args[1], SUM)}}}", POWER
            case "where":
                return self._cases(term)
            case "abs":
                return rf"\left|{self.at(term.args[0], SUM)}\right|", ATOM
            case "max" | "min":
                return rf"\{term.op}\left({', '.join(self.at(a, SUM) for a in term.args)}\right)", ATOM
            case "sign":
                return rf"\operatorname{{sign}}\left({self.at(term.args[0], SUM)}\right)", ATOM
            case condition:
                left, right = (self.at(a, SUM) for a in term.args)
                return f"{left} {CONDITIONS[condition]} {right}", 0

    @staticmethod
    def _binds(text: str) -> tuple[str, int]:
        return text, SUM if text.startswith("-") else PRODUCT if "cdot" in text else ATOM

    @staticmethod
    def _bracket_minus(text: str) -> str:
        return rf"\left({text}\right)" if text.startswith("-") else text

    def _product(self, term: Term) -> str:
        factors = sorted(self._factors(term), key=lambda factor: not factor.is_number())  # numbers come first
        texts = []
        for _, group in itertools.groupby(factors, key=id):
            same = list(group)
            level = PRODUCT if self.numbers or same[0].is_number() else FRACTION
            text = self.at(same[0], ATOM if len(same) > 1 else level)
            texts.append(text if len(same) == 1 else f"{text}^{{{len(same)}}}")
        product = texts[0]
        for text in texts[1:]:
            product += (r" \cdot " if self.numbers or text[0].isdigit() else " ") + text
        return product

    def _factors(self, term: Term) -> Iterator[Term]:
        if term.op == "*" and id(term) not in self.names and (term.varies or not self.numbers):
            yield from self._factors(term.args[0])
            yield from self._factors(term.args[1])
        else:
            yield term

    def _cases(self, term: Term) -> tuple[str, int]:
        condition, a, b = term.args
        if id(condition) in self.settled:
            return self._reference(a if self.settled[id(condition)] else b)
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
    local_names: dict[str, Any] = {}
    before = sys.getprofile()

    def profile(frame: Any, event: str, _: Any) -> None:
        if event == "return" and frame.f_code is method.__func__.__code__:
            local_names.update(frame.f_locals)

    sys.setprofile(profile)
    try:
        result = method(*args)
    finally:
        sys.setprofile(before)
    return result, local_names


def _reachable(outputs: list[Term]) -> set[int]:
    """Identities of all terms that the outputs are made of."""
    identities, waiting = set(), list(outputs)
    while waiting:
        term = waiting.pop()
        if id(term) not in identities:
            identities.add(id(term))
            waiting += [a for a in term.args if isinstance(a, Term)]
    return identities


def _lines(
    outputs: list[tuple[str, Term]],
    inner: list[tuple[str, Term]],
    moves: Iterable[tuple[Term, Term]],
    each: Collection[Term] = (),
) -> list[Line]:
    """Lines for the outputs, and for those inner names that the outputs use, in the order of computation.

    `moves`: places before and after the step; `each`: the symbols that stand for something of each coordinate.
    """
    digits = {id(term): telling(before.value, after.value) for before, after in moves for term in (before, after)}
    own = {id(term) for term in each}
    used_terms = _reachable([term for _, term in outputs])
    names: dict[int, str] = {}
    lines = {}
    for name, term in outputs + [(name, term) for name, term in inner if not term.leaf and id(term) in used_terms]:
        if id(term) in names:
            continue
        if not term.leaf:
            names[id(term)] = name
        lines[name] = term
    printer, number_printer = Printer(names), Printer(names, numbers=True, digits=digits)
    ordered = sorted(lines.items(), key=lambda item: item[1].serial)
    return [
        Line(
            name,
            printer.define(term),
            "" if term.value is None else number_printer.define(term),
            term.value,
            not own.isdisjoint(_reachable([term])),
            digits.get(id(term), 3),
        )
        for name, term in ordered
    ]


def _latex(optimizer: Optimizer, name: str, term: Term, index: str) -> str:
    latex = optimizer.symbols.get(name, name)
    return latex + (index if term.varies else "")


def _decay(rule: Rule | PlaneRule, factor: Any, x: Term, decay: Any) -> Term:
    """`x` after the penalty's decoupled decay, which the engine takes off before the rule's step."""
    return x * (1.0 - rule.rate * factor * decay) if isinstance(decay, Term) else x


def _rule_lines(rule: Rule, factor: Any, decay: Any, make: Make) -> list[Line]:
    symbols = [rule.symbols.get(field, field) for field in rule.State._fields]
    old = rule.State(*(make(f"{name}_{{t-1}}") for name in symbols))
    start, slope = make("x_t"), make("g_t")
    point = _decay(rule, factor, start, decay)
    (x, state), inner = _locals_of(rule.step, point, slope, old, make("t"), factor)
    outputs = [(f"{name}_t", new) for name, new, before in zip(symbols, state, old) if new is not before]
    inner_lines = [(_latex(rule, name, term, "_t"), term) for name, term in inner.items() if isinstance(term, Term)]
    return _lines([("x_{t+1}", x), *outputs], [("x'_t", point), *inner_lines], [(start, x)], (start, slope, *old))


def _plane_lines(rule: PlaneRule, factor: Any, decay: Any, make: Make) -> list[Line]:
    gradient, hessian = map(make, ("f_x", "f_y")), map(make, ("f_{xx}", "f_{xy}", "f_{yy}"))
    start = make("x_t"), make("y_t")
    point = tuple(_decay(rule, factor, coordinate, decay) for coordinate in start)
    (x, y), inner = _locals_of(rule.step, point, tuple(gradient), tuple(hessian), factor)
    inner_lines = [(_latex(rule, name, term, ""), term) for name, term in inner.items() if isinstance(term, Term)]
    return _lines([("x_{t+1}", x), ("y_{t+1}", y)], [*zip(("x'_t", "y'_t"), point), *inner_lines], zip(start, (x, y)))


def _search_lines(search: Search, factor: Any, decay: Any, make: Make) -> list[Line]:
    letter = "u" if search.draw == "uniform" else "n"
    draw = make(f"{letter}_x"), make(f"{letter}_y")
    window: Any = tuple(make(latex) for latex in (r"x_{\min}", r"x_{\max}", r"y_{\min}", r"y_{\max}"))
    start = (make("x_t"), make("y_t"))
    x, y = search.propose(start, draw, window, factor)
    return _lines([("x'", x), ("y'", y)], [], zip(start, (x, y)))


def lines(
    optimizer: Optimizer, scheduled: bool = False, decayed: bool = False, numbers: Mapping[str, float] | None = None
) -> list[Line]:
    """The lines that are derived from the rule; none where there is no such rule.

    `numbers` gives numbers for symbols by their LaTeX; where it has all of them the lines come with numbers put in.
    `decayed` begins with the decoupled decay of a penalty, LaTeX `DECAY`. Other arguments as in `formula`.
    """
    values = numbers or {}

    def make(latex: str) -> Term:
        return symbol(latex, value=values.get(latex))

    factor, decay = make(FACTOR) if scheduled else 1.0, make(DECAY) if decayed else None
    writers: dict[type[Optimizer], Callable[[Any, Any, Any, Make], list[Line]]] = {
        Rule: _rule_lines,
        PlaneRule: _plane_lines,
        Search: _search_lines,
    }
    for kind, write in writers.items():
        if isinstance(optimizer, kind):
            return write(optimizer, factor, decay, make)
    if isinstance(optimizer, Optimizer):
        return []
    raise TypeError(f"{optimizer!r} is no optimizer")


def worked_lines(optimizer: Optimizer, numbers: Mapping[str, float], scheduled: bool, decayed: bool) -> list[Line]:
    """The lines of one step with its numbers put in; arguments as in `lines`, knobs stand for themselves."""
    values = iter([getattr(optimizer, name) for name, knob in optimizer.knobs().items() if knob.numeric])
    symbolic = _with_symbols(optimizer, lambda latex: symbol(latex, varies=False, value=next(values)))
    return lines(symbolic, scheduled, decayed, numbers)


def _with_symbols(optimizer: Optimizer, make: Callable[[str], Term]) -> Optimizer:
    return type(optimizer).with_symbols(make, **{name: getattr(optimizer, name) for name in optimizer.knobs()})


def formula(optimizer: Optimizer | type[Optimizer], scheduled: bool = False) -> tuple[str, ...]:
    """LaTeX lines with the knobs as symbols.

    An instance keeps its switches and options; a class stands for its defaults. `scheduled` shows the schedule's
    factor as eta_t beside the learning rate.
    """
    instance = optimizer() if isinstance(optimizer, type) else optimizer
    symbolic = _with_symbols(instance, lambda latex: symbol(latex, varies=False))
    return (*map(str, lines(symbolic, scheduled)), *instance.formula_text)


def formula_with_numbers(optimizer: Optimizer, scheduled: bool = False) -> tuple[str, ...]:
    """The same lines with the values of this optimizer's knobs instead of their symbols."""
    return (*map(str, lines(optimizer, scheduled)), *optimizer.formula_text)
