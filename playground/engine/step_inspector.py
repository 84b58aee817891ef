"""One step of one racer taken apart: the race is run again, and the rule once more on terms that carry its numbers."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from playground.choices.optimizers import Minimizer, Optimizer, PlaneRule, Rule, Search
from playground.choices.optimizers.base import meanings
from playground.choices.optimizers.formula import DECAY, FACTOR, Line, worked_lines
from playground.choices.optimizers.whole_net import KEPT
from playground.engine.race import factors_of, problem_of, race
from playground.engine.reference import Problem
from playground.messages import NOTHING, Message
from playground.record import RaceRecord, StepRecord, Variable, WorkedLine, WorkedRow
from playground.registry import cached
from playground.specs import Race, Racer, StepInspection


def inspect_step(spec: StepInspection) -> StepRecord:
    """The step of a spec. Behind the racer's end it is the last one that led to finite numbers."""
    racer, problem = spec.race.racers[spec.chosen], problem_of(spec.race)
    record = _record(replace(spec.race, racers=(_on_its_iterates(racer),), starts=spec.race.starts[:1]))
    length = int(record.lengths[0, 0])
    k = max(min(spec.step, length - 2), -1)
    places = record.positions[0, 0]
    with np.errstate(all="ignore"):
        exact = _columns(problem.derived.gradient_function("numpy")(*places.T)[1:], len(places))
        hessians = _columns(problem.derived.hessian_function("numpy")(*places.T), len(places))
        numbers = _measurements(record, problem, k, exact, hessians)
    variables = _variables(racer.optimizer, record.states[0])
    lines: tuple[WorkedLine, ...] = ()
    sentence = Message("It made no step. {why}", why=record.sentences[0][0])
    if k >= 0:
        lines, sentence = _lines(spec, problem, numbers, variables, k)
    return StepRecord(
        spec=spec,
        terrain=record.terrain,
        axes=spec.race.surface.axes,
        steps=spec.race.steps,
        length=length,
        step=k,
        lost="failed" in record.ends[0],
        sentence=sentence,
        positions=places,
        gradients=record.gradients[0, 0],
        exact=exact,
        hessians=hessians,
        variables=variables,
        lines=lines,
        **numbers,
    )


def _record(spec: Race) -> RaceRecord:
    """The race of the racer alone; the last few are kept, because step after step of the same one is asked for."""
    record = _cached_race(spec)
    if "failed" in record.ends[0]:  # its process was lost: the next time it is tried again
        _cached_race.cache_clear()
    return record


_cached_race = functools.lru_cache(maxsize=16)(race)


def _on_its_iterates(racer: Racer) -> Racer:
    """The racer with its iterates as its points, where its answer is something else: gradients belong to those."""
    if not getattr(racer.optimizer, "answer", ""):
        return racer
    knobs = {name: getattr(racer.optimizer, name) for name in racer.optimizer.knobs()}
    return replace(racer, optimizer=_without_answer(type(racer.optimizer))(**knobs))


@cached()
def _without_answer(cls: type[Optimizer]) -> type[Optimizer]:
    return type(cls.__name__, (cls,), {"answer": "", "__doc__": cls.__doc__})


def _columns(values: tuple[Any, ...], count: int) -> np.ndarray:
    return np.stack([np.broadcast_to(np.asarray(value, dtype=float), count) for value in values], axis=-1)


def _measurements(
    record: RaceRecord, problem: Problem, k: int, exact: np.ndarray, hessians: np.ndarray
) -> dict[str, Any]:
    """The fields of `Anatomy` that are numbers of this step; all NaN where there is none."""
    rows = [table[k] if k >= 0 else np.full(table.shape[1:], np.nan) for table in (exact, hessians)]
    slope, (hxx, hxy, hyy) = rows
    hessian = np.array([[hxx, hxy], [hxy, hyy]])
    position, after, gradient = record.positions[0, 0, k], record.positions[0, 0, k + 1], record.gradients[0, 0, k]
    if k < 0:
        position = after = gradient = np.full(2, np.nan)
    move = after - position
    length, curvature = move @ move, move @ hessian @ move
    linear = float(slope @ move)
    loss, change = float(problem.loss(position)), float(problem.loss(after) - problem.loss(position))
    quadratic = linear + curvature / 2
    whole = np.isfinite(hessian).all()
    eigenvalues, directions = np.linalg.eigh(hessian) if whole else (np.full(2, np.nan), np.full((2, 2), np.nan))
    return {
        "position": position, "gradient": gradient, "slope": slope, "move": move,
        "rates": np.where(gradient != 0, move / -gradient, np.nan),
        "angle": angle(move, -(gradient if np.isfinite(gradient).all() else slope)),
        "curvature": float(curvature / length) if length else np.nan,
        "hessian": hessian, "eigenvalues": eigenvalues, "directions": directions,
        "newton": newton_step(hessian, slope),
        "loss": loss, "linear": linear, "quadratic": float(quadratic), "change": change,
        "agreement": float(change / quadratic) if quadratic else np.nan,
    }  # fmt: skip


def angle(a: np.ndarray, b: np.ndarray) -> float:
    """Degrees between two vectors (2,), from 0 to 180; NaN where one of them is zero.

    By the arc tangent of cross and dot product, which is exact for small angles, where an arc cosine is not.
    """
    cross, dot = abs(a[0] * b[1] - a[1] * b[0]), a @ b
    return float(np.degrees(np.arctan2(cross, dot))) if a.any() and b.any() else np.nan


def newton_step(hessian: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """-H^-1 g (2,) of a Hessian (2, 2) and a gradient (2,); NaN where H is singular or not finite."""
    (a, b), (_, d) = hessian
    determinant = a * d - b * b
    if not np.isfinite(determinant) or determinant == 0:
        return np.full(2, np.nan)
    return -np.array([d * slope[0] - b * slope[1], a * slope[1] - b * slope[0]]) / determinant


def _variables(optimizer: Optimizer, states: dict[str, np.ndarray]) -> tuple[Variable, ...]:
    descriptions = {name: ("", "as the library calls it") for name in states} | KEPT
    if isinstance(optimizer, Rule):
        descriptions = {name: (optimizer.drawn[name], words) for name, words in meanings(optimizer.State).items()}
    return tuple(
        Variable(
            name=name,
            latex=optimizer.symbols.get(name) or _name_latex(name),
            role=descriptions[name][0],
            words=descriptions[name][1],
            values=values[0],
        )
        for name, values in states.items()
    )


def _name_latex(name: str) -> str:
    """A variable's own name as LaTeX."""
    return name if len(name) == 1 else r"\texttt{" + name.replace("_", r"\_") + "}"


def _lines(
    spec: StepInspection, problem: Problem, numbers: Mapping[str, Any], variables: tuple[Variable, ...], k: int
) -> tuple[tuple[WorkedLine, ...], Message]:
    """The rule's lines for this step, and a sentence where they do not say all."""
    racer = spec.race.racers[spec.chosen]
    optimizer, factors = racer.optimizer, factors_of(racer.schedule, problem.steps)
    shared = {"t": float(k + 1), FACTOR: factors[k], DECAY: problem.decay}
    scheduled, decayed = any(factor != 1.0 for factor in factors), bool(problem.decay)
    work = functools.partial(worked_lines, optimizer, scheduled=scheduled, decayed=decayed)
    position, slope, hessian = numbers["position"], numbers["gradient"], numbers["hessian"]
    if isinstance(optimizer, Rule):
        ways = []
        for i in range(2):
            before = {f"{variable.latex}_{{t-1}}": variable.values[k, i] for variable in variables}
            ways.append(work(shared | before | {"x_t": position[i], "g_t": slope[i]}))
        return _worked_lines(ways, spec.race.surface.axes), NOTHING
    point = shared | {"x_t": position[0], "y_t": position[1]}
    if isinstance(optimizer, PlaneRule):
        curved = {"f_{xx}": hessian[0, 0], "f_{xy}": hessian[0, 1], "f_{yy}": hessian[1, 1]}
        return _worked_lines([work(point | curved | {"f_x": slope[0], "f_y": slope[1]})], ("",)), NOTHING
    if isinstance(optimizer, Search):
        draw = problem.uniform[k] if optimizer.draw == "uniform" else problem.normal[k]
        names = ("u_x", "u_y") if optimizer.draw == "uniform" else ("n_x", "n_y")
        edges = dict(zip((r"x_{\min}", r"x_{\max}", r"y_{\min}", r"y_{\max}"), problem.window))
        lines = work(point | dict(zip(names, draw)) | edges)
        return _worked_lines([lines], ("",)), _decision(lines, problem, numbers)
    return (), _by_itself(optimizer)


def _worked_lines(ways: list[list[Line]], axes: tuple[str, ...]) -> tuple[WorkedLine, ...]:
    """The same lines for one coordinate or both, as one line each with a row for each, or one for what is shared."""
    worked_lines = []
    for same in zip(*ways, strict=True):
        rows = [WorkedRow(axis, line.numbers, line.result, float(line.value)) for axis, line in zip(axes, same)]
        if not same[0].each:
            rows = [rows[0]._replace(axis="")]
        worked_lines.append(WorkedLine(name=same[0].name, text=same[0].text, rows=tuple(rows)))
    return tuple(worked_lines)


def _decision(lines: list[Line], problem: Problem, numbers: Mapping[str, Any]) -> Message:
    proposed = float(problem.loss(np.array([line.value for line in lines])))
    losses = {"tried": proposed, "present": float(numbers["loss"])}
    if numbers["move"].any():
        return Message(
            "The loss at the point tried is {tried:digits}, at the present one {present:digits}: lower, so that the "
            "racer moves there.",
            **losses,
        )
    return Message(
        "The loss at the point tried is {tried:digits}, at the present one {present:digits}: no lower, so that the "
        "racer stays.",
        **losses,
    )


def _by_itself(optimizer: Optimizer) -> Message:
    if isinstance(optimizer, Minimizer):
        return Message(
            "{optimizer} runs by itself: its step is computed by line searches inside SciPy, which shows only the "
            "result. What can be known from outside is shown.",
            optimizer=optimizer.label,
        )
    return Message(
        "{optimizer} runs by itself: its step is computed inside its library, which shows only the result. What can "
        "be known from outside is shown.",
        optimizer=optimizer.label,
    )
