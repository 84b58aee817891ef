"""Rules that give every coordinate a step size of its own, from the gradients it has seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from playground.choices.optimizers.base import Operand, Rule, optimizers
from playground.choices.primitives import maximum, sign, where
from playground.registry import knob


class SquareSum(NamedTuple):
    """`square_sum`: the sum of all squared gradients."""

    square_sum: Operand


@optimizers("adagrad", "AdaGrad")
class AdaGrad(Rule):
    """Steps divided by the root of all squared gradients so far.

    Formula: s <- s + g^2, x <- x - lr g / (sqrt(s) + eps).

    Watch: s never shrinks, so the steps do, and the racer may stop before it arrives.

    Reference: Duchi, Hazan and Singer, Adaptive subgradient methods, 2011, Figure 1, diagonal case.
    """

    group = "adaptive"
    reference = "Duchi, Hazan and Singer, Adaptive subgradient methods, 2011, Figure 1, diagonal case"
    State = SquareSum
    symbols = {"square_sum": "s"}
    drawn = {"square_sum": "slope square"}

    lr: float = knob(0.5, 1e-6, 10.0, log=True, symbol=r"\alpha", help="learning rate")
    epsilon: float = knob(1e-10, 1e-16, 1.0, log=True, symbol=r"\epsilon", help="keeps the divisor above zero")

    def step(self, x, g, state, t, factor=1.0):
        s = state.square_sum + g * g
        return x - self.lr * factor * g / (s**0.5 + self.epsilon), SquareSum(s)


class MeanSquare(NamedTuple):
    """`mean_square`: the running mean of squared gradients."""

    mean_square: Operand


@optimizers("rmsprop", "RMSProp")
class RMSProp(Rule):
    """AdaGrad with a memory that fades.

    Formula: s <- rho s + (1 - rho) g^2, x <- x - lr g / (sqrt(s) + eps).

    Watch: near the minimum it keeps bouncing by about lr, because g / sqrt(s) does not get small.

    Reference: Tieleman and Hinton, Neural networks for machine learning, lecture 6e, 2012 (there without eps).
    """

    group = "adaptive"
    reference = "Tieleman and Hinton, Neural networks for machine learning, lecture 6e, 2012"
    State = MeanSquare
    symbols = {"mean_square": "s"}
    drawn = {"mean_square": "slope square"}

    lr: float = knob(0.01, 1e-6, 10.0, log=True, symbol=r"\alpha", help="learning rate")
    rho: float = knob(0.99, 0.0, 0.9999, symbol=r"\rho", help="how slowly squared gradients are forgotten")
    epsilon: float = knob(1e-8, 1e-16, 1.0, log=True, symbol=r"\epsilon", help="keeps the divisor above zero")

    def step(self, x, g, state, t, factor=1.0):
        s = self.rho * state.mean_square + (1 - self.rho) * (g * g)
        return x - self.lr * factor * g / (s**0.5 + self.epsilon), MeanSquare(s)


class MeanSquares(NamedTuple):
    """`mean_square`: running mean of squared gradients; `mean_square_step`: the same of squared steps."""

    mean_square: Operand
    mean_square_step: Operand


@optimizers("adadelta", "Adadelta")
class Adadelta(Rule):
    """RMSProp that takes its learning rate from the size of its own past steps.

    Formula: s <- rho s + (1 - rho) g^2, d = g sqrt(u + eps) / sqrt(s + eps), u <- rho u + (1 - rho) d^2, x <- x - lr d.

    Watch: it starts very slowly, because u begins at zero and eps alone gives the first step its size.

    Reference: Zeiler, ADADELTA: an adaptive learning rate method, 2012, Algorithm 1 (there lr = 1).
    """

    group = "adaptive"
    reference = "Zeiler, ADADELTA: an adaptive learning rate method, 2012, Algorithm 1"
    State = MeanSquares
    symbols = {"mean_square": "s", "mean_square_step": "u", "delta": r"\Delta"}
    drawn = {"mean_square": "slope square", "mean_square_step": "move square"}

    lr: float = knob(1.0, 1e-3, 100.0, log=True, symbol=r"\alpha", help="multiple of the step the rule finds itself")
    rho: float = knob(0.9, 0.0, 0.9999, symbol=r"\rho", help="how slowly both means forget")
    epsilon: float = knob(1e-6, 1e-16, 1.0, log=True, symbol=r"\epsilon", help="sets the size of the first steps")

    def step(self, x, g, state, t, factor=1.0):
        s = self.rho * state.mean_square + (1 - self.rho) * (g * g)
        delta = (state.mean_square_step + self.epsilon) ** 0.5 / (s + self.epsilon) ** 0.5 * g
        u = self.rho * state.mean_square_step + (1 - self.rho) * (delta * delta)
        return x - self.lr * factor * delta, MeanSquares(s, u)


class Moments(NamedTuple):
    """`m`: running mean of gradients; `v`: running mean of their squares."""

    m: Operand
    v: Operand


class MomentsAndPeak(NamedTuple):
    """`m`: running mean of gradients; `v`: running mean of their squares; `v_max`: the largest v so far, zero while
    AMSGrad is off."""

    m: Operand
    v: Operand
    v_max: Operand


@dataclass(frozen=True, kw_only=True)
class AdamKnobs(Rule):
    """The four knobs that Adam and its relatives share."""

    group = "adaptive"

    lr: float = knob(0.05, 1e-6, 10.0, log=True, symbol=r"\alpha", help="learning rate")
    beta1: float = knob(0.9, 0.0, 0.9999, symbol=r"\beta_1", help="how slowly the mean of gradients forgets")
    beta2: float = knob(0.999, 0.0, 0.9999, symbol=r"\beta_2", help="how slowly the mean of squares forgets")
    epsilon: float = knob(1e-8, 1e-16, 1.0, log=True, symbol=r"\epsilon", help="keeps the divisor above zero")


@optimizers("adam", "Adam")
class Adam(AdamKnobs):
    """Momentum and RMSProp together, both corrected for starting at zero.

    Formula: m <- b1 m + (1 - b1) g, v <- b2 v + (1 - b2) g^2, x <- x - lr m^ / (sqrt(v^) + eps), where the hats divide
    by 1 - b1^t and 1 - b2^t. AMSGrad puts the largest v so far instead of v.

    Watch: the first step has length lr in every coordinate. Without bias correction it is about three times that:
    (1 - b1) / sqrt(1 - b2) = 3.16 for the usual betas.

    Reference: Kingma and Ba, Adam, 2015, Algorithm 1; Reddi, Kale and Kumar, On the convergence of Adam and beyond,
    2018, Algorithm 2 (AMSGrad; there without bias correction, here with it unless switched off).
    """

    reference = "Kingma and Ba, Adam: a method for stochastic optimization, 2015, Algorithm 1"
    State = MomentsAndPeak
    symbols = {"v_max": r"v^{\max}", "m_hat": r"\hat{m}", "v_hat": r"\hat{v}"}
    drawn = {"m": "slope", "v": "slope square", "v_max": "slope square"}

    bias_correction: bool = knob(True, help="undo the pull of the zeros that m and v start from")
    amsgrad: bool = knob(False, help="divide by the largest v so far, so that steps never grow back")

    def step(self, x, g, state, t, factor=1.0):
        m = self.beta1 * state.m + (1 - self.beta1) * g
        v = self.beta2 * state.v + (1 - self.beta2) * (g * g)
        v_max = maximum(state.v_max, v) if self.amsgrad else state.v_max
        m_hat, v_hat = m, v_max if self.amsgrad else v
        if self.bias_correction:
            m_hat = m_hat / (1 - self.beta1**t)
            v_hat = v_hat / (1 - self.beta2**t)
        return x - self.lr * factor * m_hat / (v_hat**0.5 + self.epsilon), MomentsAndPeak(m, v, v_max)


@optimizers("adamw", "AdamW")
class AdamW(AdamKnobs):
    """Adam with weight decay taken off the weights, not added to the gradient.

    Formula: Adam's, and x <- x - lr decay x besides.

    Watch: it settles between the minimum and the origin; every weight shrinks by the same share, whatever its v is.

    Reference: Loshchilov and Hutter, Decoupled weight decay regularization, 2019, Algorithm 2 (there the decay is
    multiplied by the schedule alone; here, as in PyTorch, by the learning rate too).
    """

    reference = "Loshchilov and Hutter, Decoupled weight decay regularization, 2019, Algorithm 2"
    State = Moments
    symbols = {"rate": r"\alpha", "m_hat": r"\hat{m}", "v_hat": r"\hat{v}"}
    drawn = {"m": "slope", "v": "slope square"}

    weight_decay: float = knob(0.01, 0.0, 10.0, symbol=r"\lambda", help="share of each weight lost per unit of rate")

    def step(self, x, g, state, t, factor=1.0):
        rate = self.lr * factor
        m = self.beta1 * state.m + (1 - self.beta1) * g
        v = self.beta2 * state.v + (1 - self.beta2) * (g * g)
        m_hat = m / (1 - self.beta1**t)
        v_hat = v / (1 - self.beta2**t)
        return x - rate * self.weight_decay * x - rate * m_hat / (v_hat**0.5 + self.epsilon), Moments(m, v)


class MeanAndLargest(NamedTuple):
    """`m`: running mean of gradients; `largest`: the fading maximum of their sizes."""

    m: Operand
    largest: Operand


@optimizers("adamax", "AdaMax")
class AdaMax(AdamKnobs):
    """Adam with the largest recent gradient instead of the root mean square.

    Formula: m <- b1 m + (1 - b1) g, u <- max(b2 u, |g| + eps), x <- x - lr m / ((1 - b1^t) u).

    Watch: no step is longer than about lr; one huge gradient slows it down for a long time.

    Reference: Kingma and Ba, Adam, 2015, Algorithm 2 (there without eps; here it is where PyTorch puts it).
    """

    reference = "Kingma and Ba, Adam: a method for stochastic optimization, 2015, Algorithm 2"
    State = MeanAndLargest
    symbols = {"largest": "u", "m_hat": r"\hat{m}"}
    drawn = {"m": "slope", "largest": "slope size"}

    def step(self, x, g, state, t, factor=1.0):
        m = self.beta1 * state.m + (1 - self.beta1) * g
        largest = maximum(self.beta2 * state.largest, maximum(g, -g) + self.epsilon)
        m_hat = m / (1 - self.beta1**t)
        return x - self.lr * factor * m_hat / largest, MeanAndLargest(m, largest)


class MomentsAndProduct(NamedTuple):
    """`m`: running mean of gradients; `v`: running mean of their squares; `mu_product`: product of the momentum
    shares so far."""

    m: Operand
    v: Operand
    mu_product: Operand


@optimizers("nadam", "NAdam")
class NAdam(AdamKnobs):
    """Adam with Nesterov's look ahead.

    Formula: mu_t = b1 (1 - 0.96^(psi t) / 2), m and v as in Adam, x <- x - lr (mu_(t+1) m / (1 - mu_1...mu_(t+1)) +
    (1 - mu_t) g / (1 - mu_1...mu_t)) / (sqrt(v^) + eps).

    Watch: compared with Adam it turns earlier, since the present gradient weighs more.

    Reference: Dozat, Incorporating Nesterov momentum into Adam, 2016, Algorithm 2.
    """

    reference = "Dozat, Incorporating Nesterov momentum into Adam, 2016, Algorithm 2"
    State = MomentsAndProduct
    symbols = {"mu_product": r"\Pi", "mu": r"\mu", "mu_next": r"\mu'", "v_hat": r"\hat{v}", "m_bar": r"\bar{m}"}
    drawn = {"m": "slope", "v": "slope square", "mu_product": ""}

    momentum_decay: float = knob(0.004, 0.0, 1.0, symbol=r"\psi", help="how fast the momentum grows to its full share")

    def init(self, x):
        return MomentsAndProduct(x * 0, x * 0, x * 0 + 1)

    def step(self, x, g, state, t, factor=1.0):
        mu = self.beta1 * (1 - 0.5 * 0.96 ** (t * self.momentum_decay))
        mu_next = self.beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * self.momentum_decay))
        mu_product = state.mu_product * mu
        m = self.beta1 * state.m + (1 - self.beta1) * g
        v = self.beta2 * state.v + (1 - self.beta2) * (g * g)
        m_bar = mu_next * m / (1 - mu_product * mu_next) + (1 - mu) * g / (1 - mu_product)
        v_hat = v / (1 - self.beta2**t)
        return x - self.lr * factor * m_bar / (v_hat**0.5 + self.epsilon), MomentsAndProduct(m, v, mu_product)


@optimizers("radam", "RAdam")
class RAdam(AdamKnobs):
    """Adam that goes without its divisor until enough gradients have been seen to trust it.

    Formula: r = 2 / (1 - b2) - 1, r_t = r - 2 t b2^t / (1 - b2^t); where r_t > 5 Adam's step times
    sqrt((r_t - 4)(r_t - 2) r / ((r - 4)(r - 2) r_t)), before that the momentum step lr m^.

    Watch: the first steps (five for b2 = 0.999) are plain momentum, so that a steep start can throw it far out; then
    the adaptive steps fade in, a warm-up of its own.

    Reference: Liu et al., On the variance of the adaptive learning rate and beyond, 2020, Algorithm 2 (there r_t > 4
    and no eps; here, as in PyTorch, 5, and eps added to sqrt(v) before the bias correction).
    """

    reference = "Liu et al., On the variance of the adaptive learning rate and beyond, 2020, Algorithm 2"
    State = Moments
    symbols = {"m_hat": r"\hat{m}", "length": r"\rho", "full": r"\rho_\infty", "rectifier": "r", "divided": "d"}
    drawn = {"m": "slope", "v": "slope square"}

    lr: float = knob(0.002, 1e-6, 10.0, log=True, symbol=r"\alpha", help="learning rate")
    beta2: float = knob(0.999, 0.7, 0.9999, symbol=r"\beta_2", help="how slowly the mean of squares forgets")

    def step(self, x, g, state, t, factor=1.0):
        m = self.beta1 * state.m + (1 - self.beta1) * g
        v = self.beta2 * state.v + (1 - self.beta2) * (g * g)
        m_hat = m / (1 - self.beta1**t)
        full = 2 / (1 - self.beta2) - 1
        length = full - 2 * t * self.beta2**t / (1 - self.beta2**t)
        # Below 4 the root would be imaginary; there its value is not used.
        rectifier = (maximum(length - 4, 0) * (length - 2) * full / ((full - 4) * (full - 2) * length)) ** 0.5
        divided = rectifier * m_hat * (1 - self.beta2**t) ** 0.5 / (v**0.5 + self.epsilon)
        return x - self.lr * factor * where(length > 5, divided, m_hat), Moments(m, v)


class MeanAndSurprise(NamedTuple):
    """`m`: running mean of gradients; `s`: running mean of the squared distance from it."""

    m: Operand
    s: Operand


@optimizers("adabelief", "AdaBelief")
class AdaBelief(AdamKnobs):
    """Adam that divides by how much a gradient surprises, not by how large it is.

    Formula: m <- b1 m + (1 - b1) g, s <- b2 s + (1 - b2) (g - m)^2 + eps, x <- x - lr m^ / (sqrt(s^) + eps).

    Watch: where the gradient stays the same it takes large steps, where it changes it takes small ones.

    Reference: Zhuang et al., AdaBelief optimizer, 2020, Algorithm 2.
    """

    reference = "Zhuang et al., AdaBelief optimizer, 2020, Algorithm 2"
    State = MeanAndSurprise
    symbols = {"m_hat": r"\hat{m}", "s_hat": r"\hat{s}", "surprise": "e"}
    drawn = {"m": "slope", "s": "slope square"}

    epsilon: float = knob(1e-16, 1e-16, 1.0, log=True, symbol=r"\epsilon", help="keeps the divisor above zero")

    def step(self, x, g, state, t, factor=1.0):
        m = self.beta1 * state.m + (1 - self.beta1) * g
        surprise = g - m
        s = self.beta2 * state.s + (1 - self.beta2) * (surprise * surprise) + self.epsilon
        m_hat = m / (1 - self.beta1**t)
        s_hat = s / (1 - self.beta2**t)
        return x - self.lr * factor * m_hat / (s_hat**0.5 + self.epsilon), MeanAndSurprise(m, s)


class Mean(NamedTuple):
    """`m`: running mean of gradients."""

    m: Operand


@optimizers("lion", "Lion")
class Lion(Rule):
    """Only the sign of a mixed momentum: every coordinate moves by the same length.

    Formula: c = b1 m + (1 - b1) g, x <- x - lr (sign(c) + decay x), m <- b2 m + (1 - b2) g.

    Watch: it walks along diagonals with constant stride and never settles without a schedule.

    Reference: Chen et al., Symbolic discovery of optimization algorithms, 2023, Algorithm 2.
    """

    group = "adaptive"
    reference = "Chen et al., Symbolic discovery of optimization algorithms, 2023, Algorithm 2"
    State = Mean
    symbols = {"mix": "c"}
    drawn = {"m": "slope"}

    lr: float = knob(0.01, 1e-6, 10.0, log=True, symbol=r"\alpha", help="learning rate: the length of every step")
    beta1: float = knob(0.9, 0.0, 0.9999, symbol=r"\beta_1", help="share of the old mean in the direction")
    beta2: float = knob(0.99, 0.0, 0.9999, symbol=r"\beta_2", help="how slowly the mean forgets")
    weight_decay: float = knob(0.0, 0.0, 10.0, symbol=r"\lambda", help="share of each weight lost per unit of rate")

    def step(self, x, g, state, t, factor=1.0):
        mix = self.beta1 * state.m + (1 - self.beta1) * g
        m = self.beta2 * state.m + (1 - self.beta2) * g
        return x - self.lr * factor * (sign(mix) + self.weight_decay * x), Mean(m)


class SignAndSize(NamedTuple):
    """`previous`: the last gradient that was followed, 0 after a change of sign; `step_size`: the present stride."""

    previous: Operand
    step_size: Operand


@optimizers("rprop", "Rprop")
class Rprop(Rule):
    """A stride per coordinate that grows while the sign stays and shrinks when it flips.

    Formula: D <- min(max(D e, low), high) with e = grow, shrink or 1 as the gradients agree, differ or one is 0;
    x <- x - D sign(g), where g counts as 0 after a change of sign.

    Watch: the size of the gradient plays no part, so that plateaus and cliffs are walked alike; noise confuses it.

    Reference: Riedmiller and Braun, A direct adaptive method for faster backpropagation learning: the RPROP
    algorithm, 1993, eqs. (4) to (6); without stepping back, as in Igel and Huesken, 2000 (iRprop-).
    """

    group = "adaptive"
    reference = "Riedmiller and Braun, A direct adaptive method: the RPROP algorithm, 1993, eqs. (4) to (6)"
    State = SignAndSize
    symbols = {"previous": r"\tilde{g}", "step_size": r"\Delta", "agreement": "a"}
    drawn = {"previous": "slope", "step_size": "move size"}

    lr: float = knob(0.05, 1e-6, 10.0, log=True, symbol=r"\Delta_0", help="the first stride")
    shrink: float = knob(0.5, 0.01, 0.99, symbol=r"\eta^-", help="factor after a change of sign")
    grow: float = knob(1.2, 1.01, 5.0, symbol=r"\eta^+", help="factor while the sign stays")
    smallest: float = knob(1e-6, 1e-12, 1.0, log=True, symbol=r"\Delta_{\min}", help="no stride is shorter")
    largest: float = knob(50.0, 1.0, 1000.0, log=True, symbol=r"\Delta_{\max}", help="no stride is longer")

    def init(self, x):
        return SignAndSize(x * 0, x * 0 + self.lr)

    def step(self, x, g, state, t, factor=1.0):
        size = state.step_size
        agreement = sign(g) * sign(state.previous)
        size = where(agreement > 0, size * self.grow, where(agreement < 0, size * self.shrink, size))
        size = -maximum(-maximum(size, self.smallest), -self.largest)
        followed = where(agreement < 0, g * 0, g)
        return x - factor * size * sign(followed), SignAndSize(followed, size)
