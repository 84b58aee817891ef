"""The race repeated from many starts and with many draws of the noise: what holds apart from luck."""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from playground.choices.optimizers import Search
from playground.engine.many_runs import ROUNDING, Outcomes, follow, losses, racer_by_racer, side_by_side
from playground.engine.race import problem_of, trajectory
from playground.engine.reference import Problem
from playground.engine.streams import stream
from playground.engine.terrain import terrain
from playground.jobs.job import Steps
from playground.messages import NOTHING, Message
from playground.record import RobustnessRecord
from playground.specs import Racer, Robustness

MOST_SHOWN = 251  # steps of the bands


@dataclass(frozen=True, kw_only=True)
class Part:
    """One racer's part of the record; shapes as there, without R."""

    bands: np.ndarray  # (3, B)
    final: np.ndarray  # (draws that were run, S)
    arrived: np.ndarray  # the same
    same: bool  # whether the one draw that was run stands for all
    remark: Message


def robustness(spec: Robustness) -> Steps:
    """Run every racer from every start with every draw, or with one where draws change nothing; returns a
    `RobustnessRecord`."""
    seeds = spec.seeds() if any(_random(spec, racer) for racer in spec.race.racers) else spec.seeds()[:1]
    ground = terrain(spec.race.surface, spec.race.penalty, spec.race.levels)
    parts = yield from racer_by_racer(
        _part, [spec.with_race(racers=(replace(racer, look=0),)) for racer in spec.race.racers]
    )
    starts, shape = starts_of(spec), (len(seeds), spec.crowd)
    final, arrived = (np.stack([_spread(part, name, shape) for part in parts]) for name in ("final", "arrived"))
    draws = min(len(seeds) if part.same else len(part.final) for part in parts)
    diverged_shares = [np.isinf(part.final).mean() for part in parts]
    arrival_shares = [np.isfinite(part.arrived).mean() for part in parts]
    return RobustnessRecord(
        spec=spec, steps=spec.race.steps, noise=spec.race.noise, tolerance=spec.race.tolerance,
        starts=starts, seeds=np.array(seeds), lowest=ground.lowest, shown=_shown_steps(spec.race.steps),
        bands=np.stack([part.bands for part in parts]), final=final, arrived=arrived,
        runs=np.array([part.final.size for part in parts]),
        quartiles=np.stack([quartiles(part.final.reshape(1, -1))[:, 0] for part in parts]),
        diverged=np.array(diverged_shares), reached=np.array(arrival_shares),
        compared=draws * spec.crowd, **_wins(final[:, :draws].reshape(len(parts), -1), ground.lowest),
        remarks=tuple(part.remark for part in parts),
    )  # fmt: skip


def starts_of(spec: Robustness) -> np.ndarray:
    """The starts, (S, 2); the spec says how they are drawn."""
    left, right, bottom, top = spec.race.surface.window
    uniform = stream(spec.race.seed, "starts of a crowd").random((spec.crowd, 2))
    points = np.array([left, bottom]) + uniform * np.array([right - left, top - bottom])
    begin = np.array(spec.race.starts[0])
    return begin + spec.spread * (points - begin)


def quartiles(losses: np.ndarray) -> np.ndarray:
    """The quartiles of `losses` (K, n), shape (3, K); NaN counts as infinitely high.

    Order statistics, not means of neighbours: the k-th smallest with k = n/4, n/2 and 3n/4 rounded up.
    """
    count = losses.shape[1]
    places = [-(-count * part // 4) - 1 for part in (1, 2, 3)]
    high = losses if np.isfinite(losses).all() else np.where(np.isnan(losses), np.inf, losses)
    return np.partition(high, places, axis=1)[:, places].T


def _shown_steps(steps: int) -> np.ndarray:
    return np.unique(np.linspace(0, steps, min(steps + 1, MOST_SHOWN)).round().astype(int))


def _spread(part: Part, name: str, shape: tuple[int, int]) -> np.ndarray:
    """Results of the draws that a racer ran, (D, S): repeated where draws change nothing, NaN where it made none."""
    values, full = getattr(part, name), np.full(shape, np.nan)
    full[: None if part.same else len(values)] = values
    return full


def _random(spec: Robustness, racer: Racer) -> bool:
    """Whether a racer depends on the draw."""
    return bool(spec.race.noise) or isinstance(racer.optimizer, Search)


@functools.lru_cache(maxsize=96)
def _part(spec: Robustness) -> Part:
    """The part of the one racer of `spec`; kept, so that a change of one racer runs that one only."""
    (racer,) = spec.race.racers
    random = _random(spec, racer)
    return _together(spec, random) if side_by_side(racer.optimizer) else _one_by_one(spec, random)


def _together(spec: Robustness, random: bool) -> Part:
    """All runs as lanes, a row of starts for each draw; one row where the draws change nothing."""
    (racer,), starts = spec.race.racers, starts_of(spec)
    seeds = spec.seeds() if random else spec.seeds()[:1]
    problem = _course(spec, seeds)
    xy = np.ascontiguousarray(np.broadcast_to(starts.T[:, None], (2, len(seeds), len(starts))))
    outcomes, steps, bands = Outcomes(xy.shape[1:], _enough(spec)), _shown_steps(spec.race.steps), []
    for first, chunk in follow(losses(racer, problem, xy), spec.race.steps + 1, outcomes):
        rows = steps[(steps >= first) & (steps < first + len(chunk))] - first
        bands.append(quartiles(chunk[rows].reshape(len(rows), -1)))
    final = np.where(outcomes.alive, outcomes.final, np.inf)
    return Part(
        bands=np.concatenate(bands, axis=1), final=final, arrived=outcomes.arrived, same=not random, remark=NOTHING
    )


def _one_by_one(spec: Robustness, random: bool) -> Part:
    """One run after the other, with the first draw; a run that stops early keeps its last loss."""
    (racer,), starts = spec.race.racers, starts_of(spec)
    path = trajectory(racer, problem_of(spec.race), starts)
    table, outcomes = path.rows[..., 2], Outcomes((len(starts),), _enough(spec))
    outcomes.add(table.T)
    alive = np.array([end != "diverged" for end in path.ends])
    filled_losses = np.where(alive[:, None] & np.isnan(table), outcomes.final[:, None], table)
    final = np.where(alive, outcomes.final, np.inf)
    note = Message("makes one run at a time: it ran with the first draw only")
    remark = note if random and spec.draws > 1 else NOTHING
    return Part(
        bands=quartiles(filled_losses[:, _shown_steps(spec.race.steps)].T),
        final=final[None],
        arrived=outcomes.arrived[None],
        same=not random,
        remark=remark,
    )


def _course(spec: Robustness, seeds: tuple[int, ...]) -> Problem:
    """The course of a race, with the draws of each seed in an axis of their own at the end."""
    problems = [problem_of(replace(spec.race, seed=seed)) for seed in seeds]
    draws: dict[str, Any] = {
        name: np.stack([getattr(problem, name) for problem in problems], axis=-1)
        for name in ("uniform", "normal", "noise")
        if getattr(problems[0], name) is not None
    }
    return dataclasses.replace(problems[0], **draws)


def _enough(spec: Robustness) -> float:
    return terrain(spec.race.surface, spec.race.penalty, spec.race.levels).lowest + spec.race.tolerance


def _wins(final: np.ndarray, lowest: float) -> dict[str, Any]:
    """Who has the lowest final loss of each run, from `final` (R, runs); losses that rounding parts are equal."""
    best = final.min(axis=0)
    unit = ROUNDING * max(1.0, abs(lowest) if np.isfinite(lowest) else 1.0)
    with np.errstate(invalid="ignore"):
        winner = np.isfinite(final) & (final <= best + unit)
    count = winner.sum(axis=0)
    return {
        "wins": (winner / np.maximum(count, 1)).sum(axis=1),
        "ties": (winner & (count > 1)).sum(axis=1),
        "nobody": int((count == 0).sum()),
    }
