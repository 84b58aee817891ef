"""Rules that move along the gradient, with or without memory of its direction."""

from __future__ import annotations

from typing import NamedTuple

from playground.choices.optimizers.base import Operand, Rule, optimizers
from playground.choices.primitives import maximum
from playground.registry import knob


@optimizers("sgd", "SGD")
class SGD(Rule):
    """Gradient descent: a step against the gradient.

    Formula: x <- x - lr g.

    Watch: in a ravine it zig-zags across and creeps along; above lr = 2 / lambda_max it diverges.

    Reference: Robbins and Monro, A stochastic approximation method, 1951, section 2.
    """

    group = "first order"
    reference = "Robbins and Monro, A stochastic approximation method, 1951, section 2"

    lr: float = knob(0.001, 1e-6, 10.0, log=True, symbol=r"\alpha", help="learning rate")

    def step(self, x, g, state, t, factor=1.0):
        return x - self.lr * factor * g, state


class Velocity(NamedTuple):
    """`velocity`: the running sum of gradients (or of steps), older ones fading."""

    velocity: Operand


@optimizers("momentum", "Momentum")
class Momentum(Rule):
    """SGD with momentum: a ball with friction that gathers speed downhill.

    Formula: v <- rho v + g, x <- x - lr v; or v <- rho v - lr g, x <- x + v. With a constant learning rate both give
    the same path; when a schedule changes it, the first rescales the whole velocity at once, the second only what is
    added from then on.

    Watch: it coasts through small hollows and overshoots the floor; speed builds up to 1 / (1 - rho) times the step.

    Reference: Polyak, Some methods of speeding up the convergence of iteration methods, 1964, eq. (9); the form
    rho v - lr g as in Sutskever et al., On the importance of initialization and momentum, 2013, eqs. (1) and (2).
    """

    group = "first order"
    reference = "Polyak, Some methods of speeding up the convergence of iteration methods, 1964, eq. (9)"
    State = Velocity
    symbols = {"velocity": "v"}

    @property
    def drawn(self):  # type: ignore[override]
        return {"velocity": "slope" if self.form == "rho_v_plus_g" else "move"}

    lr: float = knob(0.001, 1e-6, 10.0, log=True, symbol=r"\alpha", help="learning rate")
    rho: float = knob(0.9, 0.0, 1.0, symbol=r"\rho", help="share of the velocity that is kept")
    form: str = knob(
        "rho_v_plus_g",
        options=("rho_v_plus_g", "rho_v_minus_alpha_g"),
        help="whether the velocity sums gradients or steps",
    )

    def step(self, x, g, state, t, factor=1.0):
        if self.form == "rho_v_plus_g":
            v = self.rho * state.velocity + g
            return x - self.lr * factor * v, Velocity(v)
        v = self.rho * state.velocity - self.lr * factor * g
        return x + v, Velocity(v)


@optimizers("nesterov", "Nesterov")
class Nesterov(Rule):
    """Momentum that looks ahead: the gradient counts where the velocity is about to lead.

    Formula: v <- rho v + g, x <- x - lr (g + rho v). Here x stands for the point looked at, so that the gradient is
    always taken at x itself; the paper's own variable trails it by one velocity step.

    Watch: compared with momentum it brakes earlier and swings less.

    Reference: Nesterov, A method of solving a convex programming problem with convergence rate O(1/k^2), 1983;
    rewritten as in Bengio et al., Advances in optimizing recurrent networks, 2013, section 3.5.
    """

    group = "first order"
    reference = "Nesterov, A method of solving a convex programming problem with convergence rate O(1/k^2), 1983"
    State = Velocity
    symbols = {"velocity": "v"}
    drawn = {"velocity": "slope"}

    lr: float = knob(0.001, 1e-6, 10.0, log=True, symbol=r"\alpha", help="learning rate")
    rho: float = knob(0.9, 0.0, 1.0, symbol=r"\rho", help="share of the velocity that is kept")

    def step(self, x, g, state, t, factor=1.0):
        v = self.rho * state.velocity + g
        return x - self.lr * factor * (g + self.rho * v), Velocity(v)


class Average(NamedTuple):
    """`average`: the mean of the iterates so far, which is the answer."""

    average: Operand


@optimizers("polyak", "SGD with Polyak averaging")
class PolyakAveraging(Rule):
    """SGD whose answer is the mean of all its points.

    Formula: x <- x - lr g, a <- a + (x - a) / max(t - start, 1).

    Watch: turn noise on: the iterate keeps jittering while its average settles. A late start forgets the way there.

    Reference: Polyak and Juditsky, Acceleration of stochastic approximation by averaging, 1992, eq. (2).
    """

    group = "first order"
    reference = "Polyak and Juditsky, Acceleration of stochastic approximation by averaging, 1992, eq. (2)"
    State = Average
    answer = "average"
    drawn = {"average": "place"}
    symbols = {"average": r"\bar{x}"}

    lr: float = knob(0.001, 1e-6, 10.0, log=True, symbol=r"\alpha", help="learning rate")
    start: int = knob(0, 0, 5000, symbol="t_0", help="steps before the averaging begins")

    def init(self, x):
        return Average(x)

    def step(self, x, g, state, t, factor=1.0):
        x = x - self.lr * factor * g
        return x, Average(state.average + (x - state.average) / maximum(t - self.start, 1))
