"""Nets small enough to have every weight moved by itself: for checking gradients, not for training."""

from __future__ import annotations

from itertools import pairwise

from playground.choices.activations import Activation
from playground.registry import Choice, Registry, knob

small_nets: Registry[SmallNet] = Registry("small net")


@small_nets("small_mlp", "Small net")
class SmallNet(Choice):
    """A fully connected net on random samples, with the mean cross-entropy of its softmax as the loss.

    Formula: z_0 = x, z_k = a(z_(k-1) W_k + b_k) for the hidden layers, p = softmax(z W + b), f = -mean log p_label.
    Samples are standard normal, labels random; weights are normal with variance 2 / fan-in, biases with deviation 0.1.

    Reference: He et al., Delving deep into rectifiers, 2015, eq. (10), for the weights.
    """

    inputs: int = knob(4, 1, 16, help="numbers in each sample")
    hidden: int = knob(1, 1, 3, help="hidden layers")
    width: int = knob(8, 1, 32, help="units in each hidden layer")
    classes: int = knob(3, 2, 10, help="outputs")
    samples: int = knob(16, 1, 32, help="samples that the loss is a mean over")

    def shapes(self, activation: Activation) -> tuple[tuple[int, int], ...]:
        """(fan-in, sums) of each layer's weights; a layer has as many biases as sums."""
        widths = [self.inputs, *[self.width] * self.hidden, self.classes]
        last = len(widths) - 2
        return tuple((a, b * (activation.pieces if k < last else 1)) for k, (a, b) in enumerate(pairwise(widths)))

    def dimension(self, activation: Activation) -> int:
        """Number of weights and biases, the dimension of the gradient."""
        return sum((fan_in + 1) * sums for fan_in, sums in self.shapes(activation))
