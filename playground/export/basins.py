"""Basin maps as tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playground.export import records
from playground.record import BasinRecord
from playground.record.basins import DIVERGED, NONE
from playground.view.basins import letter

COLUMNS = ("racer", "x", "y", "ends", "minimum_x", "minimum_y", "loss", "steps")


def table(record: BasinRecord) -> bytes:
    """The record as CSV, one row for each racer and start.

    Columns: racer, x, y, the letter or number of the minimum where it ends (or none, diverged), that minimum's place
    and loss, and the steps needed.
    """
    return records.table(record.stamp, COLUMNS, _rows(record))


def _rows(record: BasinRecord) -> Iterator[tuple[Any, ...]]:
    where: dict[int, tuple[Any, ...]] = {NONE: ("none", "", "", ""), DIVERGED: ("diverged", "", "", "")}
    for m, ((x, y), loss) in enumerate(zip(record.minima.tolist(), record.losses.tolist())):
        where[m] = (letter(m) or m + 1, x, y, loss)
    xs, ys = record.xs.tolist(), record.ys.tolist()
    for label, reached, steps in zip(record.labels, record.reached.tolist(), record.steps.tolist()):
        for y, codes, counts in zip(ys, reached, steps):
            for x, code, count in zip(xs, codes, counts):
                yield (label, x, y, *where[code], count if count >= 0 else "")
