"""A look into every layer during one step of the training itself.

The histograms are of at most `SAMPLE` values a layer, evenly spaced over the tensor; nothing is drawn at random, and
the hooks live only as long as the step, so that a probed run goes the same way as one that is not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from playground.choices.activations import Activation
from playground.record import BINS, Filters, Probe

SAMPLE = 16_384
UNSEEN = ("activation_mean", "activation_std", "gradient_mean", "gradient_std", "gradient_norm", "dead", "saturated")
POSITIONS = 8  # of a picture's rows and columns, at which a unit is looked at to see whether it is dead


def sample(values: Tensor) -> Tensor:
    """A copy of at most `SAMPLE` of the values, evenly spaced as they lie in memory: (n,) float32."""
    flat = values.detach()
    if flat.dim() == 4 and flat.is_contiguous(memory_format=torch.channels_last):
        flat = flat.permute(0, 2, 3, 1)
    flat = flat.reshape(-1)
    # An odd stride does not keep step with the channels, whose number is a power of two more often than not.
    stride = max(math.ceil(flat.numel() / SAMPLE), 1) | 1
    return flat[::stride].to(torch.float32, copy=True)


def histogram(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Counts in 65535ths of the fullest bin, (64,), and the ends (2,); values that are not finite count as 0."""
    ends = values.min(), values.max()
    if not np.isfinite(ends).all():
        values = np.where(np.isfinite(values), values, np.float32(0))
        ends = values.min(), values.max()
    low, high = map(float, ends)
    places = np.subtract(values, low, dtype=np.float64)  # in single precision the span may be infinite
    places *= BINS * 0.999999 / max(high - low, 1e-30)
    counts = np.bincount(places.astype(np.intp), minlength=BINS)
    return counts * (65535 / counts.max()), np.array(ends)


def dead_share(output: Tensor) -> Tensor:
    """Share of units (channels of a convolution) that give the same value for the whole batch: scalar.

    Of a picture's positions `POSITIONS` rows and columns are looked at. NaN where each unit has given one value only,
    as those of a dense layer do for a batch of one.
    """
    units = output.detach()
    count = units.shape[1]
    if units.numel() == count:
        return torch.full((), math.nan, device=units.device)
    if units.dim() == 4:
        down, across = (max(side // POSITIONS, 1) for side in units.shape[2:])
        units = units.permute(0, 2, 3, 1)[:, ::down, ::across]
    units = units.reshape(len(units), -1)
    # The batch goes first, while rows are long: of short ones the same took ten times as long.
    low, high = units.amin(0).reshape(-1, count).amin(0), units.amax(0).reshape(-1, count).amax(0)
    return (high <= low).float().mean()


class Probing:
    """The hooks of one step: made before its forward pass, read after its update.

    What is looked at is copied as soon as it is there, while the processor has it at hand.
    """

    def __init__(self, stages: Sequence[Any], activation: Activation) -> None:
        self.stages, self.activation = stages, activation
        self.before = [weight.clone() for weight in self._weights()]
        self.outputs: dict[int, tuple[Tensor, Tensor]] = {}  # the values sampled, and the share of dead units
        self.gradients: list[Tensor] = []
        self.handles = [stage.output.register_forward_hook(self._keep(layer)) for layer, stage in enumerate(stages)]

    def _weights(self) -> list[Tensor]:
        return [stage.weight.weight.detach() for stage in self.stages]

    def _keep(self, layer: int) -> Callable[..., None]:
        def hook(module: nn.Module, inputs: Any, output: Tensor) -> None:
            if layer not in self.outputs:  # a closure may run the net again: the first time counts
                self.outputs[layer] = sample(output), dead_share(output)

        return hook

    def after_backward(self, parameters: Sequence[Tensor]) -> None:
        """Look at the gradients, and take the hooks away."""
        self.close()
        gradients = (stage.weight.weight.grad for stage in self.stages)
        grads = [torch.zeros_like(old) if grad is None else grad.detach() for grad, old in zip(gradients, self.before)]
        self.gradients, self.lengths = [sample(grad) for grad in grads], _lengths(grads)
        self.total = _lengths(
            [parameter.grad.detach() for parameter in parameters if parameter.grad is not None]
        ).norm()

    def close(self) -> None:
        """Take the hooks away."""
        for handle in self.handles:
            handle.remove()
        self.handles = []

    def event(self, step: int, seconds: float) -> Probe:
        """What was seen, after the update."""
        places, weights = range(len(self.stages)), self._weights()
        nothing = weights[0].new_zeros(1), weights[0].new_full((), math.nan)
        outputs = [self.outputs.get(layer, nothing) for layer in places]  # nothing: of a block that was left out
        columns = _columns(
            {
                "activation": [values for values, _ in outputs],
                "gradient": self.gradients,
                "weight": [sample(weight) for weight in weights],
            }
        )
        dead, saturated, length, before, change = torch.stack(
            [
                torch.stack([share for _, share in outputs]),
                torch.stack([self._saturated(layer, values) for layer, (values, _) in enumerate(outputs)]),
                self.lengths, _lengths(self.before), _lengths(torch._foreach_sub(weights, self.before)),
            ]
        ).cpu().numpy()  # fmt: skip
        ratio = np.divide(change, before, out=np.full_like(change, math.nan), where=before > 0)  # 0 has no measure
        columns |= {"dead": dead, "saturated": saturated, "gradient_norm": length, "update_ratio": ratio}
        skipped = [layer for layer in places if layer not in self.outputs]
        for name in UNSEEN:
            columns[name][skipped] = math.nan
        return Probe(step=step, seconds=seconds, total_norm=float(self.total), **columns)

    def _saturated(self, layer: int, values: Tensor) -> Tensor:
        """The share of a layer's outputs; 0 for scores and shortcuts, which have gone through no activation."""
        if not (self.stages[layer].activated and self.activation.bounded):
            return values.new_zeros(())
        return self.activation.saturated(values).float().mean()


def _columns(tensors: dict[str, list[Tensor]]) -> dict[str, np.ndarray]:
    """Histograms, means and standard deviations, a row for each layer."""
    sizes = [len(values) for group in tensors.values() for values in group]
    # Once: a GPU has to stop.
    flat = torch.cat([values for group in tensors.values() for values in group]).cpu().numpy()
    parts, columns = iter(np.split(flat, np.cumsum(sizes)[:-1])), {}
    with np.errstate(invalid="ignore", over="ignore"):  # weights beyond all bounds have moments that are no numbers
        for name, layers in tensors.items():
            values = [next(parts) for _ in layers]
            counts, ends = zip(*map(histogram, values))
            columns[f"{name}s"], columns[f"{name}_range"] = np.stack(counts).astype("<u2"), np.stack(ends)
            columns[f"{name}_mean"] = np.array([value.mean() for value in values])
            columns[f"{name}_std"] = np.array([value.std() for value in values])
    return columns


def _lengths(tensors: Sequence[Tensor]) -> Tensor:
    """(n,) Euclidean norms."""
    return torch.stack(torch._foreach_norm(list(tensors)))


PICTURES = 32


@torch.no_grad()
def filters(step: int, weight: Tensor, matrix: Tensor | None) -> Filters | None:
    """The first layer's weights as pictures, None where they have no three colours.

    `weight` (n, 3, k, k) or (n, 3072); `matrix` (3072, 3072) is the preprocessing's, through which a dense layer's
    weights are led back to the pixels they act on.
    """
    weight = weight.detach()[:PICTURES].float()
    if weight.dim() == 2 and weight.shape[1] == 3072:
        weight = (weight if matrix is None else weight @ matrix.T).reshape(-1, 3, 32, 32)
    if weight.dim() != 4 or weight.shape[1] != 3:
        return None
    low, high = weight.amin((1, 2, 3), keepdim=True), weight.amax((1, 2, 3), keepdim=True)
    scaled = (weight - low) / (high - low).clamp_min(1e-30) * 255
    pictures = scaled.nan_to_num(0.0).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous()
    return Filters(step=step, pictures=pictures.cpu().numpy().astype(np.uint8))
