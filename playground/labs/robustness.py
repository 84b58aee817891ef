"""Robustness: the race from many starts, and with many draws of the noise."""

from __future__ import annotations

from collections.abc import Iterator

from playground.figures import Figure, later
from playground.labs.lab import SURFACES, Lab
from playground.messages import marked, tr
from playground.presets import CROWDS
from playground.record import RobustnessRecord
from playground.specs import Robustness


def lines(record: RobustnessRecord) -> Iterator[str]:
    """Quartiles and wins of every racer."""
    counts = {"starts": len(record.starts), "draws": len(record.seeds), "steps": record.steps}
    yield tr("{surface}: {starts} starts, {draws} draws, {steps} steps each", surface=record.title, **counts)
    for label, (low, middle, high), wins in zip(record.labels, record.quartiles, record.wins):
        parts = {"low": low, "middle": middle, "high": high, "wins": wins, "all": record.compared}
        line = tr("quartiles {low:<10.4g} {middle:<10.4g} {high:<10.4g} wins {wins:g} of {all}", **parts)
        yield f"  {label:<32} {line}"


LAB = Lab(
    name="robustness",
    title=marked("Robustness"),
    section=marked(SURFACES),
    about=marked("other starts and other noise"),
    spec=Robustness,
    record=RobustnessRecord,
    opening=CROWDS[0].race,
    questions=CROWDS,
    related=marked("how the racers do from other starts and with other noise"),
    lines=lines,
    place=3,
    figures=(
        Figure(
            name="robustness", title=marked("Robustness"), draw=later("view.robustness_chart", "robustness_figure"),
            csv=later("export.many_runs", "runs"),
        ),
        Figure(name="bands", title=marked("Quartiles"), draw=later("view.robustness_chart", "bands_chart")),
        Figure(name="wins", title=marked("Wins"), draw=later("view.robustness_chart", "wins_chart")),
    ),
)  # fmt: skip
