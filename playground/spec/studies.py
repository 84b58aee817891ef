"""Questions asked of racers in many runs: which learning rate, and how robust they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from playground.registry import Knob
from playground.spec.race import PLAIN, SEED, Race

LOW = Knob(default=1e-5, low=1e-6, high=10.0, log=True, label="Lowest rate", help="one end of the learning rates")
HIGH = Knob(default=10.0, low=1e-6, high=10.0, log=True, label="Highest rate", help="the other end")
COUNT = Knob(default=200, low=2, high=400, label="Rates", help="how many learning rates every racer tries")
CROWD = Knob(default=256, low=1, high=256, label="Starts", help="how many starts are drawn")
DRAWS = Knob(default=32, low=1, high=32, label="Noise seeds", help="how many draws of the noise, from each start")
SPREAD = Knob(
    default=1.0, low=0.0, high=1.0, label="Spread",
    help="how far from the race's start they lie: 1 is anywhere in the window, 0 all at that start",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class RateSweep(Race):
    """The race of every racer with many learning rates instead of its own.

    `count` rates between `low` and `high` (which of the two is the larger does not matter).
    """

    kind: ClassVar[str] = "sweep"
    plain: ClassVar[dict[str, Knob]] = {"low": LOW, "high": HIGH, "count": COUNT} | PLAIN
    kept: ClassVar[tuple[str, ...]] = ("levels",)
    crowded: ClassVar[bool] = True

    low: float = LOW.default
    high: float = HIGH.default
    count: int = COUNT.default

    def rates(self) -> np.ndarray:
        """The learning rates in rising order, shape (N,): evenly spaced by their logarithm, to three digits.

        More digits where those would make two of them equal; a single rate where `low` is `high`.
        """
        ends = sorted((self.low, self.high))
        even = np.geomspace(*ends, self.count if ends[0] < ends[1] else 1)
        for digits in (3, 6, 17):
            rates = np.array([float(f"{rate:.{digits}g}") for rate in even])
            if len(np.unique(rates)) == self.count:
                break
        return np.unique(rates)

    def with_rates(self, rates: Sequence[float]) -> Self:
        """The same question with other learning rates of the racers; NaN leaves one as it is."""
        racers = [
            replace(one, optimizer=replace(one.optimizer, lr=float(rate))) if rate == rate else one
            for one, rate in zip(self.racers, rates)
        ]
        return replace(self, racers=tuple(racers))


@dataclass(frozen=True, kw_only=True)
class Robustness(Race):
    """The race repeated from `crowd` starts, and from each with `draws` draws of the noise.

    Start k is s + `spread` (u - s), where s is the race's first start and u is drawn evenly over the window; draw d
    has the noise of a race with the seed `seed` + d.
    """

    kind: ClassVar[str] = "robustness"
    plain: ClassVar[dict[str, Knob]] = {"crowd": CROWD, "draws": DRAWS, "spread": SPREAD} | PLAIN
    kept: ClassVar[tuple[str, ...]] = ("levels",)
    crowded: ClassVar[bool] = True

    crowd: int = CROWD.default
    draws: int = DRAWS.default
    spread: float = SPREAD.default

    def seeds(self) -> tuple[int, ...]:
        """The seeds of the draws, (D,)."""
        return tuple((self.seed + place) % (int(SEED.high) + 1) for place in range(self.draws))
