"""Learning-rate sweeps: all rates of a racer run side by side, as lanes that differ in the rate only."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from playground.engine import stability
from playground.engine.many_runs import Outcomes, follow, losses, racer_by_racer
from playground.engine.race import factors_of, problem_of, trajectory
from playground.engine.terrain import terrain
from playground.jobs.job import Steps
from playground.messages import NOTHING, Message
from playground.record import SweepRecord
from playground.specs import Racer, RateSweep


@dataclass(frozen=True, kw_only=True)
class Part:
    """One racer's part of the record; shapes as there, without R, and with its own rate behind the others."""

    final: np.ndarray
    best: np.ndarray
    arrived: np.ndarray
    diverged: np.ndarray
    remark: Message


def sweep(spec: RateSweep) -> Steps:
    """Run every racer with every learning rate, from each of the race's starts; returns a `SweepRecord`."""
    race, rates = spec.race, spec.rates()
    ground, starts = terrain(race.surface, race.penalty, race.levels), np.array(race.starts)
    parts = yield from racer_by_racer(
        _part, [spec.with_race(racers=(replace(racer, look=0),)) for racer in race.racers]
    )
    final, best, arrived, diverged = (
        np.stack([getattr(part, name) for part in parts]) for name in ("final", "best", "arrived", "diverged")
    )
    own = np.array([getattr(racer.optimizer, "lr", np.nan) for racer in spec.race.racers], dtype=float)
    derived = spec.race.derived()
    with np.errstate(all="ignore"):
        first = np.broadcast_to(derived.value_function("numpy")(*starts.T)[0], len(starts)).astype(float)
    tuned = _best_rates(final[..., :-1], arrived[..., :-1], diverged[..., :-1], np.isfinite(own))
    return SweepRecord(
        spec=spec, steps=spec.race.steps, noise=spec.race.noise, tolerance=spec.race.tolerance,
        starts=starts, rates=rates, lowest=ground.lowest, first=first,
        final=final[..., :-1], best=best[..., :-1], arrived=arrived[..., :-1], diverged=diverged[..., :-1],
        own=own, own_final=final[..., -1], own_diverged=diverged[..., -1],
        tuned=np.where(tuned >= 0, rates[tuned], np.nan),
        tuned_final=np.where(tuned >= 0, np.take_along_axis(final, tuned[..., None], axis=-1)[..., 0], np.nan),
        remarks=tuple(part.remark for part in parts),
        **_limits(spec, ground.minima, starts),
    )  # fmt: skip


@functools.lru_cache(maxsize=96)
def _part(spec: RateSweep) -> Part:
    """The part of the one racer of `spec`; kept, so that a change of one racer runs that one only."""
    race, (racer,), starts = spec.race, spec.race.racers, np.array(spec.race.starts)
    enough = terrain(race.surface, race.penalty, race.levels).lowest + race.tolerance
    if not hasattr(racer.optimizer, "lr"):
        return _flat(spec, racer, starts, enough)
    knob = racer.optimizer.knobs()["lr"]
    rates = np.append(spec.rates(), racer.optimizer.rate)
    allowed = (knob.low <= rates) & (rates <= knob.high)
    only = Message("takes rates from {low:g} to {high:g} only", low=knob.low, high=knob.high)
    remark = NOTHING if allowed.all() else only
    outcomes = _together(spec, racer, starts, rates[allowed], enough)
    full = {
        name: np.full((len(starts), len(rates)), False if values.dtype == bool else np.nan)
        for name, values in outcomes.items()
    }
    for name, values in outcomes.items():
        full[name][:, allowed] = values
    return Part(**full, remark=remark)


def _together(
    spec: RateSweep, racer: Racer, starts: np.ndarray, rates: np.ndarray, enough: float
) -> dict[str, np.ndarray]:
    """Outcomes (S, n) with these rates (n,), all runs as lanes."""
    shape = len(starts), len(rates)
    xy = np.repeat(starts.T, len(rates), axis=1)
    outcomes = Outcomes(xy.shape[1:], enough)
    problem = problem_of(spec.race)
    for _ in follow(losses(racer, problem, xy, np.tile(rates, len(starts))), problem.steps + 1, outcomes):
        pass
    return _outcome_fields(
        *(array.reshape(shape) for array in (outcomes.final, outcomes.best, outcomes.arrived, outcomes.alive))
    )


def _flat(spec: RateSweep, racer: Racer, starts: np.ndarray, enough: float) -> Part:
    """The part of a racer without a learning rate, which runs once from each start."""
    path, shape = trajectory(racer, problem_of(spec.race), starts), (len(starts), len(spec.rates()) + 1)
    outcomes = Outcomes((len(starts),), enough)
    outcomes.add(path.rows[..., 2].T)
    alive = np.array([end != "diverged" for end in path.ends])
    outcome_fields = _outcome_fields(outcomes.final, outcomes.best, outcomes.arrived, alive)
    full = {name: np.broadcast_to(values[:, None], shape) for name, values in outcome_fields.items()}
    return Part(**full, remark=Message("has no learning rate: its line is flat"))


def _outcome_fields(
    final: np.ndarray, best: np.ndarray, arrived: np.ndarray, alive: np.ndarray
) -> dict[str, np.ndarray]:
    return {"final": final, "best": best, "arrived": arrived, "diverged": ~alive}


def _best_rates(final: np.ndarray, arrived: np.ndarray, diverged: np.ndarray, tunable: np.ndarray) -> np.ndarray:
    """Which rate is the best, (R, S); -1 where there is none.

    The one with the lowest final loss; among equals the one that arrived first, then the smallest.
    """
    reachable = np.where(diverged | np.isnan(final), np.inf, final)
    lowest = reachable.min(axis=-1, keepdims=True)
    soon = np.where(reachable == lowest, np.nan_to_num(arrived, nan=np.inf), np.nan)
    first = np.nanmin(soon, axis=-1, keepdims=True)
    indices = (soon == first).argmax(axis=-1)
    return np.where(np.isfinite(lowest[..., 0]) & tunable[:, None], indices, -1)


def _limits(spec: RateSweep, minima: np.ndarray, starts: np.ndarray) -> dict[str, Any]:
    """Minimum, curvature and stability limits; shapes as in the record."""
    nearest = np.full((len(starts), 2), np.nan)
    curvature, limits = np.full(len(starts), np.nan), np.full((len(spec.race.racers), len(starts)), np.nan)
    if len(minima):
        nearest = minima[np.linalg.norm(starts[:, None] - minima, axis=-1).argmin(axis=1)]
        for s, minimum in enumerate(nearest):
            hessian = stability.hessian_at(spec.race.derived(), minimum)
            curvature[s] = stability.curvature(hessian)
            for r, racer in enumerate(spec.race.racers):
                if np.isfinite(curvature[s]) and _steady(spec, racer):
                    limits[r, s] = stability.limit(racer.optimizer, hessian, spec.race.penalty.decay())
    decay = spec.race.penalty.decay()
    return {
        "minimum": nearest,
        "curvature": curvature,
        "decay": decay,
        "limit": 2 / (curvature + decay),
        "limits": limits,
    }


def _steady(spec: RateSweep, racer: Racer) -> bool:
    """Whether the learning rate stays what it is: a schedule that changes it moves the limit, too."""
    return set(factors_of(racer.schedule, spec.race.steps)) == {1.0}
