"""The ranking of all optimizers on all surfaces: it is computed once and stored, and scored when it is asked for.

What is kept of a run is its gap: the loss where the budget ends above the lowest one, as a part of what there was to
gain, gap = (f_end - f*) / (f_start - f*). Where a surface has no minimum, f* is the lowest loss in its window.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from playground.choices.penalties import NoPenalty
from playground.choices.surfaces import surfaces
from playground.engine.race import course_of, track
from playground.engine.terrain import terrain
from playground.spec.ranking import BUDGET, Budget, Trial, trials

FILE = Path(__file__).parents[2] / "assets" / "ranking.json"
LIBRARIES = ("numpy", "scipy", "torch", "pytorch_optimizer")
Gaps = list[float | None]


def scale(surface: str) -> tuple[float, float]:
    """The loss at the start of a surface, and the lowest one that counts."""
    made = surfaces[surface]()
    ground = terrain(made, NoPenalty(), "auto")
    lowest = ground.lowest if np.isfinite(ground.lowest) else np.nanmin(ground.values[np.isfinite(ground.values)])
    return float(made.derived().value_function("numpy")(*np.array(made.start))[0]), float(lowest)


def measure(trial: Trial) -> Gaps:
    """The gap of each run of a trial, to four digits; None where it left the finite numbers."""
    start, lowest = scale(trial.surface)
    return [_gap(race, most, start, lowest) for race, most in trial.races()]


def _gap(race: Any, most: int, start: float, lowest: float) -> float | None:
    found = track(race.racers[0], replace(course_of(race), most=most), np.array(race.starts))
    if "failed" in found.ends:
        raise RuntimeError(f"{race.labels()[0]} on {race.surface.label}: {found.sentences[0]}")
    spent = found.evaluations[0] <= most  # False behind the end, where it is NaN
    last = int(np.flatnonzero(spent)[-1])
    if found.ends[0] == "diverged" and last == found.lengths[0] - 1:
        return None
    gap = (found.rows[0, last, 2] - lowest) / (start - lowest)
    return float(f"{max(gap, 0.0):.4g}")


def rank(out: Path, budget: Budget = BUDGET, workers: int = 0, told: Callable[[int, int], None] = print) -> Path:
    """Run all trials on processes of their own and store their gaps in `out`.

    `told(done, all)` hears how far it is. What was done before an interruption stands beside `out` and is not done
    again.
    """
    partial = out.with_suffix(".partial")
    done = dict(_lines(partial, budget))
    todo = [one for one in trials(budget) if (one.optimizer, one.surface) not in done]
    spawn = multiprocessing.get_context("spawn")
    out.parent.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(workers or os.cpu_count(), mp_context=spawn) as pool, open(partial, "a") as file:
        for one, gaps in zip(todo, pool.map(measure, todo, chunksize=5)):
            done[one.optimizer, one.surface] = gaps
            file.write(json.dumps([list(budget), one.optimizer, one.surface, gaps]) + "\n")
            file.flush()
            told(len(done), len(trials(budget)))
    out.write_text(_text(done, budget))
    partial.unlink()
    return out


def _lines(partial: Path, budget: Budget):
    """What an interrupted run with the same budget has left."""
    for line in partial.read_text().splitlines() if partial.exists() else ():
        held, optimizer, surface, gaps = json.loads(line)
        if held == list(budget):
            yield (optimizer, surface), gaps


def _text(done: dict[tuple[str, str], Gaps], budget: Budget) -> str:
    """The file: what it is, and a line for each optimizer."""
    gaps: dict[str, dict[str, Gaps]] = {}
    for one in trials(budget):
        gaps.setdefault(one.optimizer, {})[one.surface] = done[one.optimizer, one.surface]
    head = {
        "budget": budget._asdict(),
        "versions": {name: version(name) for name in LIBRARIES},
        "date": date.today().isoformat(),
    }
    lines = [f"{json.dumps(name)}: {json.dumps(one, separators=(',', ':'))}" for name, one in gaps.items()]
    return json.dumps(head)[:-1] + ', "gaps": {\n' + ",\n".join(lines) + "\n}}\n"
