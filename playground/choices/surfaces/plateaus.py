"""Plateaus and cliffs: gradients that vanish, and gradients that explode."""

from __future__ import annotations

import sympy as sp

from playground.choices.surfaces.base import Surface, number, surfaces
from playground.registry import knob


@surfaces("plateau", "Plateau with a narrow valley")
class Plateau(Surface):
    """An almost flat plain with one narrow, curved valley cut into it.

    Formula: f(x, y) = 1 - exp(-k (y - x^2/4)^2) / (1 + (x - 1)^2/4), with its minimum 0 at (1, 1/4). Domain: the plane.
    """

    group = "plateaus and cliffs"
    window = (-3.0, 3.0, -1.5, 3.0)
    start = (-1.5, 1.3)
    source = "Written for this app, after Goodfellow, Bengio and Courville, Deep Learning, 2016, section 8.2.3"
    look = (
        "On the plain the gradient is nearly zero and plain gradient descent hardly moves; "
        "methods that rescale the gradient cross it and then must not overshoot the valley."
    )

    narrow: float = knob(10.0, 1.0, 100.0, log=True, symbol="k", help="larger is a narrower valley, a flatter plain")

    def formula(self, x, y):
        return 1 - sp.exp(-number(self.narrow) * (y - x**2 / 4) ** 2) / (1 + (x - 1) ** 2 / 4)

    def minima(self):
        return ((1.0, 0.25),)


@surfaces("cliff", "Cliff")
class Cliff(Surface):
    """A gentle bowl with a wall in it, like the loss of a recurrent network: beside the wall the gradient explodes.

    Formula: f(x, y) = ((x - 1)^2 + y^2) (1 + 10 (1 + tanh(k (x - 2)))) / 10, with its minimum 0 at (1, 0).
    Domain: the plane.
    """

    group = "plateaus and cliffs"
    window = (-3.0, 3.5, -2.5, 2.5)
    start = (-2.5, 1.2)
    log_levels = True
    source = "Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, 2013, figure 6"
    look = (
        "Momentum runs past the minimum into the wall, and a single gradient there throws it out of the picture; "
        "methods that normalise the gradient turn round calmly."
    )

    steepness: float = knob(20.0, 1.0, 100.0, log=True, symbol="k", help="slope of the wall")

    def formula(self, x, y):
        return ((x - 1) ** 2 + y**2) * (1 + 10 * (1 + sp.tanh(number(self.steepness) * (x - 2)))) / 10

    def minima(self):
        return ((1.0, 0.0),)
