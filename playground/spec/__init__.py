"""Frozen, complete descriptions of a computation, and the text of the links that hold one."""

from playground.spec.basins import BasinMap
from playground.spec.forms import Forms
from playground.spec.gradient_check import GradientCheck, GradientCost
from playground.spec.race import MOST_RACERS, MOST_STARTS, PLAIN, Race, Racer
from playground.spec.ranking import Ranking
from playground.spec.step import Inside, Step
from playground.spec.studies import RateSweep, Robustness
from playground.spec.text import MOST_QUERY, VERSION, read_choice, write_choice
from playground.spec.training import CHANGEABLE, MOST_RUNS, PARTS, Comparison, Switch, Training

__all__ = [
    "CHANGEABLE", "MOST_QUERY", "MOST_RACERS", "MOST_RUNS", "MOST_STARTS", "PARTS", "PLAIN", "VERSION", "BasinMap",
    "Comparison", "Forms", "GradientCheck", "GradientCost", "Inside", "Race", "Racer", "Ranking", "RateSweep",
    "Robustness", "Step", "Switch", "Training", "read_choice", "write_choice",
]  # fmt: skip
