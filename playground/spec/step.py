"""The spec of one step of one racer, taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from playground.registry import ChoiceError, Knob
from playground.spec.race import MOST_RACERS, PLAIN, STEPS, Race

CHOSEN = Knob(default=0, low=0, high=MOST_RACERS - 1, label="Racer", help="its place among the racers, from 0")
STEP = Knob(default=0, low=0, high=STEPS.high, label="Step", help="the step that leaves this point of the path")


@dataclass(frozen=True, kw_only=True)
class Step(Race):
    """What happens inside one step of a race.

    `chosen`: place of the racer among the racers; `step`: the point that the step leaves, 0 for the start. Behind the
    racer's last step it means that one. Of several starts the first counts. Raises `ChoiceError`.
    """

    kind: ClassVar[str] = "step"
    plain: ClassVar[dict[str, Knob]] = PLAIN | {"chosen": CHOSEN, "step": STEP}

    chosen: int = CHOSEN.default
    step: int = STEP.default

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.chosen >= len(self.racers):
            raise ChoiceError(f"chosen is {self.chosen}, but must be a whole number from 0 to {len(self.racers) - 1}.")
