"""The nets whose speed is measured, as the app has them; the first two are compared with other libraries."""

from __future__ import annotations

from typing import Any

from playground.presets.training import training
from playground.specs.training import Training

CHOSEN: dict[str, dict[str, Any]] = {
    "convnetjs": {"network": "convnetjs", "normalization": "none"},
    "four": {"network": ("vgg", {"width": 32, "blocks": 2, "convs": 2, "head": "flatten"}), "normalization": "batch"},
    "vgg": {"network": "vgg"},
    "resnet": {"network": "resnet"},
    "airbench": {"network": "airbench", "activation": "gelu"},
}


def spec_of(net: str, precision: str = "float32") -> Training:
    """Batches of 128, plain SGD with momentum, no augmentation: as the loops beside it."""
    return training(
        images=60_000,
        validation=0.02,
        epochs=1000,
        batch=128,
        optimizer=("momentum", {"lr": 0.01}),
        schedule="constant",
        precision=precision,
        **CHOSEN[net],
    )
