"""Frozen, complete descriptions of a computation, and the text of the links that hold one."""

from playground.specs.basins import BasinMap
from playground.specs.fields import Field
from playground.specs.forms import Forms
from playground.specs.gradient_check import GradientCheck, GradientCost
from playground.specs.many_runs import RateSweep, Robustness
from playground.specs.race import MOST_RACERS, MOST_STARTS, Question, Race, Racer
from playground.specs.ranking import Ranking
from playground.specs.spec import Spec
from playground.specs.step_inspector import InspectedStep, StepInspection
from playground.specs.text import MOST_QUERY, VERSION, read_choice, write_choice
from playground.specs.training import MOST_RUNS, Comparison, Switch, Training

__all__ = [
    "MOST_QUERY", "MOST_RACERS", "MOST_RUNS", "MOST_STARTS", "VERSION", "BasinMap", "Comparison", "Field", "Forms",
    "GradientCheck", "GradientCost", "InspectedStep", "Question", "Race", "Racer", "Ranking", "RateSweep", "Robustness",
    "Spec", "StepInspection", "Switch", "Training", "read_choice", "write_choice",
]  # fmt: skip
