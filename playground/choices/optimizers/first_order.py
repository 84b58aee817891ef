"""Rules that move along the gradient, with or without memory of its direction."""

from __future__ import annotations

from typing import NamedTuple

from playground.choices.optimizers.base import Operand, Rule, optimizers
from playground.registry import knob


@optimizers("sgd", "SGD")
class SGD(Rule):
    """Gradient descent: a step against the gradient.

    Formula: x <- x - lr g.

    Watch: in a ravine it zig-zags across and creeps along; above lr = 2 / lambda_max it diverges.

    Reference: Robbins and Monro, A stochastic approximation method, 1951, eq. (4).
    """

    group = "first order"
    reference = "Robbins and Monro, A stochastic approximation method, 1951, eq. (4)"

    lr: float = knob(0.001, 1e-6, 10.0, log=True, symbol=r"\alpha", help="learning rate")

    def step(self, x, g, state, t, factor=1.0):
        return x - self.lr * factor * g, state


class Velocity(NamedTuple):
    """The running sum of gradients."""

    velocity: Operand
