"""Trainings as tables and arrays."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np

from playground.record import ComparisonRecord


def table(record: ComparisonRecord) -> bytes:
    """The curves as CSV, one row for each run and step; the first lines hold the configurations.

    Columns: run, step, epoch, training loss and accuracy of the step's batch; where an epoch ends also the validation
    loss and accuracy, and those of the averaged weights; the learning rate where a tick fell on the step.
    """
    out = io.StringIO()
    out.writelines(
        f"# {label}: {run.start.stamp} {run.start.query}\n" for label, run in zip(record.labels, record.runs)
    )
    rows = csv.writer(out, lineterminator="\n")
    held = ("loss", "accuracy", "average_loss", "average_accuracy")
    rows.writerow(
        ["run", "step", "epoch", "loss", "accuracy", "learning_rate", *(f"validation_{column}" for column in held)]
    )
    for label, one in zip(record.labels, record.runs):
        rates = dict(zip(one.ticks["step"].tolist(), one.ticks["rate"].tolist()))
        epochs = {int(step): place for place, step in enumerate(one.validations["step"])}
        for k, (loss, accuracy) in enumerate(zip(one.steps["loss"].tolist(), one.steps["accuracy"].tolist()), 1):
            place = epochs.get(k)
            rest = [""] * 4 if place is None else [float(one.validations[column][place]) for column in held]
            row = [label, k, k / one.start.steps_per_epoch, loss, accuracy, rates.get(k, ""), *rest]
            rows.writerow(["" if value != value else value for value in row])
    return out.getvalue().encode()


def arrays(record: ComparisonRecord) -> bytes:
    """The records as NPZ: `run<k>_<what>_<column>` for ticks, steps, validations, probes and weights, and the texts."""
    held: dict[str, Any] = {"labels": np.array(list(record.labels))}
    for place, one in enumerate(record.runs):
        run = f"run{place}"
        held |= {f"{run}_query": one.start.query, f"{run}_key": one.start.key, f"{run}_stamp": one.start.stamp}
        held |= {f"{run}_layers": np.array(one.start.layers), f"{run}_classes": np.array(one.start.classes)}
        held[f"{run}_end"] = f"{one.end.word}: {one.end.sentence}" if one.end else "still running"
        for what in ("ticks", "steps", "validations", "probes", "weights"):
            held |= {f"{run}_{what}_{column}": values for column, values in getattr(one, what).items()}
        held[f"{run}_findings"] = np.array([finding.sentence for finding in one.findings])
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **held)
    return buffer.getvalue()
