"""Forms of momentum and of Nesterov's method."""

from __future__ import annotations

from typing import NamedTuple

from playground.choices.forms.base import (
    Form,
    Variant,
    forms,
    rate_knob,
    share_knob,
    variants,
)
from playground.choices.optimizers.adaptive import Mean
from playground.choices.optimizers.base import Operand, Rule
from playground.choices.optimizers.first_order import Momentum, Nesterov
from playground.registry import knob


class Previous(NamedTuple):
    """`previous`: the point before."""

    previous: Operand


@variants("heavy_ball", "Heavy ball")
class HeavyBall(Rule):
    """Momentum without a velocity: the last move is repeated in part.

    Formula: x <- x - lr g + rho (x - x_before).

    Reference: Polyak, Some methods of speeding up the convergence of iteration methods, 1964, eq. (9).
    """

    State = Previous
    symbols = {"previous": "p"}

    lr: float = rate_knob(0.001)
    rho: float = share_knob()

    def init(self, x):
        return Previous(x)

    def step(self, x, g, state, t, factor=1.0):
        return x - self.lr * factor * g + self.rho * (x - state.previous), Previous(x)


@forms("momentum_forms", "Momentum: ρv + g, or ρv − αg")
class MomentumForms(Form):
    """A velocity that sums gradients, one that sums steps, and none at all.

    Formula: v <- rho v + g, x <- x - lr v; or v <- rho v - lr g, x <- x + v; or x <- x - lr g + rho (x - x_before).
    """

    reference = (
        "Sutskever et al., On the importance of initialization and momentum in deep learning, 2013, eqs. (1) and (2); "
        "Polyak, Some methods of speeding up the convergence of iteration methods, 1964, eq. (9)"
    )
    look = (
        "With a constant learning rate all three are one method. When the rate falls, a velocity of gradients (as in "
        "PyTorch) is slowed down at once, a velocity of steps keeps its speed and slows down by friction only."
    )

    lr: float = rate_knob(0.001)
    rho: float = share_knob()

    def variants(self):
        steps = Momentum(lr=self.lr, rho=self.rho, form="rho_v_minus_alpha_g")
        kin = (0, 1 if self.rho else 0)
        return (
            Variant(label="ρv + g", rule=Momentum(lr=self.lr, rho=self.rho)),
            Variant(label="ρv − αg", rule=steps, kin=kin, mapping=r"v_\text{here} = -\alpha\, v_\text{there}"),
            Variant(
                label="heavy ball",
                rule=HeavyBall(lr=self.lr, rho=self.rho),
                kin=kin,
                mapping=r"x_t - p_{t-1} = -\alpha\, (v_{t-1})_\text{there}",
            ),
        )


class Ahead(NamedTuple):
    """`place`: the method's own variable; `velocity`: its last move."""

    place: Operand
    velocity: Operand


@variants("look_ahead", "Look-ahead form")
class LookAhead(Rule):
    """Nesterov's momentum with the gradient taken where the velocity is about to lead.

    Formula: v <- rho v - lr g(p + rho v), p <- p + v. The gradient is seen at x = p + rho v.

    Reference: Sutskever et al., On the importance of initialization and momentum in deep learning, 2013, eqs. (3), (4).
    """

    State = Ahead
    answer = "place"
    symbols = {"place": "p", "velocity": "v"}

    lr: float = rate_knob(0.001)
    rho: float = share_knob()

    def init(self, x):
        return Ahead(x, x - x)

    def step(self, x, g, state, t, factor=1.0):
        v = self.rho * state.velocity - self.lr * factor * g
        p = state.place + v
        return p + self.rho * v, Ahead(p, v)


class Descended(NamedTuple):
    """`descended`: the point that the last gradient step led to; `move`: how far it is from the one before."""

    descended: Operand
    move: Operand


@variants("two_sequences", "Two sequences")
class TwoSequences(Rule):
    """Nesterov's own way: a gradient step, then a step beyond it along the last move.

    Formula: y <- x - lr g(x), x <- y + rho (y - y_before), with constant rho.

    Reference: Nesterov, A method of solving a convex programming problem with convergence rate O(1/k^2), 1983.
    """

    State = Descended
    answer = "descended"
    symbols = {"descended": "y", "move": "d"}

    lr: float = rate_knob(0.001)
    rho: float = share_knob()

    def init(self, x):
        return Descended(x, x - x)

    def step(self, x, g, state, t, factor=1.0):
        y = x - self.lr * factor * g
        move = y - state.descended
        return y + self.rho * move, Descended(y, move)


@forms("nesterov_forms", "Nesterov: look ahead, or change of variables")
class NesterovForms(Form):
    """The gradient at the point looked ahead to, or at the iterate itself.

    Formula: v <- rho v - lr g(p + rho v), p <- p + v; with x = p + rho v it is u <- rho u + g(x), x <- x - lr (g + rho
    u), which needs no gradient at any other point than the iterate.
    """

    reference = (
        "Sutskever et al., 2013, eqs. (3) and (4); Bengio, Boulanger-Lewandowski and Pascanu, Advances in optimizing "
        "recurrent networks, 2013, section 3.5; Nesterov, 1983"
    )
    look = (
        "The paths differ, since p trails x by one velocity step (dotted line); once p + ρv is compared with x, only "
        "rounding is left. Frameworks take x, because then the gradient is where the weights are."
    )

    lr: float = rate_knob(0.001)
    rho: float = share_knob()

    def variants(self):
        knobs, kin = {"lr": self.lr, "rho": self.rho}, (0, 1 if self.rho else 0)
        return (
            Variant(label="as in frameworks", rule=Nesterov(**knobs)),
            Variant(
                label="look ahead",
                rule=LookAhead(**knobs),
                kin=kin,
                mapping=r"x_\text{there} = p + \rho v, \quad v_\text{here} = -\alpha\, v_\text{there}",
                meets=lambda points, states: points + self.rho * states["velocity"],
            ),
            Variant(
                label="two sequences",
                rule=TwoSequences(**knobs),
                kin=kin,
                mapping=r"x_\text{there} = y + \rho d, \quad d = -\alpha\, v_\text{there}",
                meets=lambda points, states: points + self.rho * states["move"],
            ),
        )


@variants("mean_momentum", "Momentum as a mean")
class MeanMomentum(Rule):
    """Momentum whose velocity is a running mean of gradients.

    Formula: m <- rho m + (1 - rho) g, x <- x - lr m.

    Reference: Kingma and Ba, Adam: a method for stochastic optimization, 2015, Algorithm 1, for the mean.
    """

    State = Mean

    lr: float = knob(0.01, 1e-12, 1e6, log=True, symbol=r"\alpha'", help="learning rate")
    rho: float = share_knob(0.9999)

    def step(self, x, g, state, t, factor=1.0):
        m = self.rho * state.m + (1 - self.rho) * g
        return x - self.lr * factor * m, Mean(m)


@forms("mean_or_sum", "Momentum: a sum or a mean of gradients")
class MeanOrSum(Form):
    """The same velocity, scaled by 1 - rho.

    Formula: v <- rho v + g, x <- x - lr v; or m <- rho m + (1 - rho) g, x <- x - lr / (1 - rho) m, where m is
    (1 - rho) v.
    """

    reference = "Goh, Why momentum really works, Distill, 2017; Kingma and Ba, 2015, Algorithm 1, for the mean"
    look = (
        "A mean needs a rate 1 / (1 - ρ) times as large, ten times for ρ = 0.9. A learning rate that "
        "goes unchanged from one form to the other makes another method: that is the third path."
    )

    lr: float = rate_knob(0.001)
    rho: float = share_knob(0.999)

    def variants(self):
        scaled = MeanMomentum(lr=self.lr / (1 - self.rho), rho=self.rho)
        mean_rule = MeanMomentum(lr=self.lr, rho=self.rho)
        apart = (1, 1) if self.rho else (0, 0)
        return (
            Variant(label="sum", rule=Momentum(lr=self.lr, rho=self.rho)),
            Variant(
                label="mean, rate scaled",
                rule=scaled,
                mapping=r"m = (1 - \rho)\, v_\text{there}, \quad \alpha' = \frac{\alpha}{1 - \rho}",
            ),
            Variant(label="mean, same rate", rule=mean_rule, kin=apart, mapping=r"\alpha' = \alpha"),
        )
