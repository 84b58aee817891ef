"""The loss of a small net and its exact gradient, in NumPy: the server loads no torch for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from playground.choices.activations import Activation, Function
from playground.choices.small_nets import SmallNet
from playground.engine.streams import stream


@dataclass(frozen=True, kw_only=True)
class Net:
    """A small net with its samples: N of them with D inputs, C classes, n weights and biases in one vector."""

    plan: SmallNet
    activation: Activation
    outputs: Function
    slopes: Function
    samples: np.ndarray  # (N, D)
    labels: np.ndarray  # (N,) int
    weights: np.ndarray  # (n,), layer by layer: W (fan-in, sums) row by row, then b

    def loss(self, weights: np.ndarray) -> np.ndarray:
        """The loss for many `weights` (B, n), real or complex; shape (B,). In the precision of `weights`."""
        values = self.samples.astype(weights.real.dtype)
        sums = values
        for k, (matrix, bias) in enumerate(self._layers(weights)):
            sums = values @ matrix + bias[..., None, :]
            if k < self.plan.hidden:
                values = self.outputs(sums.reshape(*sums.shape[:-1], -1, self.activation.pieces))
        return _cross_entropy(sums, self.labels)

    def gradient(self, weights: np.ndarray) -> np.ndarray:
        """The exact gradient at one point `weights` (n,), by backpropagation; shape (n,)."""
        layers = list(self._layers(weights))
        inputs, slopes = [self.samples.astype(weights.dtype)], []
        for matrix, bias in layers[:-1]:
            sums = (inputs[-1] @ matrix + bias).reshape(len(self.labels), -1, self.activation.pieces)
            inputs.append(self.outputs(sums))
            slopes.append(self.slopes(sums))
        sums = inputs[-1] @ layers[-1][0] + layers[-1][1]
        share = np.exp(sums - sums.max(axis=1, keepdims=True))
        back = share / share.sum(axis=1, keepdims=True)
        back[np.arange(len(self.labels)), self.labels] -= 1
        back /= len(self.labels)
        parts: list[np.ndarray] = []
        for k in reversed(range(len(layers))):
            parts = [(inputs[k].T @ back).ravel(), back.sum(axis=0), *parts]
            if k:
                back = ((back @ layers[k][0].T)[..., None] * slopes[k - 1]).reshape(len(self.labels), -1)
        return np.concatenate(parts)

    def _layers(self, weights: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Weights (..., fan-in, sums) and biases (..., sums) of each layer."""
        offset = 0
        for fan_in, sums in self.plan.shapes(self.activation):
            matrix = weights[..., offset : offset + fan_in * sums].reshape(*weights.shape[:-1], fan_in, sums)
            offset += fan_in * sums
            yield matrix, weights[..., offset : offset + sums]
            offset += sums

    def names(self) -> Iterator[str]:
        """What each component of the gradient belongs to: `W1[0,3]`, `b1[3]`, ..."""
        for k, (fan_in, sums) in enumerate(self.plan.shapes(self.activation), 1):
            yield from (f"W{k}[{i},{j}]" for i in range(fan_in) for j in range(sums))
            yield from (f"b{k}[{j}]" for j in range(sums))


def _cross_entropy(sums: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Mean of -log softmax at the labels, of sums (..., N, C); shape (...)."""
    shifted = sums - sums.real.max(axis=-1, keepdims=True)
    total = np.log(np.exp(shifted).sum(axis=-1))
    return (total - shifted[..., np.arange(len(labels)), labels]).mean(axis=-1)


def small_net(plan: SmallNet, activation: Activation, seed: int, scope: Mapping[str, Any]) -> Net:
    """The net with its samples and first weights, which fit into float32; `scope` as in `Activation.curves`."""
    draw = stream(seed, "small net")
    samples = draw.normal(size=(plan.samples, plan.inputs)).astype(np.float32).astype(float)
    labels = draw.integers(plan.classes, size=plan.samples)
    parts = []
    for fan_in, sums in plan.shapes(activation):
        parts += [draw.normal(0.0, (2 / fan_in) ** 0.5, fan_in * sums), draw.normal(0.0, 0.1, sums)]
    weights = np.concatenate(parts).astype(np.float32).astype(float)
    outputs, slopes = activation.curves(scope)
    return Net(
        plan=plan,
        activation=activation,
        outputs=outputs,
        slopes=slopes,
        samples=samples,
        labels=labels,
        weights=weights,
    )
