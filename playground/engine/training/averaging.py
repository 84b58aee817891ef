"""A mean of the weights along the run, which is a net of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from playground.choices.regularizers import Recipe


class Averaged:
    """The running mean of a net's parameters and of its running statistics."""

    def __init__(self, net: nn.Module, recipe: Recipe, steps: int) -> None:
        self.recipe, self.first = recipe, int(recipe.average_start * steps)
        self.live = _floats(net)
        self.mean = [tensor.detach().clone() for tensor in self.live]
        self.count = 0

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the weights after `step` (from 1)."""
        if step <= self.first:
            torch._foreach_copy_(self.mean, self.live)
            return
        self.count += 1
        share = 1 / self.count
        if self.recipe.average_decay is not None:
            share = 1 - min(self.recipe.average_decay, (1 + self.count) / (10 + self.count))
        torch._foreach_lerp_(self.mean, self.live, share)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Within this, the net has the averaged weights."""
        saved_tensors = [tensor.detach().clone() for tensor in self.live]
        with torch.no_grad():
            torch._foreach_copy_(self.live, self.mean)
        try:
            yield
        finally:
            with torch.no_grad():
                torch._foreach_copy_(self.live, saved_tensors)

    def state(self) -> dict[str, Tensor | int | list[Tensor]]:
        """What `load` takes."""
        return {"mean": self.mean, "count": self.count}

    def load(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        with torch.no_grad():
            torch._foreach_copy_(self.mean, state["mean"])
        self.count = state["count"]


def _floats(net: nn.Module) -> list[Tensor]:
    """Everything in the net that an average makes sense of: not the counters of batch normalization."""
    return [tensor.data for tensor in (*net.parameters(), *net.buffers()) if tensor.is_floating_point()]
