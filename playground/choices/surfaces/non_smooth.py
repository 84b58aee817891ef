"""Non-smooth surfaces: kinks, where the gradient jumps."""

from __future__ import annotations

import sympy as sp

from playground.choices.surfaces.base import Surface, surfaces


@surfaces("absolute", "Absolute value bowl")
class AbsoluteBowl(Surface):
    """A pyramid upside down: the slope is as steep beside the minimum as far away.

    Formula: f(x, y) = |x| + 2 |y|, with its minimum 0 at (0, 0). Domain: the plane.
    """

    group = "non-smooth"
    window = (-2.0, 2.0, -2.0, 2.0)
    start = (-1.7, 1.1)
    smooth = False
    source = "Boyd, Xiao and Mutapcic, Subgradient methods, lecture notes EE392o, Stanford, 2003, section 1"
    look = "With a constant step every method ends up hopping across the kink; a decaying schedule brings it to rest."

    def formula(self, x, y):
        return sp.Abs(x) + 2 * sp.Abs(y)

    def minima(self):
        return ((0.0, 0.0),)


@surfaces("bukin", "Bukin N.6")
class Bukin(Surface):
    """A bent knife edge: the slope grows without bound as the edge comes near.

    Formula: f(x, y) = 100 sqrt(|y - 0.01 x^2|) + 0.01 |x + 10|, with its minimum 0 at (-10, 1).
    Domain: -15 to -5 for x, -3 to 3 for y.
    """

    group = "non-smooth"
    window = (-15.0, -5.0, -3.0, 3.0)
    start = (-6.0, 2.0)
    smooth = False
    source = "Jamil and Yang, A literature survey of benchmark functions for global optimization problems, 2013, no. 28"
    look = "No method follows the edge: the gradient points across it, and grows as the edge comes near."

    def formula(self, x, y):
        return 100 * sp.sqrt(sp.Abs(y - x**2 / 100)) + sp.Abs(x + 10) / 100

    def minima(self):
        return ((-10.0, 1.0),)
