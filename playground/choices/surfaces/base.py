"""What a surface is: one formula in x and y, with the facts that tests check."""

from __future__ import annotations

from typing import ClassVar

import sympy as sp

from playground.choices.derive import Derived, X, Y, derive
from playground.registry import Choice, Registry

surfaces: Registry[Surface] = Registry("surface")

GROUPS = ("convex", "ravines", "saddles", "many minima", "plateaus and cliffs", "non-smooth", "lessons", "your own")


def number(value: float | sp.Expr) -> sp.Expr:
    """A knob's value in a formula: whole numbers stay whole, so that the formula reads well; symbols pass through."""
    if isinstance(value, sp.Expr):
        return value
    return sp.Integer(int(value)) if float(value).is_integer() else sp.Float(value)


class Surface(Choice):
    """Base of all surfaces.

    Facts beside the formula: `group` (place in the menu, one of `GROUPS`), `window` (left, right, bottom, top) of the
    picture, `start` of a race, `smooth` (twice differentiable everywhere in the window), `boundary_minimum` (the
    lowest points of the window lie on its edge, where the gradient is not zero), `log_levels` (contour levels spaced
    by the logarithm of the loss above its lowest value), `axes` (names of x and y in figures), `source` (paper or
    lecture) and `look` (what to look at).
    """

    group: ClassVar[str]
    window: ClassVar[tuple[float, float, float, float]]
    start: ClassVar[tuple[float, float]]
    smooth: ClassVar[bool] = True
    boundary_minimum: ClassVar[bool] = False
    log_levels: ClassVar[bool] = False
    axes: ClassVar[tuple[str, str]] = ("x", "y")
    source: ClassVar[str]
    look: ClassVar[str]

    def formula(self, x: sp.Expr, y: sp.Expr) -> sp.Expr:
        """The loss as a SymPy expression in `x` and `y`."""
        raise NotImplementedError

    def minima(self) -> tuple[tuple[float, float], ...] | None:
        """All global minima in the window; empty where it has none, None where nobody knows them."""
        return ()

    def saddles(self) -> tuple[tuple[float, float], ...]:
        """Known saddle points in the window."""
        return ()

    def derived(self) -> Derived:
        """Value, gradient, Hessian and LaTeX of the formula."""
        return derive(self.formula(X, Y))
