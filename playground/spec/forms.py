"""The spec of a comparison of forms and its link.

The query reads

    v=1&form=momentum_forms,lr:0.001,rho:0.9&surface=rosenbrock,a:1,b:100&schedule=constant,warmup:0&x=-1.5&y=2&...
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from playground.choices.forms import Form, forms
from playground.choices.schedules import Constant, Schedule, schedules
from playground.choices.surfaces import Surface, surfaces
from playground.registry import Knob, Registry
from playground.spec.fields import OnSurface
from playground.spec.race import COORDINATE, NOISE, SEED, STEPS, Race, Racer

PLAIN = {"x": COORDINATE, "y": COORDINATE, "steps": STEPS, "noise": NOISE, "seed": SEED}


@dataclass(frozen=True, kw_only=True)
class Forms(OnSurface):
    """The variants of one method, run from the same point with the same schedule and the same noise.

    `x`, `y`: the start, by default where races on the surface start. Raises `ChoiceError`.
    """

    kind: ClassVar[str] = "forms"
    choices: ClassVar[Mapping[str, Registry]] = {"form": forms, "surface": surfaces, "schedule": schedules}
    plain: ClassVar[Mapping[str, Knob]] = PLAIN

    form: Form = field(default_factory=lambda: forms["momentum_forms"]())
    surface: Surface = field(default_factory=lambda: surfaces["rosenbrock"]())
    schedule: Schedule = field(default_factory=Constant)
    x: float | None = None
    y: float | None = None
    steps: int = STEPS.default
    noise: float = NOISE.default
    seed: int = SEED.default

    def race(self) -> Race:
        """The variants as racers; some are in no registry, so that this race has no link of its own."""
        racers = [Racer(optimizer=one.rule, schedule=self.schedule) for one in self.form.variants()]
        return Race(
            surface=self.surface, racers=tuple(racers), starts=((self.x, self.y),), steps=self.steps,
            noise=self.noise, seed=self.seed,
        )  # fmt: skip

    def constant_rate(self) -> bool:
        """Whether the learning rate stays the same throughout."""
        return len({self.schedule(t, self.steps) for t in range(self.steps)}) == 1
