"""About how long a training takes on this machine, from those that were trained on it before."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from statistics import median

from pages.ui import train_facts
from playground.registry import ChoiceError
from playground.runs.store import KEY, Store
from playground.specs.training import Training

RATE = 45e9  # multiply-adds a second, until a run was measured
SETUP = 4e-3  # seconds of each step that do not depend on the net
FEWEST = 20  # steps of a run that counts

_ratios: dict[Path, tuple[tuple, float] | None] = {}


def seconds(run: Training, store: Store) -> float:
    """As the net's operations say, corrected by how runs of this net went here, or else all runs."""
    _learn(store)
    entries = [entry for entry in _ratios.values() if entry]
    same = [ratio for net, ratio in entries if net == _net(run)]
    ratios = same or [ratio for _, ratio in entries] or [1.0]
    return train_facts.steps(run) * _step(run) * median(ratios)


def _net(run: Training) -> tuple:
    return run.network, run.activation, run.normalization, run.precision


def _step(run: Training) -> float:
    """Seconds of one step: once forwards and twice as much backwards for every image."""
    batch = run.batch or train_facts.images(run)
    return 3 * train_facts.size(run).operations * batch / RATE + SETUP


def _learn(store: Store) -> None:
    """Look at runs that have ended since the last time; those shipped with the app come from other machines."""
    with suppress(FileNotFoundError), os.scandir(store.folder) as entries:
        folders = [Path(entry) for entry in entries if entry.is_dir() and KEY.fullmatch(entry.name)]
        for folder in (path for path in folders if path not in _ratios and (path / "end.json").exists()):
            with suppress(FileNotFoundError):  # another process tidies up
                _ratios[folder] = _ratio(folder, store)


def _ratio(folder: Path, store: Store) -> tuple[tuple, float] | None:
    """The net of a run, and by how much slower it was than its operations say."""
    try:
        run, end = Training.from_query((folder / "query.txt").read_text()), store.end(folder.name)
    except ChoiceError:  # of another version of the app
        return None
    if not end or end.step < FEWEST or not end.seconds:
        return None
    return _net(run), end.seconds / (end.step * _step(run))
