"""Train: small nets that learn images, watched from the inside."""

from __future__ import annotations

from playground.figures import Figure, later
from playground.labs.lab import NETWORKS, Lab
from playground.messages import marked
from playground.presets import TRAININGS
from playground.record import ComparisonRecord
from playground.specs.training import Comparison

LAB = Lab(
    name="train",
    title=marked("Train"),
    section=marked(NETWORKS),
    about=marked("a small net on images"),
    spec=Comparison,
    record=ComparisonRecord,
    opening=TRAININGS[0].comparison,
    questions=TRAININGS,
    run=later("runs.console", "run"),
    options=(("test", marked("evaluate on the test set too, once the nets are trained")),),
    place=7,
    figures=(
        Figure(
            name="training", title=marked("Train"), draw=later("view.training_figure", "training_figure"),
            csv=later("export.training", "table"), arrays=later("export.training", "arrays"),
            alt=later("view.training_figure", "alt_text"),
        ),
    ),
)  # fmt: skip
