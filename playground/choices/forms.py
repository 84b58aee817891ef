"""One method in several forms: what textbooks and frameworks write differently, ready to be run side by side.

A comparison gives two or three variants. Where a registered rule is what frameworks compute, it is one of them; the
others are rules of their own below, which exist for the comparison only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from playground.choices.optimizers.adaptive import Adam, AdamW, Mean, MeanSquare, Moments, RMSProp
from playground.choices.optimizers.base import Operand, Rule
from playground.choices.optimizers.first_order import Momentum, Nesterov, Velocity
from playground.registry import Choice, Registry, knob

forms = Registry("comparison")
variants = Registry("variant")  # rules for comparisons only, in no menu

Meets = Callable[[Any, Mapping[str, Any]], Any]


def as_it_is(points: Any, states: Mapping[str, Any]) -> Any:
    """The points themselves."""
    return points


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One form of a method.

    `kin`: two numbers; variants with the same first one are the same method while the learning rate is constant, and
    with the same second one also when it changes. `meets(points, states)`: what is compared with the other variants,
    from arrays of its points and of its state variables; `mapping`: how its variables ("here") follow from those of
    the first variant ("there"), as LaTeX, empty where nothing is to be said.
    """

    label: str
    rule: Rule
    kin: tuple[int, int] = (0, 0)
    meets: Meets = as_it_is
    mapping: str = ""


class Form(Choice):
    """Base of all comparisons; `reference` says where the forms come from, `look` what to look at."""

    reference: ClassVar[str]
    look: ClassVar[str]

    def variants(self) -> tuple[Variant, ...]:
        """The forms, with this comparison's knobs; the first one is what the others are compared with."""
        raise NotImplementedError


def _rate(default: float) -> float:
    return knob(default, 1e-6, 10.0, log=True, symbol=r"\alpha", help="learning rate")


def _share(high: float = 1.0) -> float:
    return knob(0.9, 0.0, high, symbol=r"\rho", help="share of the velocity that is kept")


def _decay() -> float:
    return knob(0.5, 1e-4, 10.0, symbol=r"\lambda", help="weight decay")


def _epsilon(default: float) -> float:
    return knob(default, 1e-16, 1.0, log=True, symbol=r"\epsilon", help="keeps the divisor above zero")


# -- momentum ----------------------------------------------------------------------------------------------------------


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

    lr: float = _rate(0.001)
    rho: float = _share()

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

    lr: float = _rate(0.001)
    rho: float = _share()

    def variants(self):
        steps = Momentum(lr=self.lr, rho=self.rho, form="rho_v_minus_alpha_g")
        return (
            Variant(label="ρv + g", rule=Momentum(lr=self.lr, rho=self.rho)),
            Variant(label="ρv − αg", rule=steps, kin=(0, 1), mapping=r"v_\text{here} = -\alpha\, v_\text{there}"),
            Variant(
                label="heavy ball", rule=HeavyBall(lr=self.lr, rho=self.rho), kin=(0, 1),
                mapping=r"x_t - p_{t-1} = -\alpha\, (v_{t-1})_\text{there}",
            ),
        )  # fmt: skip


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

    lr: float = _rate(0.001)
    rho: float = _share()

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

    lr: float = _rate(0.001)
    rho: float = _share()

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

    lr: float = _rate(0.001)
    rho: float = _share()

    def variants(self):
        knobs = {"lr": self.lr, "rho": self.rho}
        return (
            Variant(label="as in frameworks", rule=Nesterov(**knobs)),
            Variant(
                label="look ahead", rule=LookAhead(**knobs), kin=(0, 1),
                mapping=r"x_\text{there} = p + \rho v, \quad v_\text{here} = -\alpha\, v_\text{there}",
                meets=lambda points, states: points + self.rho * states["velocity"],
            ),
            Variant(
                label="two sequences", rule=TwoSequences(**knobs), kin=(0, 1),
                mapping=r"x_\text{there} = y + \rho d, \quad d = -\alpha\, v_\text{there}",
                meets=lambda points, states: points + self.rho * states["move"],
            ),
        )  # fmt: skip


@variants("mean_momentum", "Momentum as a mean")
class MeanMomentum(Rule):
    """Momentum whose velocity is a running mean of gradients.

    Formula: m <- rho m + (1 - rho) g, x <- x - lr m.

    Reference: Kingma and Ba, Adam: a method for stochastic optimization, 2015, Algorithm 1, for the mean.
    """

    State = Mean

    lr: float = knob(0.01, 1e-12, 1e6, log=True, symbol=r"\alpha'", help="learning rate")
    rho: float = _share(0.9999)

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
        "A mean needs a rate 1 / (1 - ρ) times as large, ten times for ρ = 0.9. Whoever moves a learning rate from one "
        "form to the other as it is changes the method: that is the third path."
    )

    lr: float = _rate(0.001)
    rho: float = _share(0.999)

    def variants(self):
        scaled = MeanMomentum(lr=self.lr / (1 - self.rho), rho=self.rho)
        kept = MeanMomentum(lr=self.lr, rho=self.rho)
        apart = (1, 1) if self.rho else (0, 0)
        return (
            Variant(label="sum", rule=Momentum(lr=self.lr, rho=self.rho)),
            Variant(
                label="mean, rate scaled", rule=scaled,
                mapping=r"m = (1 - \rho)\, v_\text{there}, \quad \alpha' = \frac{\alpha}{1 - \rho}",
            ),
            Variant(label="mean, same rate", rule=kept, kin=apart, mapping=r"\alpha' = \alpha"),
        )  # fmt: skip


# -- Adam --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class AdamForm(Form):
    """The knobs of Adam."""

    lr: float = _rate(0.1)
    beta1: float = knob(0.9, 0.0, 0.9999, symbol=r"\beta_1", help="how slowly the mean of gradients forgets")
    beta2: float = knob(0.999, 0.0, 0.9999, symbol=r"\beta_2", help="how slowly the mean of squares forgets")
    epsilon: float = _epsilon(1e-8)

    def shared(self) -> dict[str, float]:
        """Adam's four knobs."""
        return {"lr": self.lr, "beta1": self.beta1, "beta2": self.beta2, "epsilon": self.epsilon}


@forms("adam_correction", "Adam: with and without bias correction")
class AdamCorrection(AdamForm):
    """Two methods, not one: without the correction the first steps have another length.

    Formula: x <- x - lr m^ / (sqrt(v^) + eps) with m^ = m / (1 - b1^t), v^ = v / (1 - b2^t); or with m and v as they
    are.
    """

    reference = "Kingma and Ba, Adam: a method for stochastic optimization, 2015, Algorithm 1 and section 3"
    look = (
        "Uncorrected, the first step is (1 - β1) / sqrt(1 - β2) = 3.2 times as long, and the steps stay too long for "
        "about 1 / (1 - β2) of them. After that both move alike, but from different places."
    )

    def variants(self):
        apart = (1, 1) if self.beta1 or self.beta2 else (0, 0)
        return (
            Variant(label="corrected", rule=Adam(**self.shared())),
            Variant(
                label="not corrected", rule=Adam(**self.shared(), bias_correction=False), kin=apart,
                mapping=r"m \text{ for } \hat{m}_\text{there}, \quad v \text{ for } \hat{v}_\text{there}",
            ),
        )  # fmt: skip


@variants("folded_adam", "Adam, correction in the rate")
class FoldedAdam(Rule):
    """Adam whose two corrections are one factor of the learning rate.

    Formula: r = lr sqrt(1 - b2^t) / (1 - b1^t), x <- x - r m / (sqrt(v) + e), where e is eps, or eps sqrt(1 - b2^t).

    Reference: Kingma and Ba, Adam: a method for stochastic optimization, 2015, end of section 2.
    """

    State = Moments
    symbols = {"rate": r"\alpha", "floor": r"\hat{\epsilon}", "late": "c"}

    lr: float = _rate(0.1)
    beta1: float = knob(0.9, 0.0, 0.9999, symbol=r"\beta_1")
    beta2: float = knob(0.999, 0.0, 0.9999, symbol=r"\beta_2")
    epsilon: float = _epsilon(1e-8)
    scaled: bool = knob(True, help="whether eps is scaled with the second moment")

    def step(self, x, g, state, t, factor=1.0):
        m = self.beta1 * state.m + (1 - self.beta1) * g
        v = self.beta2 * state.v + (1 - self.beta2) * (g * g)
        late = (1 - self.beta2**t) ** 0.5
        rate = self.lr * factor * late / (1 - self.beta1**t)
        floor = self.epsilon * late if self.scaled else self.epsilon
        return x - rate * m / (v**0.5 + floor), Moments(m, v)


@forms("adam_folded", "Adam: correction of the moments, or of the rate")
class AdamFolded(AdamForm):
    """Both corrections as one factor of the learning rate.

    Formula: lr m^ / (sqrt(v^) + eps) = r m / (sqrt(v) + eps sqrt(1 - b2^t)) with r = lr sqrt(1 - b2^t) / (1 - b1^t).
    """

    reference = "Kingma and Ba, Adam: a method for stochastic optimization, 2015, end of section 2"
    look = (
        "The factor of the rate replaces both corrections, if ε is scaled along. The paper leaves ε as it is (there "
        "with a hat): that is another method as far as ε counts beside the root, which a large ε shows."
    )

    epsilon: float = _epsilon(1e-3)

    def variants(self):
        return (
            Variant(label="moments", rule=Adam(**self.shared())),
            Variant(
                label="rate, ε scaled", rule=FoldedAdam(**self.shared()),
                mapping=r"m = (1 - \beta_1^t)\, \hat{m}_\text{there}, \quad \sqrt{v} = c_t \sqrt{\hat{v}_\text{there}}",
            ),
            Variant(
                label="rate, ε kept", rule=FoldedAdam(**self.shared(), scaled=False),
                kin=(1, 1) if self.beta2 else (0, 0), mapping=r"\hat{\epsilon} = \epsilon \text{ for } c_t\, \epsilon",
            ),
        )  # fmt: skip


# -- weight decay ------------------------------------------------------------------------------------------------------


@variants("decayed_sgd", "SGD with weight decay")
class DecayedSGD(Rule):
    """SGD with momentum and weight decay, in the gradient (L2) or apart from it (decoupled).

    Formula: v <- rho v + g + decay x, x <- x - lr v; or v <- rho v + g, x <- x - lr decay x - lr v.

    Reference: Loshchilov and Hutter, Decoupled weight decay regularization, 2019, Algorithm 1 (with PyTorch's
    multiplication by the learning rate).
    """

    State = Velocity
    symbols = {"velocity": "v", "rate": r"\alpha"}

    lr: float = _rate(0.001)
    rho: float = _share()
    weight_decay: float = _decay()
    decoupled: bool = knob(False, help="whether the decay is apart from the gradient")

    def step(self, x, g, state, t, factor=1.0):
        rate = self.lr * factor
        if self.decoupled:
            v = self.rho * state.velocity + g
            return x - rate * self.weight_decay * x - rate * v, Velocity(v)
        v = self.rho * state.velocity + (g + self.weight_decay * x)
        return x - rate * v, Velocity(v)


@forms("sgd_decay", "SGD: L2 penalty or decoupled decay")
class SGDDecay(Form):
    """A pull towards zero in the gradient, or apart from it.

    Formula: x <- x - lr (g + decay x), or x <- (1 - lr decay) x - lr g; with momentum only the first one's pull goes
    through the velocity.
    """

    reference = "Loshchilov and Hutter, Decoupled weight decay regularization, 2019, Proposition 1 and Algorithm 1"
    look = (
        "Without momentum they are one method, at any schedule. Give ρ a value: now the penalty's pull is gathered in "
        "the velocity, 1 / (1 - ρ) times as strong in the end, and the two settle at different points."
    )

    lr: float = _rate(0.001)
    rho: float = knob(0.0, 0.0, 1.0, symbol=r"\rho", help="share of the velocity that is kept; 0 is plain SGD")
    weight_decay: float = _decay()

    def variants(self):
        knobs = {"lr": self.lr, "rho": self.rho, "weight_decay": self.weight_decay}
        apart = (1, 1) if self.rho else (0, 0)
        return (
            Variant(label="L2 in the gradient", rule=DecayedSGD(**knobs)),
            Variant(label="decoupled", rule=DecayedSGD(**knobs, decoupled=True), kin=apart),
        )


@variants("adam_l2", "Adam with an L2 penalty")
class AdamL2(Rule):
    """Adam that adds the decay to the gradient, where the second moment divides it away again.

    Formula: g <- g + decay x, then Adam's.

    Reference: Loshchilov and Hutter, Decoupled weight decay regularization, 2019, Algorithm 2, the pink term.
    """

    State = Moments
    symbols = {"pulled": r"\tilde{g}", "m_hat": r"\hat{m}", "v_hat": r"\hat{v}"}

    lr: float = _rate(0.1)
    beta1: float = knob(0.9, 0.0, 0.9999, symbol=r"\beta_1")
    beta2: float = knob(0.999, 0.0, 0.9999, symbol=r"\beta_2")
    epsilon: float = _epsilon(1e-8)
    weight_decay: float = _decay()

    def step(self, x, g, state, t, factor=1.0):
        pulled = g + self.weight_decay * x
        m = self.beta1 * state.m + (1 - self.beta1) * pulled
        v = self.beta2 * state.v + (1 - self.beta2) * (pulled * pulled)
        m_hat = m / (1 - self.beta1**t)
        v_hat = v / (1 - self.beta2**t)
        return x - self.lr * factor * m_hat / (v_hat**0.5 + self.epsilon), Moments(m, v)


@forms("adam_decay", "Adam: L2 penalty or decoupled decay")
class AdamDecay(AdamForm):
    """Two methods, not one: Adam divides the penalty's pull by the size of the gradients.

    Formula: Adam on g + decay x, or Adam on g and x <- x - lr decay x besides (AdamW).
    """

    reference = "Loshchilov and Hutter, Decoupled weight decay regularization, 2019, Proposition 2 and Algorithm 2"
    look = (
        "They settle at different points: the penalty's where its pull balances the gradient, the decoupled one's "
        "where its pull balances Adam's normalised step."
    )

    weight_decay: float = _decay()

    def variants(self):
        knobs = self.shared() | {"weight_decay": self.weight_decay}
        return (
            Variant(label="L2 in the gradient", rule=AdamL2(**knobs)),
            Variant(label="decoupled (AdamW)", rule=AdamW(**knobs), kin=(1, 1)),
        )


# -- epsilon -----------------------------------------------------------------------------------------------------------


@variants("rmsprop_inside", "RMSProp, eps inside the root")
class RMSPropInside(Rule):
    """RMSProp with eps added to the mean square, not to its root.

    Formula: s <- rho s + (1 - rho) g^2, x <- x - lr g / sqrt(s + eps).

    Reference: TensorFlow 1, tf.train.RMSPropOptimizer.
    """

    State = MeanSquare
    symbols = {"mean_square": "s"}

    lr: float = _rate(0.01)
    rho: float = knob(0.99, 0.0, 0.9999, symbol=r"\rho")
    epsilon: float = _epsilon(1e-2)

    def step(self, x, g, state, t, factor=1.0):
        s = self.rho * state.mean_square + (1 - self.rho) * (g * g)
        return x - self.lr * factor * g / (s + self.epsilon) ** 0.5, MeanSquare(s)


@forms("epsilon_place", "RMSProp: ε outside or inside the root")
class EpsilonPlace(Form):
    """Two methods, not one, though both call it eps.

    Formula: x <- x - lr g / (sqrt(s) + eps), or x <- x - lr g / sqrt(s + eps).
    """

    reference = "PyTorch, torch.optim.RMSprop, against TensorFlow 1, tf.train.RMSPropOptimizer"
    look = (
        "Inside the root eps counts like its own root, 0.1 for 0.01: where the gradients get small, near the minimum, "
        "the step shrinks much earlier. The same setting of two frameworks is not the same method."
    )

    lr: float = _rate(0.02)
    rho: float = knob(0.99, 0.0, 0.9999, symbol=r"\rho", help="how slowly squared gradients are forgotten")
    epsilon: float = _epsilon(1e-2)

    def variants(self):
        knobs = {"lr": self.lr, "rho": self.rho, "epsilon": self.epsilon}
        return (
            Variant(label="outside", rule=RMSProp(**knobs)),
            Variant(label="inside", rule=RMSPropInside(**knobs), kin=(1, 1)),
        )
