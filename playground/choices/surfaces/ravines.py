"""Ravines: steep walls and a floor that is almost flat."""

from __future__ import annotations

import math

import sympy as sp

from playground.choices.surfaces.base import Surface, number, surfaces
from playground.registry import knob


@surfaces("rosenbrock", "Rosenbrock")
class Rosenbrock(Surface):
    """A curved valley: quick to enter, slow to follow.

    Formula: f(x, y) = (a - x)^2 + b (y - x^2)^2, with its minimum 0 at (a, a^2). Domain: the plane.
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


@surfaces("beale", "Beale")
class Beale(Surface):
    """A broad flat cross of valleys between steep corners.

    Formula: f(x, y) = (1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x y^3)^2, with its minimum 0 at (3, 0.5).
    Domain: usually -4.5 to 4.5 for both.
    """

    group = "ravines"
    window = (-4.5, 4.5, -4.5, 4.5)
    start = (1.0, 1.6)
    log_levels = True
    source = "Jamil and Yang, A literature survey of benchmark functions for global optimization problems, 2013, no. 10"
    look = (
        "The gradient changes by a factor of thousands within the window: a step that works near the minimum "
        "explodes in the corners, where adaptive methods stay calm."
    )

    def formula(self, x, y):
        targets = (sp.Rational(3, 2), sp.Rational(9, 4), sp.Rational(21, 8))
        return sum((target - x + x * y**power) ** 2 for power, target in enumerate(targets, start=1))

    def minima(self):
        return ((3.0, 0.5),)

    def saddles(self):
        return ((0.0, 1.0),)


@surfaces("dixon_price", "Dixon-Price")
class DixonPrice(Surface):
    """A valley bent like a parabola, with two equal minima on its arms.

    Formula: f(x, y) = (x - 1)^2 + 2 (2y^2 - x)^2, with minima 0 at (1, 1/sqrt 2) and (1, -1/sqrt 2).
    Domain: usually -10 to 10 for both.
    """

    group = "ravines"
    window = (-2.0, 4.0, -2.0, 2.0)
    start = (3.5, 0.1)
    log_levels = True
    source = "Jamil and Yang, A literature survey of benchmark functions for global optimization problems, 2013, no. 48"
    look = "Started near the axis, all racers first run towards the saddle at (1/3, 0) and then choose an arm."

    def formula(self, x, y):
        return (x - 1) ** 2 + 2 * (2 * y**2 - x) ** 2

    def minima(self):
        return ((1.0, math.sqrt(0.5)), (1.0, -math.sqrt(0.5)))

    def saddles(self):
        return ((1 / 3, 0.0),)
