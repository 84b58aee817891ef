"""The displayed LaTeX, read back and computed with numbers, gives what the rule gives: text and code cannot drift."""

import re

import pytest
from test_optimizers import variants as flipped

from playground.choices.optimizers import Minimizer, PlaneRule, Rule, optimizers
from playground.choices.optimizers.formula import Printer, Term, formula, formula_with_numbers, symbol
from playground.numbers import latex

RULES = [name for name, cls in optimizers.items() if issubclass(cls, Rule)]


class Reader:
    """Evaluates the LaTeX of one expression; `known` maps names to numbers."""

    def __init__(self, text, values):
        names = sorted(values, key=len, reverse=True)
        words = [
            r"\frac", r"\sqrt", r"\left(", r"\right)", r"\left|", r"\right|", r"\max", r"\min", r"\operatorname{sign}",
            r"\begin{cases}", r"\end{cases}", r"\text{otherwise}", r"\cdot", r"\le", r"\ge", "\\\\",
        ]  # fmt: skip
        pattern = "|".join([*map(re.escape, names + words), r"\d+\.?\d*", r"[-+{}^<>&,]"])
        self.tokens = re.findall(pattern, text)
        assert "".join(self.tokens) == text.replace(" ", ""), text
        self.known = values

    def next(self, *expected):
        token = self.tokens.pop(0)
        assert not expected or token in expected, (token, expected)
        return token

    def peek(self):
        return self.tokens[0] if self.tokens else ""

    def sum(self):
        if self.peek() == "-":
            self.next()
            total = -self.product()
        else:
            total = self.product()
        while self.peek() in ("+", "-"):
            total = total + self.product() if self.next() == "+" else total - self.product()
        return total

    def product(self):
        total = self.power()
        ends = {"", "+", "-", "}", r"\right)", r"\right|", ",", "&", "\\\\", r"\end{cases}", "<", ">", r"\le", r"\ge"}
        while self.peek() not in ends:
            if self.peek() == r"\cdot":
                self.next()
            total *= self.power()
        return total

    def power(self):
        base = self.atom()
        return base ** self.inside("^{") if self.peek() == "^" else base

    def inside(self, opening):
        for bracket in re.findall(r"\\left[(|]|.", opening):
            self.next(bracket)
        value = self.sum()
        self.next({"{": "}", "(": r"\right)", "|": r"\right|"}[opening[-1]])
        return value

    def atom(self):
        if self.peek() == r"\left(":
            return self.inside(r"\left(")
        if self.peek() == r"\left|":
            return abs(self.inside(r"\left|"))
        token = self.next()
        if token == r"\frac":
            return self.inside("{") / self.inside("{")
        if token == r"\sqrt":
            return self.inside("{") ** 0.5
        if token in (r"\max", r"\min"):
            self.next(r"\left(")
            a, _, b, _ = self.sum(), self.next(","), self.sum(), self.next(r"\right)")
            return max(a, b) if token == r"\max" else min(a, b)
        if token == r"\operatorname{sign}":
            value = self.inside(r"\left(")
            return float((value > 0) - (value < 0))
        if token == r"\begin{cases}":
            return self.cases()
        return self.known[token] if token in self.known else float(token)

    def cases(self):
        chosen = []
        while True:
            value = self.sum()
            self.next("&")
            if self.peek() == r"\text{otherwise}":
                self.next()
                holds = True
            else:
                left, relation, right = self.sum(), self.next(), self.sum()
                holds = {"<": left < right, ">": left > right, r"\le": left <= right, r"\ge": left >= right}[relation]
            chosen += [value] if holds else []
            if self.next() == r"\end{cases}":
                return chosen[0]


def compute(lines, values):
    """`values` with the value of every line added."""
    values = dict(values)
    for line in lines:
        name, _, text = line.partition(" = ")
        values[name] = Reader(text, values).sum()
    return values


def variants(name):
    """The optimizer with its defaults, with every switch and option flipped, and with other numbers."""
    yield from flipped(name)
    cls = optimizers[name]
    yield from (cls(**{field: knob.high}) for field, knob in cls.knobs().items() if isinstance(knob.default, float))


def knob_values(rule):
    return {k.symbol: getattr(rule, f) for f, k in rule.knobs().items() if k.symbol}


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("numbers", [False, True])
@pytest.mark.parametrize("scheduled", [False, True])
@pytest.mark.parametrize("x, g, t", [(0.4, -1.7, 3), (-0.8, 0.6, 40), (0.1, 0.0, 1)])
def test_displayed_formula_is_the_rule(name, numbers, scheduled, x, g, t):
    for rule in variants(name):
        values = {"x_t": x, "g_t": g, "t": t, r"\eta_t": 0.5} | ({} if numbers else knob_values(rule))
        fields = [rule.symbols.get(field, field) for field in rule.State._fields]
        old = rule.State(*(0.3 + 0.1 * i for i in range(len(fields))))
        values |= {f"{field}_{{t-1}}": value for field, value in zip(fields, old)}
        results = compute((formula_with_numbers if numbers else formula)(rule, scheduled), values)
        after, state = rule.step(x, g, old, t, 0.5 if scheduled else 1.0)
        close = {"rel": 5e-3, "abs": 1e-6} if numbers else {"rel": 1e-12}  # numbers are shown with three digits
        assert results["x_{t+1}"] == pytest.approx(after, **close)
        for field, before, new in zip(fields, old, state):
            assert results.get(f"{field}_t", before) == pytest.approx(new, **close)


@pytest.mark.parametrize("name", [name for name, cls in optimizers.items() if issubclass(cls, PlaneRule)])
@pytest.mark.parametrize("hessian", [(4.0, 1.0, 6.0), (-2.0, 0.5, 1.0)])
def test_displayed_formula_is_the_plane_rule(name, hessian):
    for rule in variants(name):
        values = {"x_t": 7.0, "y_t": 9.0, "f_x": 3.0, "f_y": -2.0, **knob_values(rule)}
        values |= dict(zip(("f_{xx}", "f_{xy}", "f_{yy}"), hessian))
        results = compute(formula(rule), values)
        expected = rule.step((7.0, 9.0), (3.0, -2.0), hessian)
        assert (results["x_{t+1}"], results["y_{t+1}"]) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", [name for name, cls in optimizers.items() if not cls.alone])
def test_formula_is_clean(name):
    for variant in variants(name):
        for text in (formula(variant), formula(type(variant), True), formula_with_numbers(variant)):
            assert text
            for line in text:
                assert not re.search(r"\d{7}|e-\d|\.0\b|None|nan|- -|\+ -", line), line
                assert line.count("{") == line.count("}") and line.count(r"\left") == line.count(r"\right")
                left, _, right = line.partition(" = ")
                assert left != right


def test_hand_written_lines_are_only_where_no_rule_can_be_run():
    for name, cls in optimizers.items():
        if issubclass(cls, (Rule, PlaneRule)):
            assert not cls.formula_text, name
        elif issubclass(cls, Minimizer):
            assert cls.formula_text, name


def test_adam_reads_like_the_paper():
    assert formula(optimizers["adam"]) == (
        r"m_t = \beta_1 m_{t-1} + \left(1 - \beta_1\right) g_t",
        r"v_t = \beta_2 v_{t-1} + \left(1 - \beta_2\right) g_t^{2}",
        r"\hat{m}_t = \frac{m_t}{1 - \beta_1^{t}}",
        r"\hat{v}_t = \frac{v_t}{1 - \beta_2^{t}}",
        r"x_{t+1} = x_t - \frac{\alpha \hat{m}_t}{\sqrt{\hat{v}_t} + \epsilon}",
    )
    assert formula_with_numbers(optimizers["adam"](lr=0.05))[-1] == (
        r"x_{t+1} = x_t - \frac{0.05 \hat{m}_t}{\sqrt{\hat{v}_t} + 10^{-8}}"
    )
    assert formula(optimizers["sgd"], scheduled=True) == (r"x_{t+1} = x_t - \alpha \eta_t g_t",)


@pytest.mark.parametrize(
    "value, text",
    [(0.05, "0.05"), (1.0, "1"), (1 - 0.999, "0.001"), (1e-8, "10^{-8}"), (2.5e-7, r"2.5 \cdot 10^{-7}"),
     (1998.9999999999998, "1999"), (0.123456789, "0.123"), (-3.0, "-3"), (5e6, r"5 \cdot 10^{6}")],
)  # fmt: skip
def test_numbers_are_short(value, text):
    assert latex(value) == text


def test_terms_refuse_to_be_branched_on():
    with pytest.raises(TypeError, match="where"):
        bool(symbol("x") > 0)


def test_terms_keep_the_order_of_the_text():
    a, b = symbol("a"), symbol("b")
    values = {"a": 2.0, "b": 3.0}
    for term, value in (((b - (a - b)) / (a * b), 4 / 6), (-(a + b) * a, -10.0), ((a * b) ** 2, 36.0), (2**a, 4.0)):
        assert isinstance(term, Term)
        assert Reader(Printer({}).define(term), values).sum() == pytest.approx(value)
