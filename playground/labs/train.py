"""Train: small nets that learn images, watched from the inside."""

from __future__ import annotations

from collections.abc import Iterator

from playground.figures import Figure, later
from playground.labs.lab import NETWORKS, Lab
from playground.messages import marked
from playground.presets import TRAININGS
from playground.record import ComparisonRecord
from playground.specs.training import Comparison


def page(record: ComparisonRecord, theme: str = "light") -> str:
    """The observatory in one file."""
    from playground.runs.log import log_of
    from playground.view.standalone import training_page

    return training_page(record, list(map(log_of, record.runs)), theme)


def lines(record: ComparisonRecord) -> Iterator[str]:
    """How every run has ended."""
    for label, run in zip(record.labels, record.runs):
        if run.end:
            yield f"{label}: {run.end.sentence}"


LAB = Lab(
    name="train",
    title=marked("Train"),
    section=marked(NETWORKS),
    about=marked("a small net on images"),
    spec=Comparison,
    record=ComparisonRecord,
    opening=TRAININGS[0].comparison,
    questions=TRAININGS,
    lines=lines,
    options=(
        ("test", marked("evaluate on the test set too, once the nets are trained"), later("runs.local", "test_lines")),
    ),
    place=7,
    figures=(
        Figure(
            name="training", title=marked("Train"), draw=later("view.training_figure", "training_figure"),
            csv=later("export.training", "table"), arrays=later("export.training", "arrays"),
            alt=later("view.training_figure", "alt_text"), live=page,
        ),
    ),
)  # fmt: skip
