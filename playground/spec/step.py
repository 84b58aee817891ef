"""The spec of one step of one racer, taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Self

from playground.registry import ChoiceError, Knob, shown
from playground.spec.race import LOOK, MOST_RACERS, PLAIN, STEPS, Race

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


class Inside(NamedTuple):
    """Which step the page Race takes apart, as the part `inside` of its link: `look,step`.

    The racer is named by its look, which it keeps when others come and go.
    """

    look: int
    step: int

    def __str__(self) -> str:
        return f"{self.look},{self.step}"

    @classmethod
    def read(cls, text: str) -> Self:
        """The step that `text` names. Raises `ChoiceError`."""
        parts = text.split(",")
        if len(parts) != 2:
            raise ChoiceError(f"inside is {shown(text)}, but must be two whole numbers look,step.")
        return cls(LOOK.parse("inside: look", parts[0]), STEP.parse("inside: step", parts[1]))
