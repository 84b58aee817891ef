"""Frozen, complete descriptions of a computation, and the text of the links that hold one."""

from playground.spec.basins import BasinMap
from playground.spec.fields import Field, Spec
from playground.spec.forms import Forms
from playground.spec.gradient_check import GradientCheck, GradientCost
from playground.spec.race import MOST_RACERS, MOST_STARTS, Question, Race, Racer
from playground.spec.ranking import Ranking
from playground.spec.step import Inside, Step
from playground.spec.studies import RateSweep, Robustness
from playground.spec.text import MOST_QUERY, VERSION, read_choice, write_choice
from playground.spec.training import MOST_RUNS, Comparison, Switch, Training

__all__ = [
    "MOST_QUERY", "MOST_RACERS", "MOST_RUNS", "MOST_STARTS", "VERSION", "BasinMap", "Comparison", "Field", "Forms",
    "GradientCheck", "GradientCost", "Inside", "Question", "Race", "Racer", "Ranking", "RateSweep", "Robustness",
    "Spec", "Step", "Switch", "Training", "read_choice", "write_choice",
]  # fmt: skip
