"""Loss surfaces: one formula in x and y each, with the facts that tests check."""

from __future__ import annotations

from typing import ClassVar

import sympy as sp

from playground.choices.derive import Derived, X, Y, derive
from playground.registry import Choice, Registry, knob

surfaces = Registry("surface")


def number(value: float) -> sp.Number:
    """A knob's value in a formula: whole numbers stay whole, so that the formula reads well."""
    return sp.Integer(int(value)) if float(value).is_integer() else sp.Float(value)


class Surface(Choice):
    """Base of all surfaces.

    Facts beside the formula: `group` (place in the menu), `window` (left, right, bottom, top) of the picture,
    `start` of a race, `smooth` (twice differentiable everywhere in the window), `log_levels` (contour levels spaced
    by the logarithm of the loss above its lowest value), `source` (paper or lecture) and `look` (what to look at).
    """

    group: ClassVar[str]
    window: ClassVar[tuple[float, float, float, float]]
    start: ClassVar[tuple[float, float]]
    smooth: ClassVar[bool] = True
    log_levels: ClassVar[bool] = False
    source: ClassVar[str]
    look: ClassVar[str]

    def formula(self, x: sp.Expr, y: sp.Expr) -> sp.Expr:
        """The loss as a SymPy expression in `x` and `y`."""
        raise NotImplementedError

    def minima(self) -> tuple[tuple[float, float], ...]:
        """All global minima in the window; empty where the surface has none."""
        return ()

    def saddles(self) -> tuple[tuple[float, float], ...]:
        """Known saddle points in the window."""
        return ()

    def derived(self) -> Derived:
        """Value, gradient, Hessian and LaTeX of the formula."""
        return derive(self.formula(X, Y))


@surfaces("rosenbrock", "Rosenbrock")
class Rosenbrock(Surface):
    """A curved valley: quick to enter, slow to follow.

    Formula: f(x, y) = (a - x)^2 + b (y - x^2)^2, with its minimum 0 at (a, a^2).
    """

    group = "ravines"
    window = (-2.0, 2.0, -1.0, 3.0)
    start = (-1.5, 2.0)
    log_levels = True
    source = "Rosenbrock, An automatic method for finding the greatest or least value of a function, 1960, eq. (1)"
    look = "Every method finds the valley floor in a few steps; following it to the minimum takes hundreds."

    a: float = knob(1.0, -1.4, 1.4, symbol="a", help="where the minimum lies")
    b: float = knob(100.0, 0.1, 1000.0, log=True, symbol="b", help="steepness of the valley's walls")

    def formula(self, x, y):
        return (number(self.a) - x) ** 2 + number(self.b) * (y - x**2) ** 2

    def minima(self):
        return ((self.a, self.a**2),)
