"""Trainings that tell a story in one click, each on images that need no download unless it says so.

With the generated images every one of them shows its point within half a minute on two cores.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from playground.choices.activations import activations
from playground.choices.augmentations import augmentations
from playground.choices.datasets import datasets
from playground.choices.initializers import initializers
from playground.choices.networks import networks
from playground.choices.normalizations import normalizations
from playground.choices.optimizers.networks import trainers
from playground.choices.preprocessings import preprocessings
from playground.choices.regularizers import regularizers
from playground.choices.schedules import schedules
from playground.registry import Choice, Registry
from playground.spec.training import Comparison, Training


@dataclass(frozen=True, kw_only=True)
class TrainingPreset:
    """A story: its name in file names and on the command line, the question it answers, and where to look."""

    name: str
    question: str
    look: str
    make: Callable[[], Comparison]

    @cache  # noqa: B019  (as many as there are presets)
    def comparison(self) -> Comparison:
        """The spec."""
        return self.make()


SINGLE: dict[str, Registry] = {
    "data": datasets, "preprocessing": preprocessings, "network": networks, "activation": activations,
    "normalization": normalizations, "initializer": initializers, "optimizer": trainers, "schedule": schedules,
}  # fmt: skip
SEVERAL: dict[str, Registry] = {"regularizers": regularizers, "augmentations": augmentations}

Named = str | tuple[str, dict[str, Any]]


def training(base: Training | None = None, **fields: Any) -> Training:
    """A training with some fields given by name: `network="mlp"` or `network=("mlp", {"hidden": 2})`."""
    made: dict[str, Any] = {}
    for field, value in fields.items():
        if field in SINGLE:
            made[field] = _choice(SINGLE[field], value)
        elif field in SEVERAL:
            made[field] = tuple(_choice(SEVERAL[field], one) for one in value)
        else:
            made[field] = value
    return replace(base or Training(), **made)


def _choice(registry: Registry, named: Named) -> Choice:
    name, knobs = (named, {}) if isinstance(named, str) else named
    return registry[name](**knobs)


def _each(base: Training, field: str, *values: Any) -> Comparison:
    """The same training with one field varied."""
    return Comparison(runs=tuple(training(base, **{field: value}) for value in values))
