"""The spec of one step of one racer, taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Self

from playground.messages import Message
from playground.registry import ChoiceError, knob
from playground.specs.race import MOST_RACERS, Question, Race, Racer
from playground.specs.text import wrong


@dataclass(frozen=True, kw_only=True)
class StepInspection(Question):
    """What happens inside one step of a race.

    `chosen`: place of the racer among the racers; `step`: the point that the step leaves, 0 for the start. Behind the
    racer's last step it means that one. Of several starts the first counts. Raises `ChoiceError`.
    """

    kind: ClassVar[str] = "step"

    chosen: int = knob(0, 0, MOST_RACERS - 1, label="Racer", help="its place among the racers, from 0")
    step: int = knob(
        0, 0, int(Race.knobs()["steps"].high), label="Step", help="the step that leaves this point of the path"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.chosen >= (count := len(self.race.racers)):
            raise ChoiceError(wrong("chosen", self.chosen, Message("a whole number from 0 to {last}", last=count - 1)))


class InspectedStep(NamedTuple):
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
            raise ChoiceError(wrong("inside", text, Message("two whole numbers look,step")))
        look, step = Racer.knobs()["look"], StepInspection.knobs()["step"]
        return cls(look.parse("inside: look", parts[0]), step.parse("inside: step", parts[1]))
