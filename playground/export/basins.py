"""Basin maps as files for slides and notebooks: PNG, SVG, CSV and NPZ, each with the configuration in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from playground.export import figures, records
from playground.record import BasinRecord
from playground.record.basins import DIVERGED, NONE
from playground.view.basins import letter
from playground.view.basins_figure import basins_figure

COLUMNS = ("racer", "x", "y", "ends", "minimum_x", "minimum_y", "loss", "steps")


def png(record: BasinRecord, theme: str = "light") -> bytes:
    """The figure, 3200 by 1800 pixels."""
    return figures.saved(basins_figure(record, theme), "png", record.stamp, record.key)


def svg(record: BasinRecord, theme: str = "light") -> bytes:
    """The figure as vectors, the maps in it as pictures; the same record gives the same bytes."""
    return figures.saved(basins_figure(record, theme), "svg", record.stamp, record.key)


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


def arrays(record: BasinRecord) -> bytes:
    """The record as NPZ, by the names of its fields."""
    return records.arrays(record)


KINDS: dict[str, Callable[..., bytes]] = {"npz": arrays, "csv": table, "png": png, "svg": svg}


def write(record: BasinRecord, folder: Path) -> list[Path]:
    """Write all kinds into `folder` (made if missing) as `basins-<key>.<kind>`; returns the paths."""
    made = {kind: partial(make, record) for kind, make in KINDS.items()}
    return figures.write(folder, f"basins-{record.key[:12]}", made)
