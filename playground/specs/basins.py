"""The spec of a basin map: where every start of the window ends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self

from playground.registry import knob
from playground.specs.fields import part
from playground.specs.race import Question, Race, many_paths

QUICK = 64 * 64 * 500  # starts times steps of a map that is there at once


@dataclass(frozen=True, kw_only=True)
class BasinMap(Question):
    """Up to four racers from `side` x `side` starts over the window: which minimum each reaches, and how fast.

    `radius`: distance within which a minimum counts as reached, in widths (and heights) of the window;
    `precision`: digits of the map. The first start of the `race` is the one that is played beside the map; the map does
    not depend on it. Raises `ChoiceError`.
    """

    kind: ClassVar[str] = "basins"

    race: Race = part(Race, racers={"most": 4, "admit": many_paths})
    side: int = knob(256, 16, 512, label="Starts a side", help="the map has this number of starts squared")
    radius: float = knob(
        0.02, 1e-4, 0.25, log=True, label="Radius",
        help="a path that ends within this distance of a minimum has reached it, in widths of the window",
    )  # fmt: skip
    precision: str = knob(
        "double", options=("double", "single"), label="Precision",
        help="double computes the same digits as the race; single is several times faster and differs along borders",
    )  # fmt: skip

    def coarse(self) -> Self:
        """A map of fewer starts, there within a fraction of a second, to be shown until this one is."""
        least = int(self.knobs()["side"].low)
        return replace(self, side=max(least, min(self.side // 4, int((QUICK / self.race.steps) ** 0.5))))
