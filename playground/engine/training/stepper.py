"""What takes the steps of one optimizer on one net, and the rules that do it by themselves.

A rule runs on all weights in one flat tensor. The schedule's factor multiplies the learning rate, and a decoupled
`decay` comes before each step: w <- w - rate factor decay w, for weights of two dimensions and more (not for biases and
normalizations, which have nothing to gain from being small).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import deepcopy
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from playground.choices.optimizers import Optimizer, Rule
from playground.choices.optimizers.whole_net import change_setting, changeable

Closure = Callable[[], Tensor]  # fills the gradients at the present weights and returns the loss


class Stepper:
    """One optimizer at work on one net.

    `needs_closure`: whether `step` computes gradients itself, by calling the closure; `needs_graph`: whether the
    closure must leave gradients that can be differentiated again (`backward(create_graph=True)`).
    """

    needs_closure = False
    needs_graph = False

    def __init__(self, optimizer: Optimizer, net: nn.Module, decay: float) -> None:
        self.optimizer, self.net, self.decay = optimizer, net, decay
        self.parameters: list[Tensor] = [parameter for parameter in net.parameters() if parameter.requires_grad]

    def step(self, t: int, factor: float = 1.0, closure: Closure | None = None) -> Tensor | None:
        """Step `t` (from 1), in place, from the gradients that the parameters hold or from the closure's.

        Returns the loss of the closure's first call, None without a closure.
        """
        raise NotImplementedError

    @property
    def rate(self) -> float | None:
        """The learning rate without the schedule's factor; None where there is none."""
        return getattr(self.optimizer, "lr", None)

    def has(self, field: str) -> bool:
        """Whether `set` can change "lr", "momentum" or "weight_decay"."""
        return field in changeable(type(self.optimizer))

    def set(self, field: str, value: float) -> None:
        """Change a setting from the next step on; the momentum is whatever the optimizer calls so.

        The weight decay is the optimizer's own where it has one, else the decoupled one. Raises `ChoiceError` where the
        optimizer has no such setting, or where `value` is out of its range.
        """
        optimizer = change_setting(self.optimizer, field, value)
        if optimizer is None:
            self.decay = value
        else:
            self._become(optimizer)

    def _become(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer

    def answer(self) -> AbstractContextManager[None]:
        """Within this, the net has the weights that the optimizer means as its result, if those are not the present.

        Such are the average of Polyak's method, and that of the schedule-free ones.
        """
        return nullcontext()

    def state_dict(self) -> dict[str, Any]:
        """A copy of everything the next steps depend on besides the weights: tensors, numbers, words, containers."""
        knobs = {name: getattr(self.optimizer, name) for name in self.optimizer.knobs()}
        return {"knobs": knobs, "decay": self.decay, "memory": deepcopy(self._memory())}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on as the stepper that gave `state` would have, if the net has its weights."""
        self._become(replace(self.optimizer, **state["knobs"]))
        self.decay = state["decay"]
        self._remember(deepcopy(state["memory"]))

    def _memory(self) -> Any:
        raise NotImplementedError

    def _remember(self, memory: Any) -> None:
        raise NotImplementedError


class RuleStepper(Stepper):
    """A rule on all weights in one flat tensor.

    Weights and gradients are copied in and out, which costs less than the rule's operations on many small tensors, and
    leaves the net's own tensors where they are.
    """

    optimizer: Rule

    def __init__(self, optimizer: Rule, net: nn.Module, decay: float) -> None:
        super().__init__(optimizer, net, decay)
        self.sizes = [parameter.numel() for parameter in self.parameters]
        self.matrices = [parameter for parameter in self.parameters if parameter.ndim > 1]
        first = self.parameters[0]
        self.x = torch.empty(sum(self.sizes), dtype=first.dtype, device=first.device)
        self.g = torch.zeros_like(self.x)
        self.g_parts = self._parts(self.g)
        self.x_parts = self._parts(self.x)
        torch._foreach_copy_(self.x_parts, [parameter.detach() for parameter in self.parameters])
        self.state = optimizer.init(self.x.clone())

    def _parts(self, flat: Tensor) -> list[Tensor]:
        """Views of a flat tensor with the shapes of the parameters, laid out in memory as these are."""
        parts = flat.split(self.sizes)
        return [
            part.as_strided(parameter.shape, parameter.stride(), part.storage_offset())
            for part, parameter in zip(parts, self.parameters)
        ]

    @torch.no_grad()
    def step(self, t: int, factor: float = 1.0, closure: Closure | None = None) -> None:
        if self.decay:
            torch._foreach_mul_(self.matrices, 1 - self.optimizer.rate * factor * self.decay)
        torch._foreach_copy_(self.x_parts, self.parameters)
        for part, parameter in zip(self.g_parts, self.parameters):
            if parameter.grad is None:
                part.zero_()
            else:
                part.copy_(parameter.grad)
        x, self.state = self.optimizer.step(self.x, self.g, self.state, t, factor)
        torch._foreach_copy_(self.parameters, self._parts(x))

    @contextmanager
    def answer(self) -> Iterator[None]:
        if not self.optimizer.answer:
            yield
            return
        with torch.no_grad():
            saved_parameters = [parameter.detach().clone() for parameter in self.parameters]
            torch._foreach_copy_(self.parameters, self._parts(getattr(self.state, self.optimizer.answer)))
            try:
                yield
            finally:
                torch._foreach_copy_(self.parameters, saved_parameters)

    def _memory(self) -> Any:
        return list(self.state)

    def _remember(self, memory: Any) -> None:
        here = [tensor.to(self.x) for tensor in memory]
        self.state = type(self.state)(*here)
