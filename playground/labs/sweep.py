"""Learning rates: every racer with every rate."""

from __future__ import annotations

from collections.abc import Iterator

from playground.figures import Figure, later
from playground.labs.lab import SURFACES, Lab
from playground.messages import marked, tr
from playground.presets import SWEEPS
from playground.record import SweepRecord
from playground.specs import RateSweep


def lines(record: SweepRecord) -> Iterator[str]:
    """The best rate of every racer."""
    about = {"surface": record.title, "n": len(record.rates), "steps": record.steps}
    yield tr("{surface}: the best of {n} rates, {steps} steps each", **about)
    for label, rate, loss in zip(record.labels, record.tuned[:, 0], record.tuned_final[:, 0]):
        yield f"  {label:<32} " + tr("rate {rate:<12.4g} final {loss:.4g}", rate=rate, loss=loss)


LAB = Lab(
    name="sweep",
    title=marked("Learning rates"),
    section=marked(SURFACES),
    about=marked("which learning rate, and how far off it may be"),
    spec=RateSweep,
    record=SweepRecord,
    opening=SWEEPS[0].race,
    questions=SWEEPS,
    related=marked("which learning rate is best, and how far off it may be"),
    lines=lines,
    place=2,
    figures=(
        Figure(
            name="sweep", title=marked("Learning rates"), draw=later("view.sweep_chart", "sweep_chart"),
            csv=later("export.many_runs", "rates"),
        ),
    ),
)  # fmt: skip
