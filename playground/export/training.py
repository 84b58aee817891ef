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
    columns = ("loss", "accuracy", "average_loss", "average_accuracy")
    rows.writerow(
        ["run", "step", "epoch", "loss", "accuracy", "learning_rate", *(f"validation_{column}" for column in columns)]
    )
    for label, training in zip(record.labels, record.runs):
        rates = dict(zip(training.ticks["step"].tolist(), training.ticks["rate"].tolist()))
        epochs = {int(step): index for index, step in enumerate(training.validations["step"])}
        for k, (loss, accuracy) in enumerate(
            zip(training.steps["loss"].tolist(), training.steps["accuracy"].tolist()), 1
        ):
            index = epochs.get(k)
            rest = [""] * 4 if index is None else [float(training.validations[column][index]) for column in columns]
            row = [label, k, k / training.start.steps_per_epoch, loss, accuracy, rates.get(k, ""), *rest]
            rows.writerow(["" if value != value else value for value in row])
    return out.getvalue().encode()


def arrays(record: ComparisonRecord) -> bytes:
    """The records as NPZ: `run<k>_<what>_<column>` for ticks, steps, validations, probes and weights, and the texts."""
    arrays_by_name: dict[str, Any] = {"labels": np.array(list(record.labels))}
    for number, training in enumerate(record.runs):
        run = f"run{number}"
        arrays_by_name |= {
            f"{run}_query": training.start.query,
            f"{run}_key": training.start.key,
            f"{run}_stamp": training.start.stamp,
        }
        arrays_by_name |= {
            f"{run}_layers": np.array(training.start.layers),
            f"{run}_classes": np.array(training.start.classes),
        }
        arrays_by_name[f"{run}_end"] = (
            f"{training.end.word}: {training.end.sentence}" if training.end else "still running"
        )
        for table in ("ticks", "steps", "validations", "probes", "weights"):
            arrays_by_name |= {f"{run}_{table}_{column}": values for column, values in getattr(training, table).items()}
        arrays_by_name[f"{run}_findings"] = np.array([finding.sentence for finding in training.findings])
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays_by_name)
    return buffer.getvalue()
