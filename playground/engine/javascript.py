"""Racers as JavaScript: the loop of one racer on doubles, so that a browser computes what the record holds.

The rule and the surface's gradient are traced and printed as in `floats` and `blocks`, from the same operations in the
same order. Addition, subtraction, multiplication, division and square roots have one right result in every language, so
a loop of these alone has the record's bits; powers and functions may differ in the last one.

The text consists of generated names, operators, the functions of `Math` and number literals. Whatever else belongs to a
racer (knobs, start, schedule, draws) is an argument, so that one loop serves while a knob is turned.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from playground.choices.derive import Derived
from playground.choices.gradients import GradientSource
from playground.choices.optimizers import Optimizer, PlaneRule, Rule, Search
from playground.engine.race import factors_of, problem_of
from playground.engine.reference import Problem
from playground.engine.trace import (
    CONSTANT,
    LANE,
    STEP,
    Fixed,
    Trace,
    answer,
    split_knobs,
    text,
    trace_plane_step,
    trace_rule,
    trace_step,
    trace_surface,
)
from playground.messages import NOTHING, Message
from playground.registry import cached
from playground.specs import Race

FUNCTIONS = ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "abs", "sqrt")
WORDS = {
    "neg": "-{0}", "sign": "({0} > 0) - ({0} < 0)", "maximum": "{0} >= {1} ? {0} : {1}", "where": "{0} ? {1} : {2}",
    "**": "Math.pow({0}, {1})", "pow": "Math.pow({0}, {1})",
} | {name: f"Math.{name}({{0}})" for name in FUNCTIONS}  # fmt: skip
SAME_BITS = {"+", "-", "*", "/", "<", "<=", ">", ">=", "neg", "abs", "sign", "maximum", "where", "sqrt"}
ARGUMENTS = "x, y, factors, draws, decay, window, knobs, rows"


@dataclass(frozen=True)
class Printed:
    """A loop's text, its state variables, and whether all its operations have one right result."""

    text: str
    states: tuple[str, ...]
    same_bits: bool


def printable(optimizer: Optimizer) -> Message:
    """Why an optimizer does not move while something is dragged; empty where it can be printed."""
    own = isinstance(optimizer, (Rule, PlaneRule, Search))
    return NOTHING if own else Message("Computed on release, by a library.")


@dataclass(frozen=True, kw_only=True)
class BrowserKnob:
    """A number of a racer that can be turned, with its range; `log` asks for a logarithmic slider."""

    name: str
    label: str
    help: str
    low: float
    high: float
    log: bool
    whole: bool  # only whole numbers
    value: float


@dataclass(frozen=True, kw_only=True)
class BrowserProgram:
    """What it takes to run a racer again in a browser; `printed` says how it is called."""

    text: str  # the JavaScript; empty where there is none
    reason: Message  # why there is none, as a sentence; empty where there is one
    states: tuple[str, ...]  # state variables, in the order of their columns
    same_bits: bool  # whether it gives the record's bits, not only its first dozen digits
    knobs: tuple[BrowserKnob, ...]  # the numeric knobs, in the order of the argument
    factors: tuple[float, ...]  # (T,), multiples of the learning rate
    draws: np.ndarray | None  # noise on the gradients (T + 1, 2), or what a search draws (T, 2)
    decay: float


def programs(race: Race) -> tuple[BrowserProgram, ...]:
    """What a browser needs to run the racers again, (R,)."""
    problem = problem_of(race)
    return tuple(program(racer.optimizer, problem, factors_of(racer.schedule, race.steps)) for racer in race.racers)


def program(optimizer: Optimizer, problem: Problem, factors: Sequence[float]) -> BrowserProgram:
    """What a browser needs to run the optimizer over the problem from another start or with other knobs."""
    reason, draws, loop = printable(optimizer), problem.noise, Printed("", (), False)
    if not reason:
        _, fixed = split_knobs(optimizer)
        loop = printed(
            type(optimizer), fixed, problem.derived, problem.source, problem.noise is not None, problem.decay != 0.0
        )
        if isinstance(optimizer, Search):
            draws = problem.draws(optimizer)
    return BrowserProgram(
        text=loop.text,
        reason=reason,
        states=loop.states,
        same_bits=loop.same_bits,
        knobs=_knobs(optimizer),
        factors=tuple(factors),
        draws=draws,
        decay=problem.decay,
    )


@functools.lru_cache(maxsize=512)
def _knobs(optimizer: Optimizer) -> tuple[BrowserKnob, ...]:
    knobs = optimizer.knobs()
    return tuple(
        BrowserKnob(
            name=name,
            label=knob.title(name),
            help=knob.help,
            low=knob.low,
            high=knob.high,
            log=knob.log,
            whole=isinstance(knob.default, int),
            value=float(getattr(optimizer, name)),
        )
        for name, knob in knobs.items()
        if name in optimizer.numbers()
    )


@cached(512)
def printed(
    cls: type[Optimizer], fixed: Fixed, derived: Derived, source: GradientSource, noisy: bool, decayed: bool
) -> Printed:
    """The loop of one class of optimizers with its switches `fixed`, on one surface.

    As a function of `ARGUMENTS` it fills `rows` with what `lanes.run` returns (x, y, loss, gx, gy, then x and y of each
    state variable, for each of the T + 1 points) and returns how many points are finite. `factors` (T) multiply the
    learning rate; `draws` is the noise on the gradients, (T + 1, 2), or what a search draws, (T, 2); `decay` is the
    decoupled weight decay, `window` the surface's (left, right, bottom, top), `knobs` are the numeric ones in order.
    """
    if issubclass(cls, Search):
        return _search(cls, fixed, derived)
    assert issubclass(cls, (Rule, PlaneRule))
    if issubclass(cls, Rule):
        (trace, knobs, new), begin, point_names = trace_step(cls, fixed, decayed), _begin(cls, fixed), answer(cls)
    else:
        (trace, knobs, new), begin, point_names = trace_plane_step(cls, fixed, derived, decayed), [], ("x", "y")
    surface_trace, slope, loss = trace_surface(derived, source, point_names)
    names = [f"s{i}" for i in range(2 * len(cls.State._fields))]
    body = [
        *begin,
        *_lines(trace, CONSTANT),
        "for (let k = 0, at = 0; ; k++) {",
        *_lines(surface_trace, CONSTANT, LANE),
        f"const f = {loss}, gx = {_plus_draw(slope[0], 0, noisy)}, gy = {_plus_draw(slope[1], 1, noisy)};",
        *_record([*point_names, "f", "gx", "gy"], names),
        "const t = k + 1, factor = factors[k];",
        *_lines(trace, STEP, LANE),
        f"const {', '.join(f'{name}_ = {text(value)}' for name, value in new.items())};",
        " ".join(f"{name} = {name}_;" for name in new),
        "}",
    ]
    return Printed(_function(knobs, body), cls.State._fields, _same_bits(trace, surface_trace))


def _function(knobs: list[str], body: list[str]) -> str:
    """The text of the function; `knobs` are given their names first."""
    head = [f"const [{', '.join(knobs)}] = knobs;"] if knobs else []
    return "\n".join([f"({ARGUMENTS}) => {{", *head, *body, "}"])


def _lines(trace: Trace, *levels: int) -> list[str]:
    return trace.lines(*levels, words=WORDS, line="const {} = {};")


def _same_bits(*traces: Trace) -> bool:
    return all(operator in SAME_BITS for trace in traces for _, operator, _ in trace.operations)


def _plus_draw(slope: str, axis: int, noisy: bool) -> str:
    return f"{slope} + draws[2 * k + {axis}]" if noisy else slope


def _record(names: list[str], more: list[str]) -> list[str]:
    """Lines that write a point into its row, and end at the first that is not finite or after the last step."""
    finite = " && ".join(f"Number.isFinite({name})" for name in names)
    return [
        *(f"rows[at++] = {name};" for name in [*names, *more]),
        f"if (!({finite})) return k;",
        "if (k === factors.length) return k + 1;",
    ]


def _begin(cls: type[Rule], fixed: Fixed) -> list[str]:
    """Lines that give the state variables their first values."""
    trace, rule, _ = trace_rule(cls, fixed, "i")
    first = [rule.init(trace.input(axis, LANE)) for axis in "xy"]
    values = [text(value) for pair in zip(*first) for value in pair]
    assignments = ", ".join(f"s{i} = {value}" for i, value in enumerate(values))
    return [*_lines(trace, CONSTANT, LANE), *([f"let {assignments};"] if assignments else [])]


def _search(cls: type[Search], fixed: Fixed, derived: Derived) -> Printed:
    """The loop of a search: it proposes a point and keeps it if its loss is lower; it sees no gradient."""
    trace, search, knobs = trace_rule(cls, fixed)
    window = tuple(trace.input(f"w{i}", CONSTANT) for i in range(4))
    point, draw = ([trace.input(name, LANE) for name in names] for names in (("x", "y"), ("u", "v")))
    new = search.propose(tuple(point), tuple(draw), window, trace.input("factor", STEP))
    before, after = Trace("b"), Trace("e")
    first, new_loss = (
        derived.value_program.function_in(stage.functions())(*(stage.input(axis, LANE) for axis in axes))[0]
        for stage, axes in ((before, ("x", "y")), (after, ("p", "q")))
    )
    body = [
        "const [w0, w1, w2, w3] = window;",
        *_lines(trace, CONSTANT),
        *_lines(before, CONSTANT, LANE),
        f"let f = {text(first)};",
        "for (let k = 0, at = 0; ; k++) {",
        *_record(["x", "y", "f"], ["NaN", "NaN"]),
        "const factor = factors[k], u = draws[2 * k], v = draws[2 * k + 1];",
        *_lines(trace, STEP, LANE),
        f"const p = {text(new[0])}, q = {text(new[1])};",
        *_lines(after, CONSTANT, LANE),
        f"const found = {text(new_loss)};",
        "if (found < f) { x = p; y = q; f = found; }",
        "}",
    ]
    return Printed(_function(knobs, body), (), _same_bits(trace, before))
