"""Learning-rate sweeps and crowds of runs as tables."""

from __future__ import annotations

from playground.export.records import table
from playground.record import RobustnessRecord, SweepRecord


def rates(record: SweepRecord) -> bytes:
    """CSV with one row for each racer, start and learning rate; a racer without a rate has the same at all of them."""
    columns = ["racer", "start", "learning_rate", "final_loss", "lowest_loss", "steps_to_tolerance", "diverged", "best"]
    rows = (
        [label, s, rate, *(float(part[r, s, n]) for part in (record.final, record.best, record.arrived)),
         int(record.diverged[r, s, n]), int(rate == record.tuned[r, s])]
        for r, label in enumerate(record.labels)
        for s in range(len(record.starts))
        for n, rate in enumerate(record.rates.tolist())
    )  # fmt: skip
    return table(record.stamp, columns, rows)


def runs(record: RobustnessRecord) -> bytes:
    """CSV with one row for each racer, start and draw: where it began, its final loss (inf where it diverged; left
    out where it was not run) and the first step within the tolerance."""
    rows = (
        [label, x, y, seed, float(record.final[r, d, s]), float(record.arrived[r, d, s])]
        for r, label in enumerate(record.labels)
        for s, (x, y) in enumerate(record.starts.tolist())
        for d, seed in enumerate(record.seeds.tolist())
        if record.final[r, d, s] == record.final[r, d, s]
    )
    return table(record.stamp, ["racer", "start_x", "start_y", "seed", "final_loss", "steps_to_tolerance"], rows)
