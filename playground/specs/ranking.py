"""The budget of the ranking of all optimizers, and the spec of what is shown of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from playground.choices.optimizers import Optimizer, optimizers
from playground.choices.optimizers.ecosystem import LIBRARIES
from playground.choices.surfaces import surfaces
from playground.choices.surfaces.base import GROUPS
from playground.messages import Message, marked
from playground.registry import ChoiceError, knob
from playground.specs.race import MOST_RACERS, Race, Racer
from playground.specs.spec import Spec
from playground.specs.text import wrong

RATES = ("lr", "max_lr", "size")  # the knobs that say how far a step goes


class Budget(NamedTuple):
    """What every optimizer may spend on every surface.

    It runs once with each of `rates` step sizes, spaced by their logarithm from `low` to `high`, for `evaluations`
    evaluations of loss, gradient or Hessian. One without a step size to tune runs once, for all of them together.
    """

    rates: int = 6
    low: float = 1e-4
    high: float = 10.0
    evaluations: int = 100

    def values(self, kind: type[Optimizer]) -> list[float]:
        """The step sizes that a kind of optimizer allows, to four digits; empty where it has none to tune."""
        name = rate_knob(kind)
        if not name:
            return []
        ratio, knob = (self.high / self.low) ** (1 / (self.rates - 1)), kind.knobs()[name]
        return [
            rate for i in range(self.rates) if knob.low <= (rate := float(f"{self.low * ratio**i:.4g}")) <= knob.high
        ]


BUDGET = Budget()


def rate_knob(kind: type[Optimizer]) -> str:
    """The knob that is tuned; empty where there is none."""
    return next((name for name in RATES if name in kind.knobs()), "")


@dataclass(frozen=True)
class Trial:
    """An optimizer on a surface within a budget, from the surface's own start."""

    optimizer: str
    surface: str
    budget: Budget = BUDGET

    def races(self) -> list[tuple[Race, int]]:
        """The runs that the budget allows, each with the evaluations that it may take."""
        kind, knob, surface = (
            optimizers[self.optimizer],
            rate_knob(optimizers[self.optimizer]),
            surfaces[self.surface](),
        )
        candidates = [kind(**{knob: rate}) for rate in self.budget.values(kind)] if knob else [kind()]
        most = self.budget.evaluations * (1 if knob else self.budget.rates)
        return [
            (Race(surface=surface, racers=(Racer(optimizer=optimizer),), steps=most), most) for optimizer in candidates
        ]


def trials(budget: Budget = BUDGET) -> list[Trial]:
    """Every optimizer on every surface, surface after surface."""
    return [Trial(optimizer, surface, budget) for surface in surfaces for optimizer in optimizers]


ALL, OURS = "all", "our own"
MOST_LETTERS = 40
SURFACES = tuple(surfaces)


def check_search(text: str) -> None:
    """Raises `ChoiceError` for a text that is too long to be part of a name."""
    if len(text) > MOST_LETTERS:
        allowed = Message("part of a name, of at most {most} letters", most=MOST_LETTERS)
        raise ChoiceError(wrong("find", text, allowed))


@dataclass(frozen=True, kw_only=True)
class Ranking(Spec):
    """What is shown of the ranking of all optimizers.

    `surfaces`: the group of surfaces that counts, or "all"; `group` and `find`: which optimizers are shown;
    `tolerance`: the gap at which a surface counts as solved; `race`: the surface to see the best on. Raises
    `ChoiceError`.
    """

    kind: ClassVar[str] = "ranking"

    surfaces: str = knob(
        ALL, options=(ALL, *GROUPS), label="On the surfaces", help="which surfaces count for the ranks"
    )
    group: str = knob(
        ALL, options=(ALL, OURS, *(library.group for library in LIBRARIES)), label="Show optimizers",
        help="ranks are among all optimizers, whichever are shown",
    )  # fmt: skip
    find: str = knob(
        "", check_text=check_search, text=marked("part of a name"), label="Find", help="only names that contain this"
    )
    tolerance: float = knob(
        1e-3, 1e-9, 0.5, log=True, label="Tolerance",
        help="a surface counts as solved when at most this share of the loss above the lowest value remains",
    )  # fmt: skip
    race: str = knob(
        "rosenbrock", options=SURFACES, label="Race the best five on",
        help="the surface that the link below the table leads to",
    )  # fmt: skip

    def counts(self, surface: str) -> bool:
        """Whether a surface counts for the ranks."""
        return self.surfaces in (ALL, surfaces[surface].group)

    def shows(self, name: str) -> bool:
        """Whether an optimizer is shown."""
        kind = optimizers[name]
        group = kind.group if kind.alone else OURS
        return self.group in (ALL, group) and self.find.strip().lower() in f"{kind.label} {name}".lower()


def race_of(surface: str, tuned: Sequence[tuple[str, float]], steps: int) -> Race:
    """The race of some optimizers, each with the step size that goes with its name; NaN leaves it as it is."""
    racers = []
    for name, rate in tuned[:MOST_RACERS]:
        knob = rate_knob(optimizers[name])
        racers.append(Racer(optimizer=optimizers[name](**({knob: rate} if knob and rate == rate else {}))))
    return Race(surface=surfaces[surface](), racers=tuple(racers), steps=steps)
