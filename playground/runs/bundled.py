"""Runs that come with the app."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from playground.runs.local import run
from playground.runs.store import Store
from playground.specs import Spec

FILES = ("query.txt", "log", "end.json")  # weights and checkpoints would be most of the bytes, and nobody looks at them


def store(specs: Iterable[Spec], out: Path) -> Iterator[Path]:
    """Compute those of the runs that `out` lacks, and copy what is looked at into `out`; yields their folders."""
    for spec in specs:
        folder = out / spec.key
        if folder.exists():
            continue
        with tempfile.TemporaryDirectory() as temporary:
            source = Store(Path(temporary), shipped=Path(temporary) / "none")
            run(spec, store=source)
            folder.mkdir(parents=True)
            for name in FILES:
                shutil.copyfile(source.file(spec.key, name), folder / name)
        yield folder
