"""Races as tables and arrays."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np

from playground.record import RaceRecord


def table(record: RaceRecord) -> bytes:
    """The record as CSV, one row for each racer, start and step, with the configuration as its first line.

    Columns: racer, start, step, x, y, loss, gradient_x, gradient_y, learning_rate, evaluations, then x and y of every
    state variable any racer has (empty for the others). Numbers have all their digits.
    """
    names = list(dict.fromkeys(name for states in record.states for name in states))
    out = io.StringIO()
    out.write(f"# {record.stamp}\n")
    rows = csv.writer(out, lineterminator="\n")
    first = ["racer", "start", "step", "x", "y", "loss", "gradient_x", "gradient_y", "learning_rate", "evaluations"]
    rows.writerow(first + [f"{name}_{axis}" for name in names for axis in "xy"])
    for r, label in enumerate(record.labels):
        for s in range(len(record.starts)):
            n = int(record.lengths[r, s])
            states = [record.states[r].get(name) for name in names]
            columns = [
                *record.positions[r, s, :n].T, record.losses[r, s, :n], *record.gradients[r, s, :n].T,
                record.rates[r, :n], record.evaluations[r, s, :n],
                *(axis for state in states for axis in (("", "") if state is None else state[s, :n].T)),
            ]  # fmt: skip
            listed = [[column] * n if isinstance(column, str) else column.tolist() for column in columns]
            for k, row in enumerate(zip(*listed)):
                rows.writerow([label, s, k, *("" if value != value else value for value in row)])
    return out.getvalue().encode()


def arrays(record: RaceRecord) -> bytes:
    """The record as NPZ: every array by its name, `state_<racer>_<variable>`, and the texts."""
    ground = record.terrain
    arrays_by_name: dict[str, Any] = {
        "query": record.query, "key": record.key, "labels": np.array(record.labels), "starts": record.starts,
        "positions": record.positions, "losses": record.losses, "gradients": record.gradients, "rates": record.rates,
        "evaluations": record.evaluations, "lengths": record.lengths, "ends": np.array(record.ends),
        "final": record.final, "best": record.best, "distance": record.distance, "arrived": record.arrived,
        "surface_window": np.array(ground.window), "surface_values": ground.values, "surface_minima": ground.minima,
    }  # fmt: skip
    arrays_by_name |= {
        f"state_{r}_{name}": array for r, states in enumerate(record.states) for name, array in states.items()
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays_by_name)
    return buffer.getvalue()
