"""Comparisons of forms as tables."""

from __future__ import annotations

from playground.export.records import table
from playground.record import FormsRecord


def differences(record: FormsRecord) -> bytes:
    """CSV with one row for each step: the points of all variants, and the distance of every pair."""
    labels = record.race.labels
    columns = ["step", *(f"{label} {axis}" for label in labels for axis in "xy"), *map(str, record.labels)]
    columns += [*(f"{label} directly" for label in record.labels), "one rounding", "explained by rounding"]
    points = record.race.positions[:, 0]
    rows = [
        [k, *points[:, k].ravel().tolist(), *record.differences[:, k].tolist(), *record.direct[:, k].tolist(),
         float(record.rounding[k]), float(record.allowed[k])]
        for k in range(len(record.rounding))
    ]  # fmt: skip
    return table(record.stamp, columns, rows)
