"""A look into every layer during one step of the training itself.

The histograms are of at most `SAMPLE` values a layer, evenly spaced over the tensor; nothing is drawn at random, and
the hooks live only as long as the step, so that a probed run goes the same way as one that is not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from playground.choices.activations import Activation
from playground.record import Filters, Probe

BINS = 64
SAMPLE = 16_384
UNSEEN = ("activation_mean", "activation_std", "gradient_mean", "gradient_std", "gradient_norm", "dead", "saturated")
POSITIONS = 8  # of a picture's rows and columns, at which a unit is looked at to see whether it is dead


def sampled(values: Tensor) -> Tensor:
    """At most `SAMPLE` of the values, evenly spaced as they lie in memory: (n,) float32."""
    flat = values.detach()
    if flat.dim() == 4 and flat.is_contiguous(memory_format=torch.channels_last):
        flat = flat.permute(0, 2, 3, 1)
    flat = flat.reshape(-1)
    # An odd stride does not keep step with the channels, whose number is a power of two more often than not.
    stride = max(math.ceil(flat.numel() / SAMPLE), 1) | 1
    return flat[::stride].float()


def histogram(values: Tensor) -> tuple[Tensor, Tensor]:
    """Counts in 65535ths of the fullest bin, (64,), and the ends (2,); values that are not finite count as 0."""
    values = values.nan_to_num(0.0, 0.0, 0.0)
    low, high = values.aminmax()
    span = (high - low).clamp_min(1e-30)
    places = ((values - low) * (BINS * 0.999999 / span)).long()
    counts = torch.zeros(BINS, device=values.device).index_add_(0, places, torch.ones_like(values))
    return counts * (65535 / counts.max()), torch.stack((low, high))


def dead_share(output: Tensor) -> Tensor:
    """Share of units (channels of a convolution) that give the same value for the whole batch: scalar.

    Of a picture's positions `POSITIONS` rows and columns are looked at. NaN where each unit has given one value only,
    as those of a dense layer do for a batch of one.
    """
    units = output.detach()
    if units.numel() == units.shape[1]:
        return units.new_full((), math.nan)
    if units.dim() == 4:  # laid out as a matrix first: reducing the picture's own axes took twenty times as long
        down, across = (max(side // POSITIONS, 1) for side in units.shape[2:])
        units = units.permute(0, 2, 3, 1)[:, ::down, ::across].reshape(-1, units.shape[1])
    low, high = units.amin(0), units.amax(0)
    return (high <= low).float().mean()


class Probing:
    """The hooks of one step: made before its forward pass, read after its update."""

    def __init__(self, stages: Sequence[Any], activation: Activation) -> None:
        self.stages, self.activation = stages, activation
        self.outputs: dict[int, Tensor] = {}
        self.before = [stage.weight.weight.detach().clone() for stage in stages]
        self.gradients: list[Tensor] = []
        self.total = torch.zeros(())
        self.handles = [stage.output.register_forward_hook(self._keep(place)) for place, stage in enumerate(stages)]

    def _keep(self, place: int):
        def hook(module: nn.Module, inputs: Any, output: Tensor) -> None:
            self.outputs.setdefault(place, output.detach())  # a closure may run the net again: the first time counts

        return hook

    def after_backward(self, parameters: Sequence[Tensor]) -> None:
        """Keep the gradients, and take the hooks away."""
        self.close()
        grads = (stage.weight.weight.grad for stage in self.stages)
        self.gradients = [
            torch.zeros_like(old) if grad is None else grad.detach().clone() for grad, old in zip(grads, self.before)
        ]
        norms = torch._foreach_norm([one.grad.detach() for one in parameters if one.grad is not None])
        self.total = torch.linalg.vector_norm(torch.stack(norms))

    def close(self) -> None:
        """Take the hooks away."""
        for handle in self.handles:
            handle.remove()
        self.handles = []

    def event(self, step: int, seconds: float) -> Probe:
        """What was seen, after the update."""
        columns = [self._layer(place) for place in range(len(self.stages))]
        arrays = {}
        for name in columns[0]:
            stacked = torch.stack([one[name].float() for one in columns]).cpu().numpy()
            arrays[name] = stacked.astype("<u2") if name in ("activations", "gradients", "weights") else stacked
        return Probe(step=step, seconds=seconds, total_norm=float(self.total), **arrays)

    def _layer(self, place: int) -> dict[str, Tensor]:
        weight, before = self.stages[place].weight.weight.detach(), self.before[place]
        skipped = place not in self.outputs  # a block that was left out, which has given nothing and got no gradient
        output = before.new_zeros(1, 1) if skipped else self.outputs[place]
        found: dict[str, Tensor] = {}
        tensors = {"activation": output, "gradient": self.gradients[place], "weight": weight}
        for name, tensor in tensors.items():
            values = sampled(tensor)
            found[f"{name}s"], found[f"{name}_range"] = histogram(values)
            found[f"{name}_std"], found[f"{name}_mean"] = torch.std_mean(values, correction=0)
            if name == "activation":
                found["saturated"] = values.new_zeros(())  # stays so for scores and shortcuts, without activation
                if self.stages[place].activated:
                    found["saturated"] = self.activation.saturated(values).float().mean()
        found["dead"] = dead_share(output)
        found["gradient_norm"] = torch.linalg.vector_norm(self.gradients[place])
        length = torch.linalg.vector_norm(before)
        ratio = torch.linalg.vector_norm(weight - before) / length
        found["update_ratio"] = torch.where(length > 0, ratio, math.nan)  # weights of 0 have no measure
        for name in UNSEEN if skipped else ():
            found[name] = torch.full_like(found[name], math.nan)
        return found


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
