"""Optimizers. The order of the imports is the order of the menu."""

# ruff: noqa: I001
from playground.choices.optimizers import search, first_order, adaptive, curvature, libraries  # noqa: F401  (register)
from playground.choices.optimizers.base import Minimizer, Optimizer, PlaneRule, Rule, Search, Stop, optimizers

__all__ = ["Minimizer", "Optimizer", "PlaneRule", "Rule", "Search", "Stop", "optimizers"]
