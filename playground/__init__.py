"""Optimizer Playground: see how neural networks learn.

`surfaces`, `optimizers`, `schedules`, `penalties` and `gradients` are mappings from name to class; `Race` is the
spec of a race and `run(spec)` gives its record.
"""

from playground.choices.gradients import gradients
from playground.choices.optimizers import optimizers
from playground.choices.penalties import penalties
from playground.choices.schedules import schedules
from playground.choices.surfaces import surfaces
from playground.engine import run
from playground.registry import ChoiceError
from playground.spec import Race, Racer

__all__ = ["ChoiceError", "Race", "Racer", "gradients", "optimizers", "penalties", "run", "schedules", "surfaces"]
