"""Plain data for checkpoints, and the random numbers of libraries kept apart."""

from __future__ import annotations

import importlib
from collections import deque
from enum import Enum
from typing import Any

import torch
from torch import Tensor

LIBRARY = "pytorch_optimizer."


def as_plain(value: Any) -> Any:
    """`value` of tensors, numbers, words, lists, tuples and dictionaries only; `from_plain` gives it back.

    Queues and the library's own small objects are taken apart. Raises `TypeError` for anything else.
    """
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, (Tensor, torch.dtype, bool, int, float, str)):
        return value
    if isinstance(value, dict):
        return {key: as_plain(item) for key, item in value.items()}
    if isinstance(value, deque):
        return {"is": "deque", "of": [as_plain(item) for item in value], "maxlen": value.maxlen}
    if isinstance(value, (list, tuple)):
        return type(value)(as_plain(item) for item in value)
    if type(value).__module__.startswith(LIBRARY):
        name = f"{type(value).__module__}:{type(value).__qualname__}"
        return {"is": name, "of": {key: as_plain(item) for key, item in vars(value).items()}}
    raise TypeError(f"a {type(value).__name__} is no plain data")


def from_plain(value: Any) -> Any:
    """What `as_plain` took apart."""
    if isinstance(value, dict) and "is" in value:
        return _rebuilt(value)
    if isinstance(value, dict):
        return {key: from_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(from_plain(item) for item in value)
    return value


def _rebuilt(value: dict[str, Any]) -> Any:
    content = from_plain(value["of"])
    if value["is"] == "deque":
        return deque(content, maxlen=value["maxlen"])
    module, _, name = value["is"].partition(":")
    if not module.startswith(LIBRARY):
        raise TypeError(f"{module} is not part of {LIBRARY}")
    kind = getattr(importlib.import_module(module), name)
    instance = kind.__new__(kind)
    vars(instance).update(content)
    return instance


class Draws:
    """The streams of random numbers that a library draws from, kept apart from everybody else's.

    Libraries draw from the global generators. Within this they find the states they left last time, and afterwards
    the generators are as before.
    """

    def __init__(self, seed: int, device: torch.device) -> None:
        import random

        from numpy.random import RandomState

        self.device = device
        self.inside: list[Any] = [
            torch.Generator().manual_seed(seed).get_state(),
            random.Random(seed).getstate(),
            RandomState(seed % 2**32).get_state(),
        ]
        if device.type == "cuda":
            self.inside.append(torch.Generator(device).manual_seed(seed).get_state())

    def _swap(self) -> None:
        import random

        from numpy.random import get_state, set_state

        outside = [torch.get_rng_state(), random.getstate(), get_state()]
        torch.set_rng_state(self.inside[0])
        random.setstate(self.inside[1])
        set_state(self.inside[2])
        if self.device.type == "cuda":
            outside.append(torch.cuda.get_rng_state(self.device))
            torch.cuda.set_rng_state(self.inside[3], self.device)
        self.inside = outside

    def __enter__(self) -> None:
        self._swap()

    def __exit__(self, *_: object) -> None:
        self._swap()

    def state(self) -> list[Any]:
        """What `load` takes, as plain data."""
        kind, keys, *rest = self.inside[2]
        return [self.inside[0], self.inside[1], (kind, keys.tolist(), *rest), *self.inside[3:]]

    def load(self, state: list[Any]) -> None:
        """Go on from a state."""
        from numpy import array, uint32

        kind, keys, *rest = state[2]
        self.inside = [*state[:2], (kind, array(keys, uint32), *rest), *state[3:]]
