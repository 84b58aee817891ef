"""Basin maps: which minimum every start of the window reaches, and after how many steps.

A start has reached a minimum when its last point lies within the radius of it (of the nearest one, where several do);
the steps needed are those after which it never left that circle again, so that a racer which bounces or rolls through
has not arrived. Distances are in widths and heights of the window. As in a race, a start diverges with the first
position, loss or gradient that is not finite.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from playground.choices.optimizers import Minimizer, Optimizer, Rule, Search
from playground.choices.penalties import Penalty
from playground.choices.surfaces import Surface
from playground.engine import compiled, reference, tensors
from playground.engine.many_runs import racer_by_racer
from playground.engine.minima import local_minima
from playground.engine.race import factors_of, problem_of, trajectory
from playground.engine.terrain import terrain
from playground.jobs.job import Steps
from playground.messages import NOTHING, Message
from playground.record import BasinRecord, Terrain
from playground.record.basins import DIVERGED, NONE
from playground.specs import BasinMap, Race, Racer
from playground.specs.basins import QUICK

SLOW = 32  # starts a side, at most, for methods that run by themselves, one start at a time: seconds
TRAIL = 2**22  # numbers that NumPy keeps at once

BatchResult = tuple[np.ndarray, np.ndarray, np.ndarray]  # last points (S, 2), place reached (S,), step of arrival (S,)


def basin_map(spec: BasinMap) -> Steps:
    """The map of every racer of the spec; returns a `BasinRecord`."""
    ground = terrain(spec.race.surface, spec.race.penalty, spec.race.levels)
    xs, ys = (_middles(*ends, spec.side) for ends in (ground.window[:2], ground.window[2:]))
    minima, losses = places(spec.race.surface, spec.race.penalty)
    maps = yield from racer_by_racer(one_map, [_unit(spec, racer) for racer in spec.race.racers])
    reached = np.stack([reached for reached, _ in maps])
    codes = [*range(len(minima)), NONE, DIVERGED]
    grain = tuple(_grain(racer.optimizer, spec.side) for racer in spec.race.racers)
    return BasinRecord(
        spec=spec,
        terrain=ground,
        steps_run=spec.race.steps,
        radius=spec.radius,
        xs=xs,
        ys=ys,
        minima=minima,
        losses=losses,
        reached=reached,
        steps=np.stack([steps for _, steps in maps]),
        shares=np.stack([(reached == code).mean(axis=(1, 2)) for code in codes], axis=1),
        grain=grain,
        notes=tuple(_note(racer, side, spec) for racer, side in zip(spec.race.racers, grain)),
    )


def _unit(spec: BasinMap, racer: Racer) -> BasinMap:
    """One racer's map alone, without what does not change it: a start that is moved costs no new map."""
    return spec.with_race(racers=(replace(racer, look=0),), starts=(), tolerance=1.0, levels="auto")


@functools.lru_cache(maxsize=64)
def one_map(unit: BasinMap) -> tuple[np.ndarray, np.ndarray]:
    """Place reached and steps needed for the only racer of `unit`; two int16 arrays (n, n)."""
    (racer,), (minima, _) = unit.race.racers, places(unit.race.surface, unit.race.penalty)
    left, right, bottom, top = unit.race.surface.window
    side = _grain(racer.optimizer, unit.side)
    starts = np.stack(np.meshgrid(_middles(left, right, side), _middles(bottom, top, side)), axis=-1).reshape(-1, 2)
    scale = np.array([1 / (right - left), 1 / (top - bottom), unit.radius**2])
    _, reached, steps = run_batch(unit, starts, minima, scale)
    return _spread(reached.reshape(side, side), unit.side), _spread(steps.reshape(side, side), unit.side)


def run_batch(unit: BasinMap, starts: np.ndarray, minima: np.ndarray, scale: np.ndarray) -> BatchResult:
    """The unit's only racer from `starts` (S, 2), by whatever suits the method and the size of the map.

    `minima` (M, 2); `scale`: one over the window's width and height, and the square of the radius in those units.
    """
    (racer,), problem = unit.race.racers, problem_of(unit.race)
    factors = factors_of(racer.schedule, problem.steps)
    if isinstance(racer.optimizer, Minimizer):
        return _one_by_one(racer, problem, starts, minima, scale)
    if len(starts) * problem.steps <= QUICK:  # done before a kernel would be compiled
        return with_numpy(racer.optimizer, problem, starts, factors, minima, scale)
    if isinstance(racer.optimizer, Rule) and tensors.device():
        return tensors.run_batch(
            racer.optimizer, problem, starts, factors, minima, scale, tensors.device(), unit.precision
        )
    return compiled.run_batch(racer.optimizer, problem, starts, factors, minima, scale, unit.precision)


def with_numpy(
    optimizer: Optimizer,
    problem: reference.Problem,
    starts: np.ndarray,
    factors: Sequence[float],
    minima: np.ndarray,
    scale: np.ndarray,
) -> BatchResult:
    """As `run_batch`, on arrays, in double precision."""
    parts = []
    for some in np.array_split(starts, -(-len(starts) * (problem.steps + 1) * 2 // TRAIL)):
        positions, sound = np.empty((problem.steps + 1, 2, len(some))), np.ones(len(some), bool)
        with np.errstate(all="ignore"):
            points = reference.points(optimizer, problem, np.ascontiguousarray(some.T), factors)
            for row, (position, loss, slope, _) in zip(positions, points):
                row[:] = position
                sound &= np.isfinite(position).all(axis=0) & np.isfinite(loss)
                sound &= isinstance(optimizer, Search) or np.isfinite(slope).all(axis=0)
        parts.append(settle(positions, sound, minima, scale))
    ends, reached, steps = map(np.concatenate, zip(*parts))
    return ends, reached, steps


def _one_by_one(
    racer: Racer, problem: reference.Problem, starts: np.ndarray, minima: np.ndarray, scale: np.ndarray
) -> BatchResult:
    """For methods that run by themselves: where one has stopped, it stays."""
    paths = trajectory(racer, problem, starts)
    last = np.maximum(paths.lengths - 1, 0)
    rows = np.minimum(np.arange(problem.steps + 1)[:, None], last)  # (T + 1, S)
    positions = paths.rows[np.arange(len(starts)), rows, :2].transpose(0, 2, 1)
    return settle(positions, np.array([word != "diverged" for word in paths.ends]), minima, scale)


def settle(positions: np.ndarray, sound: np.ndarray, minima: np.ndarray, scale: np.ndarray) -> BatchResult:
    """What is read off the points (T + 1, 2, S) of some starts; `sound` (S,): which of them stayed finite."""
    count, wide, ends = positions.shape[2], scale[:2, None], positions[-1]
    reached, steps, goals = np.full(count, NONE, np.int16), np.zeros(count, np.int16), np.full((2, count), np.nan)
    with np.errstate(all="ignore"):
        if len(minima):
            gaps = np.stack([_gaps(ends, minimum[:, None], wide) for minimum in minima])
            near = sound & (gaps.min(axis=0) < scale[2])
            reached[near] = gaps.argmin(axis=0)[near]
            goals[:, near] = minima[reached[near]].T
        for k, position in enumerate(positions, 1):
            steps[~(_gaps(position, goals, wide) < scale[2])] = k
    steps[steps == len(positions)] = -1
    reached[~sound] = DIVERGED
    return ends.T.copy(), reached, steps


def _gaps(position: np.ndarray, goal: np.ndarray, wide: np.ndarray) -> np.ndarray:
    """Squared distances in the units of `scale`, in the order of the compiled kernel."""
    u, v = (position - goal) * wide
    return u * u + v * v


@functools.lru_cache(maxsize=32)
def places(surface: Surface, penalty: Penalty) -> tuple[np.ndarray, np.ndarray]:
    """The minima in the window, lowest first, (M, 2), and the loss there, (M,)."""
    ground: Terrain = terrain(surface, penalty, "auto")
    derived = Race(surface=surface, penalty=penalty).derived()
    (left, right, bottom, top), (ny, nx) = ground.window, ground.values.shape
    xs, ys = np.linspace(left, right, nx), np.linspace(bottom, top, ny)
    minima = local_minima(derived, ground.window, xs, ys, ground.values, ground.minima)
    return minima, np.array(np.broadcast_to(derived.value_function("numpy")(*minima.T)[0], len(minima)), dtype=float)


def _middles(low: float, high: float, count: int) -> np.ndarray:
    """The middles of `count` equal cells."""
    return low + (high - low) * (np.arange(count) + 0.5) / count


def _grain(optimizer: Optimizer, side: int) -> int:
    """Starts a side that are run: an eighth for methods that run by themselves, so that a coarse map is there soon."""
    return min(SLOW, max(8, side // 8)) if isinstance(optimizer, Minimizer) else side


def _spread(values: np.ndarray, side: int) -> np.ndarray:
    """A coarser map on `side` x `side` cells, each with the value of the cell that holds its middle."""
    cells = (np.arange(side) + 0.5) * len(values) // side
    return values[np.ix_(cells.astype(int), cells.astype(int))]


def _note(racer: Racer, grain: int, spec: BasinMap) -> Message:
    if grain == spec.side:
        return NOTHING
    return Message(
        "{racer} runs by itself, one start at a time: the map has {side} x {side} of them.",
        racer=racer.optimizer.label,
        side=grain,
    )
