"""Computes records from specs."""

from collections.abc import Callable
from importlib import import_module
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
from playground.engine.training import compare
from playground.jobs import finish
from playground.specs import (
    BasinMap,
    Comparison,
    Forms,
    GradientCheck,
    GradientCost,
    Race,
    Ranking,
    RateSweep,
    Robustness,
    Spec,
    StepInspection,
    Training,
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
RESUMABLE: dict[type[Spec], str] = {Training: "playground.engine.training"}
"""Specs whose computation can be stopped and resumed, each with the module that does it, as `playground.runs` asks."""

TOGETHER: dict[type[Spec], Callable[[Any, Any], Any]] = {Comparison: compare}
"""Specs that consist of `runs` of these, each with what makes one record of theirs."""


def run(spec: Spec) -> Any:
    """The record of a spec. The same spec gives the same bytes on the same machine, but for times."""
    return finish(ENGINES[type(spec)](spec))


def resumable(spec: Spec, module: str = "") -> Any:
    """The module that does a spec's resumable work; `module` names another one."""
    return import_module(module or RESUMABLE[type(spec)])
