"""Three forms, one method: variants of an optimizer run side by side, and the difference between them."""

from __future__ import annotations

from playground.figures import Figure, later
from playground.labs.lab import SURFACES, Lab, verdicts
from playground.messages import marked
from playground.presets import FORMS
from playground.record import FormsRecord
from playground.specs import Forms

LAB = Lab(
    name="forms",
    title=marked("Three forms"),
    section=marked(SURFACES),
    about=marked("one method, written differently"),
    spec=Forms,
    record=FormsRecord,
    questions=FORMS,
    lines=verdicts,
    place=5,
    figures=(
        Figure(
            name="differences", title=marked("Three forms"), draw=later("view.forms", "differences"),
            csv=later("export.forms", "differences"),
        ),
    ),
)  # fmt: skip
