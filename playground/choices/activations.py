"""Activations: what a unit makes of its weighted sum."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import sympy as sp

from playground.choices.derive import RealFunction, X, derive
from playground.registry import Choice, Registry, knob

if TYPE_CHECKING:
    from torch import Tensor, nn

activations: Registry[Activation] = Registry("activation")

NEAR = 0.05  # within this share of its range of an asymptote a unit counts as saturated

Function = Callable[[np.ndarray], np.ndarray]


class Erf(RealFunction):
    """The error function of a SymPy expression."""

    code, twin, nargs = "erf", sp.erf, 1

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """The slope."""
        return 2 / sp.sqrt(sp.pi) * sp.exp(-(self.args[0] ** 2))


def _erf(u: np.ndarray) -> np.ndarray:
    from scipy.special import erf  # takes complex numbers and every precision

    return erf(u)


def ramp(x: sp.Expr, below: sp.Expr | float) -> sp.Expr:
    """`x` where it is positive, else `below * x`, with the mean of both slopes at 0."""
    return (x + sp.Abs(x)) / 2 + below * (x - sp.Abs(x)) / 2


class Activation(Choice):
    """Base of all activations.

    `low`, `high`: asymptotes, None where there is none; `leak`: slope for negative sums, which He initialization
    counts with, None where the activation is no such ramp.
    """

    low: ClassVar[float | None] = None
    high: ClassVar[float | None] = None
    leak: ClassVar[float | None] = None

    @property
    def pieces(self) -> int:
        """How many sums each unit has."""
        return 1

    @property
    def kinked(self) -> bool:
        """Whether its slope jumps somewhere."""
        return self.leak not in (None, 1.0) or self.pieces > 1

    @property
    def bounded(self) -> bool:
        """Whether it can saturate."""
        return self.low is not None or self.high is not None

    def count(self, channels: int) -> int:
        """Parameters for so many units (channels of a convolution)."""
        return 0

    def module(self, channels: int) -> nn.Module:
        """The module for so many units (channels of a convolution)."""
        raise NotImplementedError

    def formula(self, x: sp.Expr) -> sp.Expr:
        """A unit's output as an expression in its one sum; what the module computes, before it has learned anything."""
        raise NotImplementedError

    def curves(self, scope: Mapping[str, Any]) -> tuple[Function, Function]:
        """The same on NumPy arrays, real or complex, without torch: sums -> outputs, and sums -> slopes.

        Sums and slopes have shape (..., pieces), outputs lose the last axis. `scope` says what `exp`, `abs`, ... mean,
        as `derive.namespace`; all kinks go through `abs`.
        """
        derived, scope = derive(self.formula(X)), {"erf": _erf, **scope}
        value, slope = derived.value_program.function_in(scope), derived.gradient_program.function_in(scope)
        return (
            lambda sums: value(sums, 0.0)[0][..., 0],
            lambda sums: np.broadcast_to(slope(sums, 0.0)[1], sums.shape),
        )

    def saturated(self, output: Tensor) -> Tensor:
        """True where an output is within `NEAR` of an asymptote, of the whole range or, one-sided, of the asymptote."""
        import torch

        saturated_outputs = torch.zeros_like(output, dtype=torch.bool)
        low, high = self.low, self.high
        span = abs(low or high or 0.0) if low is None or high is None else high - low
        if low is not None:
            saturated_outputs |= output < low + NEAR * span
        if high is not None:
            saturated_outputs |= output > high - NEAR * span
        return saturated_outputs


@activations("sigmoid", "Sigmoid")
class Sigmoid(Activation):
    """Between 0 and 1, as a rate of firing.

    Formula: 1 / (1 + e^-x).

    Watch: it saturates at both ends, where no gradient passes; its slope is at most 1/4, so that gradients fade from
    layer to layer; its outputs are never negative, so that the weights of a unit all move in one direction together.

    Reference: Rumelhart, Hinton and Williams, Learning representations by back-propagating errors, 1986, eq. (2).
    """

    low, high = 0.0, 1.0

    def formula(self, x):
        return 1 / (1 + sp.exp(-x))

    def module(self, channels):
        from torch import nn

        return nn.Sigmoid()


@activations("tanh", "Tanh")
class Tanh(Activation):
    """A sigmoid around zero.

    Formula: (e^x - e^-x) / (e^x + e^-x).

    Watch: zero-centred, which sigmoid is not, but it saturates just the same.

    Reference: LeCun et al., Efficient backprop, 1998, section 4.4.
    """

    low, high = -1.0, 1.0

    def formula(self, x):
        return sp.tanh(x)

    def module(self, channels):
        from torch import nn

        return nn.Tanh()


@activations("relu", "ReLU")
class ReLU(Activation):
    """The positive part.

    Formula: max(0, x).

    Watch: it does not saturate for positive sums and is cheap; a unit whose sum is negative for every image gets no
    gradient any more: it is dead.

    Reference: Nair and Hinton, Rectified linear units improve restricted Boltzmann machines, 2010, section 2.
    """

    leak = 0.0

    def formula(self, x):
        return ramp(x, 0)

    def module(self, channels):
        from torch import nn

        return nn.ReLU(inplace=True)


@activations("leaky_relu", "Leaky ReLU")
class LeakyReLU(Activation):
    """A ReLU with a small slope for negative sums.

    Formula: max(a x, x).

    Watch: no unit dies, since the gradient is never zero.

    Reference: Maas, Hannun and Ng, Rectifier nonlinearities improve neural network acoustic models, 2013, eq. (2).
    """

    slope: float = knob(0.01, 0.0, 1.0, symbol="a", help="slope for negative sums")

    @property
    def leak(self):  # type: ignore[override]
        """The slope for negative sums."""
        return self.slope

    def formula(self, x):
        return ramp(x, self.slope)

    def module(self, channels):
        from torch import nn

        return nn.LeakyReLU(self.slope, inplace=True)


@activations("prelu", "PReLU")
class PReLU(Activation):
    """A leaky ReLU whose negative slope is learned, one for each channel.

    Formula: max(0, x) + a min(0, x) with a learned.

    Watch: weight decay would pull the slopes to zero, back to ReLU; here they have none.

    Reference: He et al., Delving deep into rectifiers, 2015, eq. (1).
    """

    start: float = knob(0.25, 0.0, 1.0, symbol="a_0", help="slope for negative sums at the beginning")

    @property
    def leak(self):  # type: ignore[override]
        """The slope for negative sums at the beginning."""
        return self.start

    def count(self, channels):
        return channels

    def formula(self, x):
        return ramp(x, self.start)

    def module(self, channels):
        from torch import nn

        return nn.PReLU(channels, self.start)


@activations("elu", "ELU")
class ELU(Activation):
    """A ReLU with a smooth bend to a negative floor, which brings the mean of the outputs closer to zero.

    Formula: x for x > 0, else alpha (e^x - 1).

    Watch: far below zero it saturates at -alpha.

    Reference: Clevert, Unterthiner and Hochreiter, Fast and accurate deep network learning by ELUs, 2016, eq. (15).
    """

    alpha: float = knob(1.0, 0.01, 10.0, log=True, symbol=r"\alpha", help="depth of the negative floor")

    @property
    def kinked(self):
        """Whether its slope jumps at 0, from 1 to alpha."""
        return self.alpha != 1.0

    @property
    def low(self):  # type: ignore[override]
        """The floor."""
        return -self.alpha

    def formula(self, x):
        return (x + sp.Abs(x)) / 2 + self.alpha * (sp.exp((x - sp.Abs(x)) / 2) - 1)

    def module(self, channels):
        from torch import nn

        return nn.ELU(self.alpha, inplace=True)


@activations("maxout", "Maxout")
class Maxout(Activation):
    """The largest of several sums, each with weights of its own.

    Formula: max over k of (w_k x + b_k).

    Watch: it neither saturates nor dies, at the price of several times the weights.

    Reference: Goodfellow et al., Maxout networks, 2013, eq. (1).
    """

    sums: int = knob(2, 2, 5, symbol="k", help="sums for each unit")

    @property
    def pieces(self):
        """How many sums each unit has."""
        return self.sums

    def curves(self, scope):
        def largest(sums: np.ndarray) -> np.ndarray:
            maximum = sums[..., 0]
            for k in range(1, self.sums):
                above = sums[..., k] - maximum
                maximum = maximum + (above + scope["abs"](above)) / 2
            return maximum

        def slopes(sums: np.ndarray) -> np.ndarray:
            wins = sums == sums.max(axis=-1, keepdims=True)
            return wins / wins.sum(axis=-1, keepdims=True)

        return largest, slopes

    def module(self, channels):
        from playground.layers.modules import Maxout as Module

        return Module(self.sums)


@activations("gelu", "GELU")
class GELU(Activation):
    """The sum times the probability that a standard normal number is smaller.

    Formula: x Phi(x), with Phi the distribution function of the standard normal.

    Watch: a smooth ReLU with a small dip below zero; it costs more time than a ReLU.

    Reference: Hendrycks and Gimpel, Gaussian error linear units, 2016, eq. (1).
    """

    def formula(self, x):
        return x * (1 + Erf(x / sp.sqrt(2))) / 2

    def module(self, channels):
        from torch import nn

        return nn.GELU()


@activations("silu", "SiLU")
class SiLU(Activation):
    """The sum times its sigmoid.

    Formula: x / (1 + e^-x).

    Watch: as GELU, with a slightly deeper dip.

    Reference: Elfwing, Uchibe and Doya, Sigmoid-weighted linear units, 2018, eq. (5); Ramachandran, Zoph and Le,
    Searching for activation functions, 2017 ("Swish").
    """

    def formula(self, x):
        return x / (1 + sp.exp(-x))

    def module(self, channels):
        from torch import nn

        return nn.SiLU()
