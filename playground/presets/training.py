"""Trainings that tell a story in one click, each on images that need no download unless it says so.

With the generated images the curves of each run part within half a minute on two cores; those of several runs, and of
the small VGG, take longer to their ends.
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
from playground.choices.optimizers.networks import net_optimizers
from playground.choices.preprocessings import preprocessings
from playground.choices.regularizers import regularizers
from playground.choices.schedules import schedules
from playground.registry import Registry
from playground.specs.training import Comparison, Training


@dataclass(frozen=True, kw_only=True)
class TrainingPreset:
    """A story: its name in file names and on the command line, the question it answers, and where to look.

    `stored`: whether its runs come with the app, to be looked at before anybody has pressed Start.
    """

    name: str
    question: str
    look: str
    make: Callable[[], Comparison]
    stored: bool = False

    @cache  # noqa: B019  (as many as there are presets)
    def comparison(self) -> Comparison:
        """The spec."""
        return self.make()


SINGLE: dict[str, Registry[Any]] = {
    "data": datasets,
    "preprocessing": preprocessings,
    "network": networks,
    "activation": activations,
    "normalization": normalizations,
    "initializer": initializers,
    "optimizer": net_optimizers,
    "schedule": schedules,
}
SEVERAL: dict[str, Registry[Any]] = {"regularizers": regularizers, "augmentations": augmentations}

Named = str | tuple[str, dict[str, Any]]


def training(base: Training | None = None, **fields: Any) -> Training:
    """A training with some fields given by name: `network="mlp"` or `network=("mlp", {"hidden": 2})`."""
    choices: dict[str, Any] = {}
    for field, value in fields.items():
        if field in SINGLE:
            choices[field] = _choice(SINGLE[field], value)
        elif field in SEVERAL:
            choices[field] = tuple(_choice(SEVERAL[field], item) for item in value)
        else:
            choices[field] = value
    return replace(base or Training(), **choices)


def _choice(registry: Registry[Any], choice: Named) -> Any:
    name, knobs = (choice, {}) if isinstance(choice, str) else choice
    return registry[name](**knobs)


def _each(base: Training, field: str, *values: Any) -> Comparison:
    """The same training with one field varied."""
    return Comparison(runs=tuple(training(base, **{field: value}) for value in values))


def _first() -> Comparison:
    return Comparison(runs=(training(epochs=6, augmentations=["flip"]),))


def _zero() -> Comparison:
    base = training(network="convnetjs", normalization="none", optimizer=("momentum", {"lr": 0.02}), epochs=6)
    return _each(base, "initializer", "zero", "small_normal", "he_normal")


def _vanishing() -> Comparison:
    base = training(
        network=("mlp", {"hidden": 6, "width": 128}),
        normalization="none",
        optimizer=("momentum", {"lr": 0.02}),
        epochs=8,
    )
    return Comparison(
        runs=(
            training(base, activation="sigmoid", initializer="small_normal"),
            training(base, activation="tanh", initializer="xavier_normal"),
            training(base, activation="relu", initializer="he_normal"),
        )
    )


def _batch_norm() -> Comparison:
    base = training(
        network=("mlp", {"hidden": 5, "width": 128}),
        initializer="small_normal",
        optimizer=("sgd", {"lr": 0.1}),
        epochs=8,
    )
    return _each(base, "normalization", "none", "batch")


def _rates() -> Comparison:
    base = training(
        network="convnetjs", normalization="none", schedule="constant", epochs=6, optimizer=("momentum", {"lr": 0.01})
    )
    return Comparison(runs=tuple(training(base, optimizer=("momentum", {"lr": lr})) for lr in (0.0001, 0.01, 1.0)))


def _optimizers() -> Comparison:
    base = training(network="convnetjs", normalization="none", schedule="constant", epochs=8)
    optimizers = (("sgd", 0.01), ("momentum", 0.01), ("rmsprop", 0.001), ("adam", 0.001))
    return Comparison(runs=tuple(training(base, optimizer=(name, {"lr": lr})) for name, lr in optimizers))


def _overfitting() -> Comparison:
    base = training(
        network=("mlp", {"hidden": 2, "width": 256}),
        normalization="none",
        images=1500,
        optimizer=("adam", {"lr": 0.001}),
        schedule="constant",
        epochs=30,
    )
    return Comparison(
        runs=(
            base,
            training(base, regularizers=[("dropout", {"p": 0.5}), ("l2", {"strength": 0.001})]),
            training(base, augmentations=["flip", "translation", "cutout"]),
        )
    )


def _schedules() -> Comparison:
    return _each(_noisy(0.02, 8), "schedule", "constant", "cosine", "one_cycle")


def _noisy(lr: float, epochs: int) -> Training:
    """Small batches at a constant rate, whose noise keeps the weights from settling."""
    return training(
        network="convnetjs",
        normalization="none",
        batch=32,
        optimizer=("momentum", {"lr": lr}),
        schedule="constant",
        epochs=epochs,
    )


def _mixing() -> Comparison:
    base = training(
        network="convnetjs", normalization="none", images=2000, optimizer=("nesterov", {"lr": 0.02}), epochs=20
    )
    return Comparison(
        runs=(base, training(base, augmentations=["flip", "crop"]), training(base, augmentations=["flip", "cutmix"]))
    )


def _averaging() -> Comparison:
    return Comparison(runs=(training(_noisy(0.01, 6), regularizers=[("ema", {"decay": 0.995})]),))


def _seventy() -> Comparison:
    run = training(
        data="cifar10",
        images=60_000,
        validation=0.1,
        epochs=18,
        augmentations=["flip", "crop"],
        regularizers=[("l2", {"strength": 5e-4})],
        precision="bfloat16",
        optimizer=("nesterov", {"lr": 0.1}),
    )
    return Comparison(runs=(run,))


def _ninety() -> Comparison:
    run = training(
        data="cifar10",
        images=60_000,
        validation=0.1,
        network="airbench",
        activation="gelu",
        batch=1024,
        epochs=10,
        augmentations=["flip", ("translation", {"amount": 0.0625})],
        regularizers=[("label_smoothing", {"epsilon": 0.2}), ("ema", {})],
        optimizer=("nesterov", {"lr": 0.5, "rho": 0.85}),
        precision="bfloat16",
    )
    return Comparison(runs=(run,))


TRAININGS = (
    TrainingPreset(
        name="first-net",
        question="How does a net learn?",
        look="Both losses fall together at first. Drag the slider through the steps: the scores spread as the net gets "
        "surer, and the update-to-weight ratios follow the learning rate, most of the way within their band.",
        make=_first,
        stored=True,
    ),
    TrainingPreset(
        name="zero-init",
        question="Why not start at zero?",
        look="With zero weights no hidden layer ever gets a gradient, and the loss stays at ln 10. Weights of 0.01 are "
        "hardly better here: what reaches the last layer is too faint. He's begin to learn at once.",
        make=_zero,
        stored=True,
    ),
    TrainingPreset(
        name="vanishing",
        question="Where do gradients vanish?",
        look="Six hidden layers. With sigmoids and small weights the gradient shrinks from layer to layer until "
        "nothing reaches the first; tanh with Xavier's and ReLU with He's weights keep it alive.",
        make=_vanishing,
        stored=True,
    ),
    TrainingPreset(
        name="batch-norm",
        question="What does batch norm buy?",
        look="The same poor initial weights twice. Without normalization activations shrink layer by layer; with it "
        "every layer has spread again, and the net learns.",
        make=_batch_norm,
    ),
    TrainingPreset(
        name="learning-rate",
        question="Which learning rate?",
        look="Too low creeps; too high diverges or never gets below an even guess; the right one is "
        "in between. Compare the update-to-weight ratios with the band around 1e-3.",
        make=_rates,
    ),
    TrainingPreset(
        name="optimizers",
        question="SGD, momentum, RMSProp or Adam?",
        look="The same weights, the same batches, only the optimizer differs. Momentum and the adaptive methods leave "
        "plain SGD behind.",
        make=_optimizers,
    ),
    TrainingPreset(
        name="overfitting",
        question="What helps against overfitting?",
        look="Few images and many weights: training loss goes to zero while validation loss turns and rises. Dropout "
        "with L2, and augmentation, each close some of the gap.",
        make=_overfitting,
    ),
    TrainingPreset(
        name="schedules",
        question="What does a schedule buy?",
        look="Small batches are noisy: a constant rate jitters around a good place; rates that fall to zero settle in "
        "it, which shows in the last epochs.",
        make=_schedules,
    ),
    TrainingPreset(
        name="mixed-images",
        question="What do mixed images teach?",
        look="Few images: without augmentation the net memorises them, and validation loss turns. Flips with "
        "crops or with CutMix close the gap. CutMix's training accuracy looks poor, because its images are mixtures: "
        "validation is what counts.",
        make=_mixing,
    ),
    TrainingPreset(
        name="averaging",
        question="What does averaging the weights buy?",
        look="Small batches at a constant rate. The curve of the averaged weights is smooth and lies below that of the "
        "weights themselves, without any schedule.",
        make=_averaging,
    ),
    TrainingPreset(
        name="cifar-10",
        question="How good in two minutes on two cores?",
        look="Photographs now: fetched once, 170 MB. The small VGG with flips and crops; look at the worst mistakes, "
        "which you might have made too.",
        make=_seventy,
    ),
    TrainingPreset(
        name="airbench",
        question="How fast is a GPU?",
        look="The airbench-shaped net on all of CIFAR-10: seconds on a GPU, not for two cores.",
        make=_ninety,
    ),
)
