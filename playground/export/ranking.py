"""The ranking as a table."""

from __future__ import annotations

import numpy as np

from playground.export.records import table
from playground.record import RankingRecord

COLUMNS = ("place", "optimizer", "group", "median_rank", "solved", "runs_solved")


def ranks(record: RankingRecord) -> bytes:
    """CSV with one row for each optimizer that is shown, and three columns for each surface: gap, rank, step size."""
    heads = [f"{name}_{part}" for name in record.surfaces for part in ("gap", "rank", "rate")]
    rows = []
    for i in np.flatnonzero(record.shown).tolist():
        row = [i + 1, record.names[i], record.groups[i], *(float(a[i]) for a in (record.median, record.solved))]
        parts = zip(record.gaps[i].tolist(), record.ranks[i].tolist(), record.rates[i].tolist())
        rows.append([*row, float(record.wide[i]), *(value for part in parts for value in part)])
    return table(record.stamp, [*COLUMNS, *heads], rows)
