"""The spec of a basin map: where every start of the window ends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self

from playground.registry import Knob
from playground.spec.race import PLAIN, Race

QUICK = 64 * 64 * 500  # starts times steps of a map that is there at once

SIDE = Knob(default=256, low=16, high=512, label="Starts a side", help="the map has this number of starts squared")
RADIUS = Knob(
    default=0.02, low=1e-4, high=0.25, log=True, label="Radius",
    help="a minimum is reached by who ends within this distance of it, in widths of the window",
)  # fmt: skip
PRECISION = Knob(
    default="double", options=("double", "single"), label="Precision",
    help="double gives every start the digits of its race; single is several times faster and differs at borders",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class BasinMap(Race):
    """Up to four racers from `side` x `side` starts over the window: which minimum each reaches, and how fast.

    `radius`: distance within which a minimum counts as reached, in widths (and heights) of the window;
    `precision`: digits of the map. The first of `starts` is the one whose race is played beside the map; the map does
    not depend on it. Raises `ChoiceError`.
    """

    kind: ClassVar[str] = "basins"
    plain: ClassVar[dict[str, Knob]] = PLAIN | {"side": SIDE, "radius": RADIUS, "precision": PRECISION}
    most_racers: ClassVar[int] = 4
    crowded: ClassVar[bool] = True

    side: int = SIDE.default
    radius: float = RADIUS.default
    precision: str = PRECISION.default

    def coarse(self) -> Self:
        """A map of fewer starts, there within a fraction of a second, to be shown until this one is."""
        return replace(self, side=max(SIDE.low, min(self.side // 4, int((QUICK / self.steps) ** 0.5))))
