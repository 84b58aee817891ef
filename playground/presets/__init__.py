"""Specs that tell a story in one click: a question, what to look at, and the spec that shows it."""

from playground.presets.race import PRESETS, Preset

__all__ = ["PRESETS", "Preset"]
