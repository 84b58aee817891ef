"""Specs that tell a story in one click: a question, what to look at, and the spec that shows it."""

from playground.presets.basins import BASINS
from playground.presets.forms import FORMS
from playground.presets.gradient_check import CHECKS
from playground.presets.many_runs import CROWDS, SWEEPS
from playground.presets.race import PRESETS, Preset
from playground.presets.ranking import RANKINGS
from playground.presets.training import TRAININGS, TrainingPreset

CARDS: tuple[Preset | TrainingPreset, ...] = (
    *PRESETS,
    *(shelf[0] for shelf in (BASINS, SWEEPS, CROWDS, CHECKS, FORMS, RANKINGS)),
    *(training for training in TRAININGS if training.stored),
)  # those with a picture on Home

__all__ = [
    "BASINS", "CARDS", "CHECKS", "CROWDS", "FORMS", "PRESETS", "RANKINGS", "SWEEPS", "TRAININGS", "Preset",
    "TrainingPreset",
]  # fmt: skip
