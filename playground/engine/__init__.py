"""Computes records from specs."""

from collections.abc import Callable
from typing import Any

from playground.engine.basins import basin_map
from playground.engine.forms import forms
from playground.engine.gradient_check import gradient_check
from playground.engine.gradient_cost import gradient_cost
from playground.engine.race import race
from playground.engine.ranking import ranking
from playground.engine.robustness import robustness
from playground.engine.step_inspector import inspect_step
from playground.engine.sweep import sweep
from playground.jobs import finish
from playground.specs import (
    BasinMap,
    Forms,
    GradientCheck,
    GradientCost,
    Race,
    Ranking,
    RateSweep,
    Robustness,
    Spec,
    StepInspection,
)

ENGINES: dict[type[Spec], Callable[[Any], Any]] = {
    BasinMap: basin_map,
    Forms: forms,
    GradientCheck: gradient_check,
    GradientCost: gradient_cost,
    Race: race,
    RateSweep: sweep,
    Ranking: ranking,
    Robustness: robustness,
    StepInspection: inspect_step,
}


def run(spec: Spec) -> Any:
    """The record of a spec. The same spec gives the same bytes on the same machine, but for times."""
    return finish(ENGINES[type(spec)](spec))
