"""Comparisons of forms as tables."""

from __future__ import annotations

from pathlib import Path

from playground.export import charts
from playground.export.records import table
from playground.record import FormsRecord
from playground.view import forms as view


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


def write(record: FormsRecord, folder: Path) -> list[Path]:
    """Write all kinds into `folder` (made if missing) as `forms-<key>.<kind>`; returns the paths."""
    return charts.write("forms", record, view.differences(record, "light"), differences, folder)
