"""The kinds of optimizer: how each is asked for its next point. The engine knows these four classes only."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

from playground.messages import Message
from playground.registry import Choice, Registry

optimizers: Registry[Optimizer] = Registry("optimizer")

Operand = Any  # Python float, NumPy array, torch tensor, SymPy expression or traced operand
Pair = tuple[Operand, Operand]


# How a state variable is drawn at the point where a step is taken. "slope" is in units of the gradient and points
# against where it leads; "move" is in units of the coordinates.
ROLES = (
    "slope", "move",  # an arrow
    "slope size", "move size",  # an ellipse with these half-axes
    "slope square", "move square",  # an ellipse with their roots as half-axes
    "place",  # a point
    "",  # not at all: a plain number
)  # fmt: skip


def meanings(State: Any) -> dict[str, str]:
    """What each variable of a state is, in a few words: its docstring says so as "`name`: words; ...".

    Raises `TypeError` where it does not.
    """
    descriptions = dict(re.findall(r"`(\w+)`: ([^;`]+?)[;.]", " ".join((State.__doc__ or "").split())))
    if tuple(descriptions) != State._fields:
        raise TypeError(f"the docstring of {State.__name__} must say of each field what it is, in their order")
    return descriptions


class Nothing(NamedTuple):
    """The state of a rule that remembers nothing."""


class Optimizer(Choice):
    """Base of all optimizers.

    `group` is its place in the menu; `reference` the paper with the number of its algorithm or equation; `alone`
    whether it takes one path at a time, far too slowly for many thousand starts.
    """

    group: ClassVar[str]
    alone: ClassVar[bool] = False
    reference: ClassVar[str]
    symbols: ClassVar[dict[str, str]] = {}  # LaTeX of the names in the rule's text, where it is not the name itself
    formula_text: ClassVar[tuple[str, ...]] = ()  # LaTeX lines that no rule can be run for: acceptance, line search

    @property
    def rate(self) -> Any:
        """The learning rate, of those that have one."""
        return vars(self)["lr"]

    def code(self) -> str:
        """The source of what computes its steps: its own methods, or those of the nearest class that gives it some."""
        for cls in type(self).__mro__:
            own, file = vars(cls).values(), inspect.getfile(cls)
            methods = [method for method in own if inspect.isfunction(method) and method.__code__.co_filename == file]
            if methods:
                return "\n".join(textwrap.dedent(inspect.getsource(method)) for method in methods)
        return ""


class Rule(Optimizer):
    """A first-order update that treats every coordinate alike.

    The text of `init` and `step` uses operators and the three primitives only, so that it runs on every kind of
    operand, of any shape. `x`, `g` and every field of the state have the same shape.
    """

    State: ClassVar[Any] = Nothing
    drawn: ClassVar[dict[str, str]] = {}  # for each field of the state one of `ROLES`
    answer: ClassVar[str] = ""  # the field of the state that is the result, where that is not the iterate itself

    def init(self, x: Operand) -> NamedTuple:
        """The state before the first step at `x`. Its docstring says what each field is, as `meanings` reads it."""
        return self.State(*(x - x for _ in self.State._fields))

    def step(self, x: Operand, g: Operand, state: Any, t: int, factor: float = 1.0) -> tuple[Operand, Any]:
        """One update.

        `g`: gradient at `x`; `t`: number of this step, from 1; `factor`: the schedule's multiple of the learning
        rate at this step. Returns the new iterate and the new state.
        """
        raise NotImplementedError


class PlaneRule(Optimizer):
    """An update that couples the coordinates through the Hessian; operands as in `Rule`, one per coordinate."""

    State: ClassVar[Any] = Nothing

    def step(self, x: Pair, g: Pair, hessian: tuple[Operand, Operand, Operand], factor: float = 1.0) -> Pair:
        """One update from the gradient (gx, gy) and the Hessian (hxx, hxy, hyy) at `x`."""
        raise NotImplementedError


class Search(Optimizer):
    """A search without gradients: propose a point from a random draw, keep it if its loss is lower."""

    draw: ClassVar[str]  # "uniform" in the unit square, or "normal" with unit deviation

    def propose(self, x: Pair, draw: Pair, window: tuple[float, float, float, float], factor: float = 1.0) -> Pair:
        """The point to try, from the best point so far and the window (left, right, bottom, top) of the surface."""
        raise NotImplementedError


class Stop(NamedTuple):
    """Why a method stopped: `word` is converged, stopped, diverged or failed, `reason` one short clause
    with its full stop."""

    word: str
    reason: Message


class Minimizer(Optimizer):
    """A method that runs by itself (SciPy's) and reports one point per iteration."""

    def minimize(
        self,
        value: Callable[[Any], float],
        gradient: Callable[[Any], Any],
        start: Any,
        steps: int,
        report: Callable[[Any], None],
    ) -> Stop:
        """Run from `start` (shape (2,)) for at most `steps` iterations, calling `report(x)` after each."""
        raise NotImplementedError
