"""A race: every racer of a spec from every start, on floats for one start and on arrays for many."""

from __future__ import annotations

import collections
import dataclasses
import functools
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from playground.choices.optimizers import Minimizer, Optimizer, PlaneRule, Rule, Search, Stop
from playground.choices.optimizers.whole_net import NetOptimizer
from playground.choices.schedules import Schedule
from playground.engine import blocks, floats, process, reference
from playground.engine.stability import hessian_at, kind_of_point
from playground.engine.streams import stream
from playground.engine.terrain import terrain
from playground.messages import Message, marked
from playground.record import RaceRecord, Terrain
from playground.specs import Race, Racer

BLOCK = 32768  # lanes per block: with fewer, two threads spend their time handing the interpreter's lock over


@dataclass(frozen=True, kw_only=True)
class Trajectory:
    """One racer's part of the record; shapes as there, without R."""

    rows: np.ndarray  # (S, T + 1, 5): x, y, loss, gx, gy; NaN behind the end
    states: dict[str, np.ndarray]
    rates: np.ndarray
    evaluations: np.ndarray
    lengths: np.ndarray
    ends: tuple[str, ...]
    sentences: tuple[Message, ...]


def race(spec: Race) -> RaceRecord:
    """Run all racers from all starts. Leaving the finite numbers is a result, not an error."""
    problem, ground = problem_of(spec), terrain(spec.surface, spec.penalty, spec.levels)
    derived = problem.derived.with_axes(ground.axes)
    tracks = [trajectory(racer, problem, np.array(spec.starts)) for racer in spec.racers]
    rows = np.stack([track.rows for track in tracks])
    lengths = np.stack([track.lengths for track in tracks])
    return RaceRecord(
        spec=spec,
        latex=derived.latex,
        plain=derived.plain,
        terrain=ground,
        starts=np.array(spec.starts),
        steps=spec.steps,
        tolerance=spec.tolerance,
        positions=rows[..., :2],
        losses=rows[..., 2],
        gradients=rows[..., 3:],
        states=tuple(trajectory.states for trajectory in tracks),
        rates=np.stack([trajectory.rates for trajectory in tracks]),
        evaluations=np.stack([trajectory.evaluations for trajectory in tracks]),
        lengths=lengths,
        ends=tuple(trajectory.ends for trajectory in tracks),
        sentences=tuple(trajectory.sentences for trajectory in tracks),
        **_summary(rows[..., :2], rows[..., 2], lengths, ground, spec.tolerance),
    )


def ends_of(spec: Race, starts: np.ndarray) -> np.ndarray:
    """Where the spec's racers end from any number of `starts` (S, 2): x, y and loss, shape (R, S, 3).

    For maps: nothing on the way is kept, and a lane that diverged ends there. Blocks of lanes run on
    threads, since NumPy works without the interpreter's lock.
    """
    problem = problem_of(spec)
    parts = np.array_split(starts, -(-len(starts) // BLOCK))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        racer_ends = [list(pool.map(functools.partial(_block_ends, racer, problem), parts)) for racer in spec.racers]
    return np.stack([np.concatenate(ends) for ends in racer_ends])


def _block_ends(racer: Racer, problem: reference.Problem, starts: np.ndarray) -> np.ndarray:
    """(x, y, loss) of one racer at the end from `starts` (S, 2); shape (S, 3)."""
    if isinstance(racer.optimizer, (Minimizer, NetOptimizer)):
        rows = trajectory(racer, problem, starts).rows
        last = np.isfinite(rows[..., 2]).sum(axis=1) - 1
        return rows[np.arange(len(starts)), last, :3]
    xy, factors = np.ascontiguousarray(starts.T), factors_of(racer.schedule, problem.steps)
    with np.errstate(all="ignore"):
        if isinstance(racer.optimizer, Rule):
            point = blocks.rule_ends(racer.optimizer, problem, xy, factors)
        else:
            point = collections.deque(reference.points(racer.optimizer, problem, xy, factors), maxlen=1).pop()[0]
        return np.stack([*point, problem.loss(point)], axis=-1)


def problem_of(spec: Race) -> reference.Problem:
    """What all racers of the spec share; the random draws come from its seed."""
    shape = (spec.steps, 2)
    noise = stream(spec.seed, "gradient noise").normal(0.0, spec.noise, (spec.steps + 1, 2)) if spec.noise else None
    return reference.Problem(
        derived=spec.derived(),
        source=spec.gradient,
        steps=spec.steps,
        noise=noise,
        uniform=stream(spec.seed, "uniform search").random(shape),
        normal=stream(spec.seed, "normal search").normal(size=shape),
        window=spec.surface.window,
        decay=spec.penalty.decay(),
        seed=int(stream(spec.seed, "library").integers(2**31)),
    )


@functools.lru_cache(maxsize=64)
def factors_of(schedule: Schedule, steps: int) -> tuple[float, ...]:
    """What a schedule multiplies the learning rate with at each of the steps, shape (T,)."""
    return tuple([schedule(t, steps) for t in range(steps)])


def trajectory(racer: Racer, problem: reference.Problem, starts: np.ndarray) -> Trajectory:
    """One racer's part of the record, from `starts` (S, 2)."""
    optimizer, factors = racer.optimizer, factors_of(racer.schedule, problem.steps)
    stops: list[Stop | None] = [None] * len(starts)
    fields = optimizer.State._fields if isinstance(optimizer, (Rule, PlaneRule)) else ()
    if isinstance(optimizer, Minimizer):
        table, evaluations, stops = _minimize(optimizer, problem, starts)
    elif isinstance(optimizer, NetOptimizer):
        ways = process.paths(optimizer, problem, starts, factors)
        stops = [way.stop for way in ways]
        table, evaluations, fields = process.table(ways, problem.steps + 1)
    else:
        table = _run(racer, problem, starts, factors)
        evaluations = np.broadcast_to(_evaluations(optimizer, problem), (len(starts), problem.steps + 1))
    full = np.full((len(starts), problem.steps + 1, table.shape[2]), np.nan)
    full[:, : table.shape[1]] = table
    lengths = _lengths(full[..., :5], isinstance(optimizer, Search))
    behind = np.arange(problem.steps + 1) >= lengths[:, None]
    full[behind] = np.nan
    points = full[np.arange(len(starts)), np.maximum(lengths - 1, 0), :2]
    ends, sentences = zip(
        *(_ending(n, problem, stop, point) for n, stop, point in zip(lengths.tolist(), stops, points))
    )
    return Trajectory(
        rows=full[..., :5],
        states={name: full[..., 5 + 2 * i : 7 + 2 * i] for i, name in enumerate(fields)},
        rates=getattr(optimizer, "lr", np.nan) * np.array([*factors, factors[-1]]),
        evaluations=np.where(behind, np.nan, evaluations),
        lengths=lengths,
        ends=ends,
        sentences=sentences,
    )


def _run(racer: Racer, problem: reference.Problem, starts: np.ndarray, factors: tuple[float, ...]) -> np.ndarray:
    """Rows of `lanes.run`, from floats where that is possible."""
    if isinstance(racer.optimizer, Rule) and len(starts) == 1:
        point = tuple(starts[0].tolist())
        try:
            return floats.run_rule(
                racer.optimizer, problem.derived, problem.source, point, factors, problem.noise, problem.decay
            )[None]
        except floats.PYTHON_RAISES:
            pass  # plain floats raise where arrays go on with inf or NaN, and those decide how the race ended
    return reference.run(racer.optimizer, problem, starts, factors)


def _evaluations(optimizer: Optimizer, problem: reference.Problem) -> np.ndarray:
    """Evaluations asked for up to each point, shape (T + 1,)."""
    steps = np.arange(problem.steps + 1, dtype=float)
    if isinstance(optimizer, Search):
        return steps + 1  # the loss at the start, then one for each proposal
    return steps * (problem.source.cost + isinstance(optimizer, PlaneRule))


def _lengths(rows: np.ndarray, search: bool) -> np.ndarray:
    """Points before the first that is not finite, shape (S,); a search sees no gradient."""
    finite = np.isfinite(rows[..., :3] if search else rows).all(axis=-1)
    return np.where(finite.all(axis=1), finite.shape[1], finite.argmin(axis=1))


def _minimize(
    method: Minimizer, problem: reference.Problem, starts: np.ndarray
) -> tuple[np.ndarray, np.ndarray, list[Stop | None]]:
    """Rows (S, T + 1, 5), evaluations (S, T + 1) and why it stopped (S) of a method that runs by itself."""
    table = np.full((len(starts), problem.steps + 1, 5), np.nan)
    evaluations = np.full(table.shape[:2], np.nan)
    stops: list[Stop | None] = []
    for i, start in enumerate(starts):
        path, slopes, counts, stop = _minimize_one(method, problem, start)
        with np.errstate(all="ignore"):
            table[i, : len(path)] = np.column_stack([path, problem.loss(path.T), slopes])
        evaluations[i, : len(path)] = counts
        stops.append(stop if np.isfinite(table[i, : len(path)]).all() else None)
    return table, evaluations, stops


def _minimize_one(
    method: Minimizer, problem: reference.Problem, start: np.ndarray
) -> tuple[np.ndarray, np.ndarray, list[int], Stop]:
    """Points (n, 2), the gradients that the method saw there (n, 2), evaluations up to each, and why it stopped."""
    path, counts, evaluations = [start.copy()], [0], 0
    visits: list[tuple[np.ndarray, np.ndarray]] = []

    def value(x: np.ndarray) -> float:
        nonlocal evaluations
        evaluations += 1
        return float(problem.loss(np.asarray(x)))

    def gradient(x: np.ndarray) -> np.ndarray:
        nonlocal evaluations
        evaluations += problem.source.cost
        slope = problem.gradient(np.asarray(x).reshape(2, 1), len(visits) % (problem.steps + 1))[1][:, 0]
        visits.append((np.array(x), slope))
        return slope

    def report(x: np.ndarray) -> None:
        path.append(np.array(x, dtype=float))
        counts.append(evaluations)

    with np.errstate(all="ignore"):
        stop = method.minimize(value, gradient, start.copy(), problem.steps, report)
        slopes = [_slope_at(point, visits, problem) for point in path[: problem.steps + 1]]
    return np.array(path[: problem.steps + 1]), np.array(slopes), counts[: problem.steps + 1], stop


def _slope_at(point: np.ndarray, visits: list[tuple[np.ndarray, np.ndarray]], problem: reference.Problem) -> np.ndarray:
    """The gradient that a method was last given at `point`; without noise where it accepted a point unseen."""
    slopes = [slope for x, slope in visits if np.array_equal(x, point)]
    return slopes[-1] if slopes else dataclasses.replace(problem, noise=None).gradient(point.reshape(2, 1), 0)[1][:, 0]


EARLY = {
    "converged": marked("Settled after step {step}: {reason}"),
    "stopped": marked("Stopped after step {step}: {reason}"),
    "failed": marked("Failed after step {step}: {reason}"),
}


def _ending(length: int, problem: reference.Problem, stop: Stop | None, point: np.ndarray) -> tuple[str, Message]:
    """How a racer ended at `point`, as a word and as a sentence."""
    if length == 0:
        return "diverged", Message("The loss or its gradient is not finite at the start.")
    if length == problem.steps + 1:
        return "ran", Message("Ran all {steps} steps.", steps=problem.steps)
    if stop and stop.word != "diverged":
        reason = stop.reason
        if stop.word == "converged":
            reason = Message("{reason} {kind}", reason=reason, kind=kind_of_point(hessian_at(problem.derived, point)))
        return stop.word, Message(EARLY[stop.word], step=length - 1, reason=reason)
    return "diverged", Message("Diverged at step {step}: NaN or infinite.", step=length)


def _summary(
    positions: np.ndarray, losses: np.ndarray, lengths: np.ndarray, ground: Terrain, tolerance: float
) -> dict[str, np.ndarray]:
    """Final and best loss, distance to the nearest minimum and steps to the tolerance, each (R, S)."""
    last = np.maximum(lengths - 1, 0)[..., None]
    final = np.take_along_axis(losses, last, axis=-1)[..., 0]
    points = np.take_along_axis(positions, last[..., None], axis=-2)[..., 0, :]
    gaps = np.hypot(*np.moveaxis(points[..., None, :] - ground.minima, -1, 0))  # squares of far points would overflow
    near = losses <= ground.lowest + tolerance
    return {
        "final": final,
        "best": np.fmin.reduce(losses, axis=-1),
        "distance": gaps.min(axis=-1) if len(ground.minima) else np.full(final.shape, np.nan),
        "arrived": np.where(near.any(axis=-1), near.argmax(axis=-1), np.nan),
    }
