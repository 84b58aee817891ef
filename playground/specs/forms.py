"""The spec of a comparison of forms and its link.

The query reads

    v=1&form=momentum_forms,lr:0.001,rho:0.9&surface=rosenbrock,a:1,b:100&schedule=constant,warmup:0&x=-1.5&y=2&...
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from playground.choices.forms import Form, forms
from playground.choices.schedules import Schedule, schedules
from playground.choices.surfaces import Surface, surfaces
from playground.messages import marked
from playground.specs.fields import choice, coordinate, same
from playground.specs.race import COORDINATE, Race, Racer
from playground.specs.spec import Spec


@dataclass(frozen=True, kw_only=True)
class Forms(Spec):
    """The variants of one method, run from the same point with the same schedule and the same noise.

    `x`, `y`: the start, by default where races on the surface start. Raises `ChoiceError`.
    """

    kind: ClassVar[str] = "forms"

    form: Form = choice(forms, "momentum_forms", label="Compare")
    surface: Surface = choice(surfaces, "rosenbrock")
    schedule: Schedule = choice(schedules, "constant")
    x: float = coordinate(COORDINATE, 0, marked("Start"))
    y: float = coordinate(COORDINATE, 1, marked("Start"))
    steps: int = same(Race, "steps")
    noise: float = same(Race, "noise")
    seed: int = same(Race, "seed")

    @property
    def race(self) -> Race:
        """The variants as racers; some are in no registry, so that this race has no link of its own."""
        racers = [Racer(optimizer=variant.rule, schedule=self.schedule) for variant in self.form.variants()]
        return Race(
            surface=self.surface,
            racers=tuple(racers),
            starts=((self.x, self.y),),
            steps=self.steps,
            noise=self.noise,
            seed=self.seed,
        )

    def labels(self) -> tuple[str, ...]:
        """A short name for each variant."""
        return tuple(variant.label for variant in self.form.variants())

    def constant_rate(self) -> bool:
        """Whether the learning rate stays the same throughout."""
        return len({self.schedule(t, self.steps) for t in range(self.steps)}) == 1
