"""Specs that tell a story in one click: a question, what to look at, and the spec that shows it."""

from playground.presets.basins import BASINS
from playground.presets.forms import FORMS
from playground.presets.gradient_check import CHECKS
from playground.presets.race import PRESETS, Preset
from playground.presets.studies import CROWDS, SWEEPS
from playground.presets.training import TRAININGS, TrainingPreset

__all__ = ["BASINS", "CHECKS", "CROWDS", "FORMS", "PRESETS", "SWEEPS", "TRAININGS", "Preset", "TrainingPreset"]
