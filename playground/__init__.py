"""Optimizer Playground: see how neural networks learn.

Every kind of choice is a mapping from name to class: `surfaces`, `penalties`, `gradients` and `optimizers` of a race;
`datasets`, `preprocessings`, `networks`, `activations`, `normalizations`, `initializers`, `net_optimizers`,
`regularizers` and `augmentations` of a training; `schedules` of both; `differences` and `small_nets` of a
check of gradients; `forms` of one method in several. `Race`, `Training`, `GradientCheck` and their relatives are the
specs; `run(spec)` gives the record, `watch(spec)` that of a training as it grows.
"""

from playground.choices.activations import activations
from playground.choices.augmentations import augmentations
from playground.choices.datasets import datasets
from playground.choices.differences import differences
from playground.choices.forms import forms
from playground.choices.gradients import gradients
from playground.choices.initializers import initializers
from playground.choices.networks import networks
from playground.choices.normalizations import normalizations
from playground.choices.optimizers import optimizers
from playground.choices.optimizers.networks import net_optimizers
from playground.choices.penalties import penalties
from playground.choices.preprocessings import preprocessings
from playground.choices.regularizers import regularizers
from playground.choices.schedules import schedules
from playground.choices.small_nets import small_nets
from playground.choices.surfaces import surfaces
from playground.labs import draw
from playground.record.base import Record
from playground.registry import ChoiceError
from playground.runs.local import job, run, watch
from playground.runs.settings import speak as language
from playground.specs import (
    BasinMap,
    Comparison,
    Forms,
    GradientCheck,
    GradientCost,
    Race,
    Racer,
    Ranking,
    RateSweep,
    Robustness,
    StepInspection,
    Switch,
    Training,
)

__version__ = "1.0.0"  # setuptools, CITATION.cff and CHANGELOG.md follow it

__all__ = [
    "BasinMap",
    "ChoiceError",
    "Comparison",
    "Forms",
    "GradientCheck",
    "GradientCost",
    "Race",
    "Racer",
    "Ranking",
    "RateSweep",
    "Robustness",
    "StepInspection",
    "Switch",
    "Training",
    "activations",
    "augmentations",
    "datasets",
    "differences",
    "draw",
    "forms",
    "gradients",
    "initializers",
    "job",
    "language",
    "net_optimizers",
    "networks",
    "normalizations",
    "optimizers",
    "penalties",
    "preprocessings",
    "regularizers",
    "run",
    "schedules",
    "small_nets",
    "surfaces",
    "watch",
]  # fmt: skip

Record.picture = lambda record: draw(record).decode()  # for notebooks
