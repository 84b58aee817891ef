"""Saddles: the gradient is zero, and it is not a minimum."""

from __future__ import annotations

from playground.choices.surfaces.base import Surface, surfaces


@surfaces("saddle", "Saddle")
class Saddle(Surface):
    """Up along x, down along y: the simplest point where a zero gradient misleads.

    Formula: f(x, y) = x^2 - y^2, unbounded below, with its saddle at (0, 0). Domain: the plane.
    """

    group = "saddles"
    window = (-2.0, 2.0, -2.0, 2.0)
    start = (1.5, 0.01)
    source = "Dauphin et al., Identifying and attacking the saddle point problem, 2014, figure 1"
    look = (
        "Gradient descent slows down beside the saddle and Newton's method is even drawn into it; "
        "methods that divide by the gradient's size leave at once."
    )

    def formula(self, x, y):
        return x**2 - y**2

    def saddles(self):
        return ((0.0, 0.0),)


@surfaces("monkey_saddle", "Monkey saddle")
class MonkeySaddle(Surface):
    """Three ways down, two for the legs and one for the tail, and no curvature at all in the middle.

    Formula: f(x, y) = x^3 - 3 x y^2, unbounded below, with a degenerate saddle at (0, 0). Domain: the plane.
    """

    group = "saddles"
    window = (-1.5, 1.5, -1.5, 1.5)
    start = (1.2, 0.05)
    source = "Hilbert and Cohn-Vossen, Geometry and the Imagination, 1952, section 29"
    look = "Gradient and Hessian both vanish in the middle, so Newton's method gets no help from the curvature."

    def formula(self, x, y):
        return x**3 - 3 * x * y**2

    def saddles(self):
        return ((0.0, 0.0),)


@surfaces("two_valleys", "Saddle between two minima")
class TwoValleys(Surface):
    """A saddle that leads to two equal minima: a small push decides which.

    Formula: f(x, y) = (x^2 - 1)^2 / 4 + y^2 / 2, with minima 0 at (1, 0) and (-1, 0) and a saddle at (0, 0).
    Domain: the plane.
    """

    group = "saddles"
    window = (-1.8, 1.8, -1.5, 1.5)
    start = (0.003, 1.3)
    log_levels = True
    source = "Strogatz, Nonlinear Dynamics and Chaos, 1994, section 3.4 (the double-well potential)"
    look = "All racers arrive at the saddle together; how long each rests there, and where it goes with noise, differs."

    def formula(self, x, y):
        return (x**2 - 1) ** 2 / 4 + y**2 / 2

    def minima(self):
        return ((1.0, 0.0), (-1.0, 0.0))

    def saddles(self):
        return ((0.0, 0.0),)
