"""The ranking of all optimizers on all surfaces: it is computed once and stored, and scored when it is asked for.

What is kept of a run is its gap: the loss where the budget ends above the lowest one, as a part of what there was to
gain, gap = (f_end - f*) / (f_start - f*). Where a surface has no minimum, f* is the lowest loss in its window.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from playground.choices.optimizers import optimizers
from playground.choices.penalties import NoPenalty
from playground.choices.surfaces import surfaces
from playground.engine.race import problem_of, trajectory
from playground.engine.terrain import terrain
from playground.jobs import Job, Processes, Progress
from playground.jobs.job import Steps
from playground.messages import Message
from playground.paths import ASSETS
from playground.record import RankingRecord
from playground.specs.ranking import ALL, BUDGET, OURS, Budget, Ranking, Trial, trials

FILE = ASSETS / "ranking.json"
LIBRARIES = ("numpy", "scipy", "torch", "pytorch_optimizer")
FLOOR = 1e-10  # smaller gaps are equal: what is left of them is rounding
Gaps = list[float | None]


def scale(surface: str) -> tuple[float, float]:
    """The loss at the start of a surface, and the lowest one that counts."""
    instance = surfaces[surface]()
    ground = terrain(instance, NoPenalty(), "auto")
    lowest = ground.lowest if np.isfinite(ground.lowest) else np.nanmin(ground.values[np.isfinite(ground.values)])
    return float(instance.derived().value_function("numpy")(*np.array(instance.start))[0]), float(lowest)


def measure(trial: Trial) -> Gaps:
    """The gap of each run of a trial, to four digits; None where it diverged."""
    start, lowest = scale(trial.surface)
    return [_gap(race, most, start, lowest) for race, most in trial.races()]


def _where(count: int, group: str) -> Message:
    """Which surfaces, in words."""
    if group == ALL:
        return Message("all {n} surfaces", n=count)
    return Message("{n} surfaces: {group}", n=count, group=Message(group))


def _gap(race: Any, most: int, start: float, lowest: float) -> float | None:
    path = trajectory(race.racers[0], replace(problem_of(race), most=most), np.array(race.starts))
    if "failed" in path.ends:
        raise RuntimeError(f"{race.labels()[0]} on {race.surface.label}: {path.sentences[0]}")
    spent = path.evaluations[0] <= most  # False behind the end, where it is NaN
    last = int(np.flatnonzero(spent)[-1])
    if path.ends[0] == "diverged" and last == path.lengths[0] - 1:
        return None
    gap = (path.rows[0, last, 2] - lowest) / (start - lowest)
    return float(f"{max(gap, 0.0):.4g}")


def rank(out: Path, budget: Budget = BUDGET, workers: int = 0) -> Steps:
    """Run all trials in processes of their own and store their gaps in `out`, which is the result.

    What was done before an interruption lies beside `out` and is not done again.
    """
    partial = out.with_suffix(".partial")
    results = dict(_lines(partial, budget))
    every = trials(budget)
    todo = [trial for trial in every if (trial.optimizer, trial.surface) not in results]
    out.parent.mkdir(parents=True, exist_ok=True)
    processes = Processes(__name__, workers or os.cpu_count() or 1)
    with closing(processes), open(partial, "a") as file:
        for trial, gaps in zip(todo, processes.each(Job(work=measure, arguments=(trial,)) for trial in todo)):
            results[trial.optimizer, trial.surface] = gaps
            file.write(json.dumps([list(budget), trial.optimizer, trial.surface, gaps]) + "\n")
            file.flush()
            so_far = Message("{n} of {all} trials", n=len(results), all=len(every))
            yield Progress(share=len(results) / len(every), message=so_far)
    out.write_text(_text(results, budget))
    partial.unlink()
    return out


def _lines(partial: Path, budget: Budget) -> Iterator[tuple[tuple[str, str], Gaps]]:
    """What an interrupted run with the same budget has left."""
    lines = partial.read_text().splitlines(keepends=True) if partial.exists() else []
    for line in lines:
        if not line.endswith("\n"):  # it was killed while it wrote
            break
        line_budget, optimizer, surface, gaps = json.loads(line)
        if line_budget == list(budget):
            yield (optimizer, surface), gaps


def _text(results: dict[tuple[str, str], Gaps], budget: Budget) -> str:
    """The file: what it is, and a line for each optimizer."""
    gaps: dict[str, dict[str, Gaps]] = {}
    for trial in trials(budget):
        gaps.setdefault(trial.optimizer, {})[trial.surface] = results[trial.optimizer, trial.surface]
    head = {
        "budget": budget._asdict(),
        "versions": {name: version(name) for name in LIBRARIES},
        "date": date.today().isoformat(),
    }
    lines = [f"{json.dumps(name)}: {json.dumps(gap, separators=(',', ':'))}" for name, gap in gaps.items()]
    return json.dumps(head)[:-1] + ', "gaps": {\n' + ",\n".join(lines) + "\n}}\n"


# -- scores ------------------------------------------------------------------------------------------------------------


@functools.cache
def stored() -> dict[str, Any]:
    """The content of the file: `budget`, `versions`, `date`, and `gaps`, by optimizer and surface."""
    return json.loads(FILE.read_text())


def ranking(spec: Ranking) -> RankingRecord:
    """The stored gaps, scored as `spec` asks.

    Of every optimizer's runs on a surface the best counts. Ranks are among all optimizers on that surface; their order
    is by the median rank, then by the share of surfaces solved (a performance profile at one tolerance: Dolan and More,
    Benchmarking optimization software with performance profiles, 2002, section 2), then by the mean rank.
    """
    ranking_data = stored()
    budget = Budget(**ranking_data["budget"])
    names = [name for name in ranking_data["gaps"] if name in optimizers]
    places = [name for name in next(iter(ranking_data["gaps"].values())) if name in surfaces and spec.counts(name)]
    runs = _runs(ranking_data["gaps"], names, places, budget)
    gaps = np.fmin.reduce(runs, axis=2, initial=1.0)
    ranks = np.stack([_ranks(column) for column in gaps.T], axis=1)
    median, solved = np.median(ranks, axis=1), (gaps <= spec.tolerance).mean(axis=1)
    trial_mask = ~np.isnan(runs) | (np.arange(budget.rates) < _rate_counts(names, budget)[:, None, None])
    wide = (runs <= spec.tolerance).sum(axis=(1, 2)) / trial_mask.sum(axis=(1, 2))
    order = np.lexsort((ranks.mean(axis=1), -solved, median))
    ordered_names = [names[i] for i in order]
    versions = ", ".join(f"{name} {number}" for name, number in ranking_data["versions"].items())
    return RankingRecord(
        spec=spec,
        names=tuple(ordered_names),
        labels=tuple(optimizers[name].label for name in ordered_names),
        groups=tuple(optimizers[name].group if optimizers[name].alone else OURS for name in ordered_names),
        shown=np.array([spec.shows(name) for name in ordered_names]),
        surfaces=tuple(places),
        surface_labels=tuple(surfaces[name].label for name in places),
        where=_where(len(places), spec.surfaces),
        gaps=gaps[order],
        rates=_best_rates(names, runs, budget)[order],
        ranks=ranks[order],
        median=median[order],
        solved=solved[order],
        wide=wide[order],
        tolerance=spec.tolerance,
        evaluations=budget.evaluations,
        tried=budget.rates,
        lowest_rate=budget.low,
        highest_rate=budget.high,
        date=ranking_data["date"],
        versions=versions,
    )


def _runs(
    gaps_by_optimizer: dict[str, dict[str, Gaps]], names: list[str], places: list[str], budget: Budget
) -> np.ndarray:
    """The gaps between `FLOOR` and 1, shape (O, S, step sizes); NaN where a run diverged or was not made."""
    runs = np.full((len(names), len(places), budget.rates), np.nan)
    for i, name in enumerate(names):
        for j, surface in enumerate(places):
            gaps = gaps_by_optimizer[name][surface]
            runs[i, j, : len(gaps)] = [np.nan if gap is None else gap for gap in gaps]
    return np.clip(runs, FLOOR, 1.0)


def _rate_counts(names: list[str], budget: Budget) -> np.ndarray:
    """How many runs each optimizer made on a surface, shape (O,)."""
    return np.array([len(budget.values(optimizers[name])) or 1 for name in names])


def _best_rates(names: list[str], runs: np.ndarray, budget: Budget) -> np.ndarray:
    """The step size of the best run, the smallest of several, shape (O, S); NaN where no run gained anything."""
    gained = np.fmin.reduce(runs, axis=2, initial=1.0) < 1.0
    places = np.where(np.isnan(runs), np.inf, runs).argmin(axis=2)
    values = np.full((len(names), budget.rates), np.nan)
    for own, name in zip(values, names):
        rates = budget.values(optimizers[name])
        own[: len(rates)] = rates
    return np.where(gained, np.take_along_axis(values[:, None], places[..., None], axis=2)[..., 0], np.nan)


def _ranks(values: np.ndarray) -> np.ndarray:
    """Places from 1, from the smallest value on; equals share the mean of theirs."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts - 1) / 2)[group]
