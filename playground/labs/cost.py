"""Cost of a gradient: exact and numeric, for nets of growing width. It is part of the page Gradient check."""

from __future__ import annotations

from playground.figures import Figure, later
from playground.labs.lab import Lab, verdicts
from playground.messages import marked
from playground.record import CostRecord
from playground.specs import GradientCost

LAB = Lab(
    name="cost",
    title=marked("Cost of a gradient"),
    section="",
    about=marked("what a numeric gradient costs"),
    spec=GradientCost,
    record=CostRecord,
    lines=verdicts,
    place=10,
    figures=(
        Figure(
            name="cost", title=marked("Cost of a gradient"), draw=later("view.gradient_check", "cost"),
            csv=later("export.gradient_check", "cost"),
        ),
    ),
)  # fmt: skip
