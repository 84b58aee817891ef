"""Trainings as files for slides and notebooks: PNG, SVG, CSV and NPZ, each with the configuration in it."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from playground.export import figures
from playground.record import TrainingRecord
from playground.view.training_figure import training_figure

Records = Sequence[TrainingRecord]
Labels = Sequence[str]


def png(records: Records, labels: Labels, theme: str = "light") -> bytes:
    """The figure, 3200 by 1800 pixels."""
    return figures.saved(training_figure(records, labels, theme), "png", _stamp(records), name(records))


def svg(records: Records, labels: Labels, theme: str = "light") -> bytes:
    """The figure as vectors; the same records give the same bytes."""
    return figures.saved(training_figure(records, labels, theme), "svg", _stamp(records), name(records))


def _stamp(records: Records) -> str:
    return "\n".join(f"{one.start.stamp} · {one.start.query}" for one in records)


def table(records: Records, labels: Labels, theme: str = "light") -> bytes:
    """The curves as CSV, one row for each run and step; the first lines hold the configurations.

    Columns: run, step, epoch, training loss and accuracy of the step's batch; where an epoch ends also the validation
    loss and accuracy, and those of the averaged weights; the learning rate where a tick fell on the step.
    """
    out = io.StringIO()
    out.writelines(f"# {label}: {one.start.stamp} {one.start.query}\n" for label, one in zip(labels, records))
    rows = csv.writer(out, lineterminator="\n")
    held = ("loss", "accuracy", "average_loss", "average_accuracy")
    rows.writerow(
        ["run", "step", "epoch", "loss", "accuracy", "learning_rate", *(f"validation_{column}" for column in held)]
    )
    for label, one in zip(labels, records):
        rates = dict(zip(one.ticks["step"].tolist(), one.ticks["rate"].tolist()))
        epochs = {int(step): place for place, step in enumerate(one.validations["step"])}
        for k, (loss, accuracy) in enumerate(zip(one.steps["loss"].tolist(), one.steps["accuracy"].tolist()), 1):
            place = epochs.get(k)
            rest = [""] * 4 if place is None else [float(one.validations[column][place]) for column in held]
            row = [label, k, k / one.start.steps_per_epoch, loss, accuracy, rates.get(k, ""), *rest]
            rows.writerow(["" if value != value else value for value in row])
    return out.getvalue().encode()


def arrays(records: Records, labels: Labels, theme: str = "light") -> bytes:
    """The records as NPZ: `run<k>_<what>_<column>` for ticks, steps, validations, probes and weights, and the texts."""
    held: dict[str, Any] = {"labels": np.array(list(labels))}
    for place, one in enumerate(records):
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


KINDS: dict[str, Callable[..., bytes]] = {"npz": arrays, "csv": table, "png": png, "svg": svg}


def name(records: Records) -> str:
    """Twelve digits that tell this comparison from others, for file names."""
    keys = " ".join(one.start.key for one in records)
    return records[0].start.key[:12] if len(records) == 1 else hashlib.sha256(keys.encode()).hexdigest()[:12]


def write(records: Records, labels: Labels, folder: Path) -> list[Path]:
    """Write all kinds into `folder` (made if missing) as `training-<name>.<kind>`; returns the paths."""
    made = {kind: partial(make, records, labels) for kind, make in KINDS.items()}
    return figures.write(folder, f"training-{name(records)}", made)
