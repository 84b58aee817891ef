"""Forms of Adam and RMSProp, and of weight decay in SGD and Adam."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playground.choices.forms.base import (
    Form,
    Variant,
    decay_knob,
    epsilon_knob,
    forms,
    rate_knob,
    share_knob,
    variants,
)
from playground.choices.optimizers.adaptive import Adam, AdamW, MeanSquare, Moments, RMSProp
from playground.choices.optimizers.base import Rule
from playground.choices.optimizers.first_order import Velocity
from playground.registry import knob

# -- Adam --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class AdamForm(Form):
    """The knobs of Adam."""

    lr: float = rate_knob(0.1)
    beta1: float = knob(0.9, 0.0, 0.9999, symbol=r"\beta_1", help="how slowly the mean of gradients forgets")
    beta2: float = knob(0.999, 0.0, 0.9999, symbol=r"\beta_2", help="how slowly the mean of squares forgets")
    epsilon: float = epsilon_knob(1e-8)

    def shared(self) -> dict[str, Any]:
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
        "Uncorrected, the first step is (1 - β1) / sqrt(1 - β2) times as long (3.2 times for 0.9 and 0.999), and the "
        "steps stay too long for about 1 / (1 - β2) of them. After that both move alike, but from different places."
    )

    def variants(self):
        apart = (1, 1) if self.beta1 or self.beta2 else (0, 0)
        return (
            Variant(label="corrected", rule=Adam(**self.shared())),
            Variant(
                label="not corrected",
                rule=Adam(**self.shared(), bias_correction=False),
                kin=apart,
                mapping=r"m \text{ for } \hat{m}_\text{there}, \quad v \text{ for } \hat{v}_\text{there}",
            ),
        )


@variants("folded_adam", "Adam, correction in the rate")
class FoldedAdam(Rule):
    """Adam whose two corrections are one factor of the learning rate.

    Formula: r = lr sqrt(1 - b2^t) / (1 - b1^t), x <- x - r m / (sqrt(v) + e), where e is eps, or eps sqrt(1 - b2^t).

    Reference: Kingma and Ba, Adam: a method for stochastic optimization, 2015, end of section 2.
    """

    State = Moments
    symbols = {"rate": r"\alpha", "floor": r"\hat{\epsilon}", "late": "c"}

    lr: float = rate_knob(0.1)
    beta1: float = knob(0.9, 0.0, 0.9999, symbol=r"\beta_1")
    beta2: float = knob(0.999, 0.0, 0.9999, symbol=r"\beta_2")
    epsilon: float = epsilon_knob(1e-8)
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

    epsilon: float = epsilon_knob(1e-3)

    def variants(self):
        return (
            Variant(label="moments", rule=Adam(**self.shared())),
            Variant(
                label="rate, ε scaled",
                rule=FoldedAdam(**self.shared()),
                mapping=r"m = (1 - \beta_1^t)\, \hat{m}_\text{there}, \quad \sqrt{v} = c_t \sqrt{\hat{v}_\text{there}}",
            ),
            Variant(
                label="rate, ε kept",
                rule=FoldedAdam(**self.shared(), scaled=False),
                kin=(1, 1) if self.beta2 else (0, 0),
                mapping=r"\hat{\epsilon} = \epsilon \text{ for } c_t\, \epsilon",
            ),
        )


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

    lr: float = rate_knob(0.001)
    rho: float = share_knob()
    weight_decay: float = decay_knob()
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

    lr: float = rate_knob(0.001)
    rho: float = knob(0.0, 0.0, 1.0, symbol=r"\rho", help="share of the velocity that is kept; 0 is plain SGD")
    weight_decay: float = decay_knob()

    def variants(self):
        knobs: dict[str, Any] = {"lr": self.lr, "rho": self.rho, "weight_decay": self.weight_decay}
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

    lr: float = rate_knob(0.1)
    beta1: float = knob(0.9, 0.0, 0.9999, symbol=r"\beta_1")
    beta2: float = knob(0.999, 0.0, 0.9999, symbol=r"\beta_2")
    epsilon: float = epsilon_knob(1e-8)
    weight_decay: float = decay_knob()

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

    weight_decay: float = decay_knob()

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

    lr: float = rate_knob(0.01)
    rho: float = knob(0.99, 0.0, 0.9999, symbol=r"\rho")
    epsilon: float = epsilon_knob(1e-2)

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

    lr: float = rate_knob(0.02)
    rho: float = knob(0.99, 0.0, 0.9999, symbol=r"\rho", help="how slowly squared gradients are forgotten")
    epsilon: float = epsilon_knob(1e-2)

    def variants(self):
        knobs: dict[str, Any] = {"lr": self.lr, "rho": self.rho, "epsilon": self.epsilon}
        return (
            Variant(label="outside", rule=RMSProp(**knobs)),
            Variant(label="inside", rule=RMSPropInside(**knobs), kin=(1, 1)),
        )
