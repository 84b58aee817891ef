"""The budget of the ranking of all optimizers, and the spec of what is shown of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from playground.choices.optimizers import Optimizer, optimizers
from playground.choices.surfaces import surfaces
from playground.spec.race import Race, Racer

RATES = ("lr", "max_lr", "size")  # the knobs that say how far a step goes


class Budget(NamedTuple):
    """What every optimizer may spend on every surface.

    It runs once with each of `rates` step sizes, spaced by their logarithm from `low` to `high`, for `evaluations`
    evaluations of loss, gradient or Hessian. One without a step size to tune runs once, for all of them together.
    """

    rates: int = 10
    low: float = 1e-4
    high: float = 10.0
    evaluations: int = 100

    def values(self, kind: type[Optimizer]) -> list[float]:
        """The step sizes of a kind of optimizer, as far as it allows them, to four digits; empty where it has none."""
        name = rate_knob(kind)
        if not name:
            return []
        low, high = max(self.low, kind.knobs()[name].low), min(self.high, kind.knobs()[name].high)
        return [float(f"{low * (high / low) ** (i / (self.rates - 1)):.4g}") for i in range(self.rates)]


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
        tried = [kind(**{knob: rate}) for rate in self.budget.values(kind)] if knob else [kind()]
        most = self.budget.evaluations * (1 if knob else self.budget.rates)
        return [(Race(surface=surface, racers=(Racer(optimizer=one),), steps=most), most) for one in tried]


def trials(budget: Budget = BUDGET) -> list[Trial]:
    """Every optimizer on every surface, surface after surface."""
    return [Trial(optimizer, surface, budget) for surface in surfaces for optimizer in optimizers]
