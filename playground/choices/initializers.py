"""Initializers: where the weights of a net begin. All draws come from the generator that is passed in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from playground.registry import Choice, Registry, knob

if TYPE_CHECKING:
    import torch
    from torch import Tensor

initializers: Registry[Initializer] = Registry("initializer")


def fans(weight: Tensor) -> tuple[int, int]:
    """(inputs, outputs) that one output, one input of the layer is connected with."""
    spot = math.prod(weight.shape[2:])
    return weight.shape[1] * spot, weight.shape[0] * spot


@dataclass(frozen=True, kw_only=True)
class Initializer(Choice):
    """Base of all initializers. Scales and offsets of normalizations begin at 1 and 0 with each of them."""

    needs_batch: ClassVar[bool] = False

    bias: float = knob(0.0, 0.0, 1.0, symbol="b", help="every bias at the beginning; a little above 0 wakes ReLUs")

    def fill(self, weight: Tensor, generator: torch.Generator, leak: float) -> None:
        """Draw the weights of one layer; `leak` is the slope of its activation for negative sums."""
        raise NotImplementedError

    def adapt(self, net: Any, batch: Tensor) -> None:
        """Scale the weights to a batch; only where `needs_batch`."""


@initializers("zero", "Zero")
class Zero(Initializer):
    """All weights zero.

    Formula: w = 0.

    Watch: all units of a layer are alike and stay alike; behind a hidden layer nothing is learned at all.

    Reference: Stanford CS231n, notes on neural networks 2, "pitfall: all zero initialization".
    """

    def fill(self, weight, generator, leak):
        weight.zero_()


@initializers("constant", "Constant")
class Constant(Initializer):
    """All weights the same.

    Formula: w = c.

    Watch: gradients flow, but all units of a layer stay copies of each other.

    Reference: Goodfellow, Bengio and Courville, Deep learning, 2016, section 8.4, on breaking symmetry.
    """

    value: float = knob(0.01, -10.0, 10.0, symbol="c", help="every weight")

    def fill(self, weight, generator, leak):
        weight.fill_(self.value)


class Gaussian(Initializer):
    """Normal weights of some standard deviation."""

    def deviation(self, inputs: int, outputs: int, leak: float) -> float:
        """The standard deviation for a layer with so many inputs and outputs."""
        raise NotImplementedError

    def fill(self, weight, generator, leak):
        weight.normal_(0.0, self.deviation(*fans(weight), leak), generator=generator)


class Uniform(Gaussian):
    """Uniform weights of some standard deviation: between -a and a with a = sqrt(3) times it."""

    def fill(self, weight, generator, leak):
        end = math.sqrt(3) * self.deviation(*fans(weight), leak)
        weight.uniform_(-end, end, generator=generator)


@initializers("small_normal", "Small normal (0.01)")
class SmallNormal(Gaussian):
    """Normal weights with standard deviation 0.01.

    Formula: w ~ N(0, 0.01^2).

    Watch: fine for a shallow net; in a deep one activations shrink from layer to layer, and gradients with them.

    Reference: Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional neural networks, 2012,
    section 5.
    """

    def deviation(self, inputs, outputs, leak):
        return 0.01


@initializers("large_normal", "Large normal (1.0)")
class LargeNormal(Gaussian):
    """Normal weights with standard deviation 1.

    Formula: w ~ N(0, 1).

    Watch: tanh and sigmoid saturate at once; with ReLU the scores grow so large that the first loss explodes.

    Reference: Stanford CS231n, lecture on training neural networks, part 1, the activations of ten layers.
    """

    def deviation(self, inputs, outputs, leak):
        return 1.0


@initializers("normal", "Normal (any deviation)")
class Normal(Gaussian):
    """Normal weights with a standard deviation of your choice.

    Formula: w ~ N(0, std^2).

    Watch: find the one that keeps the activations of all layers alike; 1 / sqrt(inputs) is where to look.

    Reference: LeCun et al., Efficient backprop, 1998, section 4.6.
    """

    std: float = knob(0.05, 1e-6, 10.0, log=True, symbol=r"\sigma", help="standard deviation")

    def deviation(self, inputs, outputs, leak):
        return self.std


class _Xavier(Gaussian):
    """The deviation of Glorot and Bengio."""

    def deviation(self, inputs, outputs, leak):
        return math.sqrt(2 / (inputs + outputs))


@initializers("xavier_normal", "Xavier normal")
class XavierNormal(_Xavier):
    """Normal weights that keep the variance of activations and of gradients, as long as the activation is about linear.

    Formula: w ~ N(0, 2 / (inputs + outputs)).

    Watch: made for tanh; with ReLU, which throws half away, activations shrink by sqrt(2) in every layer.

    Reference: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010,
    eq. (12).
    """


@initializers("xavier_uniform", "Xavier uniform")
class XavierUniform(_Xavier, Uniform):
    """Uniform weights with Xavier's deviation.

    Formula: w ~ U(-a, a), a = sqrt(6 / (inputs + outputs)).

    Watch: as Xavier normal.

    Reference: Glorot and Bengio, 2010, eq. (16).
    """


class _He(Gaussian):
    """The deviation of He et al."""

    def deviation(self, inputs, outputs, leak):
        return math.sqrt(2 / ((1 + leak**2) * inputs))


@initializers("he_normal", "He normal")
class HeNormal(_He):
    """Normal weights that make up for the half that a ReLU throws away.

    Formula: w ~ N(0, 2 / ((1 + a^2) inputs)) with a the slope of a leaky activation, 0 for others.

    Watch: with ReLU the activations of all layers are alike, however deep the net.

    Reference: He et al., Delving deep into rectifiers, 2015, eqs. (10) and (15).
    """


@initializers("he_uniform", "He uniform")
class HeUniform(_He, Uniform):
    """Uniform weights with He's deviation.

    Formula: w ~ U(-a, a), a = sqrt(6 / ((1 + a^2) inputs)).

    Watch: as He normal.

    Reference: He et al., 2015, eq. (10); uniform as in PyTorch's kaiming_uniform_.
    """


@initializers("lecun", "LeCun normal")
class LeCun(Gaussian):
    """Normal weights that keep the variance of the sums forwards.

    Formula: w ~ N(0, 1 / inputs).

    Watch: between Xavier and He: right for SELU-like and linear units.

    Reference: LeCun et al., Efficient backprop, 1998, eq. (16).
    """

    def deviation(self, inputs, outputs, leak):
        return math.sqrt(1 / inputs)


@initializers("orthogonal", "Orthogonal")
class Orthogonal(Initializer):
    """Weights whose rows (or columns) are at right angles, so that no direction grows or shrinks.

    Formula: W = gain Q, with Q from the QR decomposition of a normal matrix, signs so that R has a positive diagonal.

    Watch: in deep linear nets gradients reach the first layer undiminished.

    Reference: Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning, 2014, section 3.
    """

    gain: float = knob(1.0, 0.01, 10.0, log=True, symbol="g", help="length of each row (or column); sqrt(2) suits ReLU")

    def fill(self, weight, generator, leak):
        _orthogonal(weight, generator, self.gain)


def _orthogonal(weight: Tensor, generator: torch.Generator, gain: float) -> None:
    import torch

    rows, columns = weight.shape[0], weight[0].numel()
    gaussian = torch.empty(max(rows, columns), min(rows, columns)).normal_(generator=generator)
    q, r = torch.linalg.qr(gaussian)
    q = q * r.diagonal().sign()
    weight.copy_((q if rows >= columns else q.T).reshape(weight.shape) * gain)


@initializers("lsuv", "LSUV")
class LSUV(Initializer):
    """Orthogonal weights, then each layer scaled so that its sums have variance 1 on a batch of images.

    Formula: W <- W / std(sums), layer by layer; since sums are linear in W, their variance is then 1.

    Watch: right for every activation, since it measures instead of assuming.

    Reference: Mishkin and Matas, All you need is a good init, 2016, Algorithm 1.
    """

    needs_batch = True

    def fill(self, weight, generator, leak):
        _orthogonal(weight, generator, 1.0)

    def adapt(self, net, batch):
        """Scale the weights of each stage of `net`, with the images `batch` (b, 3, 32, 32), in one pass through it."""

        def scale(layer: Any, inputs: Any, sums: Tensor) -> Tensor:
            deviation = float(sums.std(correction=0))
            if not 0 < deviation < math.inf:
                return sums
            layer.weight.div_(deviation)
            bias = 0.0 if layer.bias is None else self.bias
            return (sums - bias) / deviation + bias

        handles = [stage.weight.register_forward_hook(scale) for stage in net.stages]
        training = net.training
        net.eval()  # draws no masks and leaves running statistics alone
        net(batch)
        net.train(training)
        for handle in handles:
            handle.remove()
