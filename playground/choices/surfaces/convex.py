"""Convex surfaces: one valley, and the only question is how fast."""

from __future__ import annotations

import math

import sympy as sp

from playground.choices.surfaces.base import Surface, number, surfaces
from playground.registry import knob


@surfaces("sphere", "Sphere")
class Sphere(Surface):
    """The same curvature in every direction: the easiest surface there is.

    Formula: f(x, y) = x^2 + y^2, with its minimum 0 at (0, 0). Domain: the plane.
    """

    group = "convex"
    window = (-2.0, 2.0, -2.0, 2.0)
    start = (-1.6, 1.2)
    source = "De Jong, An analysis of the behavior of a class of genetic adaptive systems, 1975, function F1"
    look = "The gradient points straight at the minimum, so plain gradient descent is hard to beat."

    def formula(self, x, y):
        return x**2 + y**2

    def minima(self):
        return ((0.0, 0.0),)


@surfaces("bowl", "Ill-conditioned bowl")
class Bowl(Surface):
    """A bowl that is steeper across than along, by a factor of your choice.

    Formula: f(x, y) = (u^2 + c v^2) / 2, where (u, v) is (x, y) turned by the angle r and c is the condition number of
    the Hessian. Minimum 0 at (0, 0). Domain: the plane.
    """

    group = "convex"
    window = (-2.0, 2.0, -2.0, 2.0)
    start = (-1.8, 0.7)
    log_levels = True
    source = "Boyd and Vandenberghe, Convex Optimization, 2004, section 9.3.2"
    look = (
        "Gradient descent zig-zags across the ravine; momentum damps the zig-zag. "
        "Turn the bowl: methods with one step size per coordinate lose their advantage."
    )

    condition: float = knob(20.0, 1.0, 1000.0, log=True, symbol="c", help="largest curvature over smallest")
    rotation: float = knob(0.0, 0.0, 90.0, symbol="r", help="angle of the valley to the x axis, in degrees")

    def formula(self, x, y):
        if isinstance(self.rotation, sp.Expr):
            c, s = sp.cos(self.rotation), sp.sin(self.rotation)
        else:
            angle = math.radians(self.rotation)
            c, s = (number(round(turn(angle), 15)) for turn in (math.cos, math.sin))
        return (c * x + s * y) ** 2 / 2 + number(self.condition) * (c * y - s * x) ** 2 / 2

    def minima(self):
        return ((0.0, 0.0),)


@surfaces("booth", "Booth")
class Booth(Surface):
    """A sum of two squared linear equations: a least-squares problem with an oblique valley.

    Formula: f(x, y) = (x + 2y - 7)^2 + (2x + y - 5)^2, with its minimum 0 at (1, 3). Domain: the plane.
    """

    group = "convex"
    window = (-5.0, 7.0, -3.0, 9.0)
    start = (-4.0, 0.5)
    log_levels = True
    source = "Jamil and Yang, A literature survey of benchmark functions for global optimization problems, 2013, no. 17"
    look = (
        "The condition number is only 9, yet already here a step size that suits one direction is wrong for the other."
    )

    def formula(self, x, y):
        return (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2

    def minima(self):
        return ((1.0, 3.0),)


@surfaces("matyas", "Matyas")
class Matyas(Surface):
    """A shallow diagonal valley in a bowl.

    Formula: f(x, y) = 0.26 (x^2 + y^2) - 0.48 x y, with its minimum 0 at (0, 0). Domain: the plane.
    """

    group = "convex"
    window = (-6.0, 6.0, -6.0, 6.0)
    start = (-5.0, -1.5)
    log_levels = True
    source = "Jamil and Yang, A literature survey of benchmark functions for global optimization problems, 2013, no. 71"
    look = "Along the diagonal the slope is 25 times flatter than across; methods that scale x and y apart miss it."

    def formula(self, x, y):
        return sp.Float("0.26") * (x**2 + y**2) - sp.Float("0.48") * x * y

    def minima(self):
        return ((0.0, 0.0),)
