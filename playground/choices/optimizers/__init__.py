"""Optimizers, in the order of the menu."""

from playground.choices.optimizers import first_order  # noqa: F401  (registers its classes)
from playground.choices.optimizers.base import Minimizer, Optimizer, PlaneRule, Rule, Search, optimizers

__all__ = ["Minimizer", "Optimizer", "PlaneRule", "Rule", "Search", "optimizers"]
