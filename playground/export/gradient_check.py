"""Gradient checks as tables."""

from __future__ import annotations

from playground.export.records import table
from playground.record import CheckRecord, CostRecord


def errors(record: CheckRecord) -> bytes:
    """CSV with one row for each difference quotient and step size: errors, theory, and the numeric gradient."""
    columns = ["method", "h", "relative_error", "truncation", "cancellation", "kinks_crossed", *record.components]
    rows = [
        [name, h, *(float(part[m, k]) for part in (record.errors, record.truncation, record.cancellation)),
         int(record.crossed[k]), *record.numeric[m, k].tolist()]
        for m, name in enumerate(record.names)
        for k, h in enumerate(record.steps.tolist())
    ]  # fmt: skip
    exact = ["exact", "", 0.0, "", "", "", *record.exact.tolist()]
    return table(record.stamp, columns, [exact, *rows])


def cost(record: CostRecord) -> bytes:
    """CSV with one row for each way to a gradient and each net."""
    rows = [
        [name, int(width), int(n), int(record.evaluations[m, j]), float(record.seconds[m, j])]
        for m, name in enumerate(record.names)
        for j, (width, n) in enumerate(zip(record.widths, record.dimensions))
    ]
    return table(record.stamp, ["method", "width", "parameters", "evaluations", "seconds"], rows)
