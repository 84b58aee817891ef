"""Questions asked of racers in many runs: which learning rate, and how robust they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import ClassVar, Self

import numpy as np

from playground.registry import knob
from playground.specs.fields import Field, part
from playground.specs.race import Question, Race, many_paths


@dataclass(frozen=True, kw_only=True)
class ManyRuns(Question):
    """Base of the two: thousands of runs of each racer."""

    race: Race = part(Race, racers={"admit": many_paths}, levels={"idle": True})

    @classmethod
    @cache
    def fields(cls) -> dict[str, Field]:
        """Its own fields stand before the race's, as its links have them."""
        own = dict(super().fields())
        race = own.pop("race")
        return {**own, "race": race}


@dataclass(frozen=True, kw_only=True)
class RateSweep(ManyRuns):
    """The race of every racer with many learning rates instead of its own.

    `count` rates between `low` and `high` (which of the two is the larger does not matter).
    """

    kind: ClassVar[str] = "sweep"

    low: float = knob(1e-5, 1e-6, 10.0, log=True, label="Lowest rate", help="one end of the learning rates")
    high: float = knob(10.0, 1e-6, 10.0, log=True, label="Highest rate", help="the other end")
    count: int = knob(200, 2, 400, label="Rates", help="how many learning rates every racer tries")

    def rates(self) -> np.ndarray:
        """The learning rates in rising order, shape (N,): evenly spaced by their logarithm, to three digits.

        More digits where those would make two of them equal; a single rate where `low` is `high`.
        """
        low, high = sorted((self.low, self.high))
        even = np.geomspace(low, high, self.count if low < high else 1)
        for digits in (3, 6, 17):
            rates = np.array([float(f"{rate:.{digits}g}") for rate in even])
            if len(np.unique(rates)) == self.count:
                break
        return np.unique(rates)

    def with_rates(self, rates: Sequence[float]) -> Self:
        """The same question with other learning rates of the racers; NaN leaves one as it is."""
        racers = [
            replace(racer, optimizer=replace(racer.optimizer, **{"lr": float(rate)})) if rate == rate else racer
            for racer, rate in zip(self.race.racers, rates)
        ]
        return self.with_race(racers=tuple(racers))


@dataclass(frozen=True, kw_only=True)
class Robustness(ManyRuns):
    """The race repeated from `crowd` starts, and from each with `draws` draws of the noise.

    Start k is s + `spread` (u - s), where s is the race's first start and u is drawn evenly over the window; draw d
    has the noise of a race with the seed `seed` + d.
    """

    kind: ClassVar[str] = "robustness"

    crowd: int = knob(256, 1, 256, label="Starts", help="how many starts are drawn")
    draws: int = knob(32, 1, 32, label="Noise seeds", help="how many draws of the noise, from each start")
    spread: float = knob(
        1.0, 0.0, 1.0, label="Spread",
        help="how far from the race's start they lie: 1 is anywhere in the window, 0 all at that start",
    )  # fmt: skip

    def seeds(self) -> tuple[int, ...]:
        """The seeds of the draws, (D,)."""
        most = int(Race.knobs()["seed"].high)
        return tuple((self.race.seed + draw) % (most + 1) for draw in range(self.draws))
