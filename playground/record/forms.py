"""What a comparison of forms produced: named arrays with documented shapes, no behaviour.

V variants, P pairs of them, T steps; NaN behind the end of a variant that diverged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playground.messages import Message
from playground.record.base import Answer
from playground.record.race import RaceRecord


@dataclass(frozen=True, kw_only=True, repr=False)
class FormsRecord(Answer):
    """Variants of one method, and how far they are from each other."""

    race: RaceRecord  # the variants as racers
    pairs: tuple[tuple[int, int], ...]  # (P,)
    labels: tuple[Message, ...]  # (P,)
    differences: np.ndarray  # (P, T + 1), distance of the points that must meet, after a change of variables
    direct: np.ndarray  # (P, T + 1), distance of the points themselves
    rounding: np.ndarray  # (T + 1,), length of the first variant's point times 2^-52: what one rounding may change
    control: np.ndarray  # (T + 1,), distance from the first variant begun one unit in the last place away
    allowed: np.ndarray  # (T + 1,), what two forms of one method may differ by, rounded differently at every step
    same: np.ndarray  # (P,) bool, whether they stay within that
    expected: np.ndarray  # (P,) bool, whether algebra says that they are the same
    apart: np.ndarray  # (P,), first step at which they do not; NaN if none
    largest: np.ndarray  # (P,), largest difference
    sentences: tuple[Message, ...]  # (P,), the verdicts

    @property
    def title(self) -> Message:
        """The form and the surface."""
        return Message("{form} · {surface}", form=Message(self.spec.form.label), surface=self.race.title)
