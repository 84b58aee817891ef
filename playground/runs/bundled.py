"""Runs that come with the app."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from playground.runs.local import run
from playground.runs.store import Store

if TYPE_CHECKING:
    from playground.specs.training import Comparison

KEPT = ("query.txt", "log", "end.json")  # weights and checkpoints would be most of the bytes, and nobody looks at them


def store(comparison: Comparison, out: Path) -> Iterator[Path]:
    """Train the runs that `out` has not got, and put what is looked at into `out`; yields the folders of those made."""
    for spec in comparison.runs:
        place = out / spec.key
        if place.exists():
            continue
        with tempfile.TemporaryDirectory() as folder:
            made = Store(Path(folder), shipped=Path(folder) / "none")
            run(spec, store=made)
            place.mkdir(parents=True)
            for name in KEPT:
                shutil.copyfile(made.file(spec.key, name), place / name)
        yield place
