"""Gradient check: exact against numeric gradients, over step sizes."""

from __future__ import annotations

from collections.abc import Iterator

from playground.figures import Figure, later
from playground.labs.lab import SURFACES, Lab, verdicts
from playground.messages import marked
from playground.presets import CHECKS
from playground.record import CheckRecord
from playground.specs import GradientCheck


def lines(record: CheckRecord) -> Iterator[str]:
    """What was found, also of the reader's own derivatives."""
    yield from verdicts(record)
    yield from (f"  {sentence}" for sentence in (record.own.sentences if record.own else ()))


LAB = Lab(
    name="gradients",
    title=marked("Gradient check"),
    section=marked(SURFACES),
    about=marked("exact against numeric"),
    spec=GradientCheck,
    record=CheckRecord,
    questions=CHECKS,
    lines=lines,
    place=4,
    figures=(
        Figure(
            name="errors", title=marked("Gradient check"), draw=later("view.gradient_check", "errors"),
            csv=later("export.gradient_check", "errors"),
        ),
    ),
)  # fmt: skip
