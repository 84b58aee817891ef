"""A comparison of forms: the variants run as racers, and the distance between them set against rounding."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np

from playground.engine.race import problem_of, race, trajectory
from playground.messages import Message
from playground.record import FormsRecord, RaceRecord
from playground.specs.forms import Forms

EPSILON = float(np.finfo(float).eps)
SLACK = 100.0  # roundings in one step and its state, and how unlike two forms grow them


def forms(spec: Forms) -> FormsRecord:
    """The record of a spec. Two variants count as the same while they differ by no more than rounding explains.

    What it explains at step t is (t + 1) times the larger of one rounding and of what became of one rounding at the
    start, measured on the first variant, times `SLACK`: a surface that drives neighbouring starts apart drives two
    forms of one method apart in the same way.
    """
    variants, question = spec.form.variants(), spec.race
    record = replace(race(question), spec=spec)
    labels = spec.labels()
    points = record.positions[:, 0]
    with np.errstate(all="ignore"):
        iterates = [
            variant.meets(point, {name: state[0] for name, state in states.items()})
            for variant, point, states in zip(variants, points, record.states)
        ]
        near = np.nextafter(record.starts, np.inf)
        control = _gap(points[0], trajectory(question.racers[0], problem_of(question), near).rows[0, :, :2])
        rounding = EPSILON * np.linalg.norm(points[0], axis=-1)
        deviation = np.maximum.accumulate(
            np.fmax(np.nan_to_num(control, posinf=0.0), np.nan_to_num(rounding, posinf=0.0))
        )
        allowed = SLACK * (np.arange(spec.steps + 1) + 1) * deviation
        pairs = tuple(combinations(range(len(variants)), 2))
        differences = np.array([_gap(iterates[i], iterates[j]) for i, j in pairs])
        direct = np.array([_gap(points[i], points[j]) for i, j in pairs])
        beyond = differences > allowed
    kin_index = 0 if spec.constant_rate() else 1
    facts = {
        "pairs": pairs, "labels": tuple(_both(labels[i], labels[j]) for i, j in pairs), "differences": differences,
        "direct": direct, "rounding": rounding, "control": control, "allowed": allowed,
        "same": ~beyond.any(axis=1) & np.array([_ends_alike(record, i, j) for i, j in pairs]),
        "expected": np.array([variants[i].kin[kin_index] == variants[j].kin[kin_index] for i, j in pairs]),
        "apart": np.where(beyond.any(axis=1), beyond.argmax(axis=1), np.nan),
        "largest": np.fmax.reduce(differences, axis=1),
    }  # fmt: skip
    sentences = tuple(_sentence(facts, p, spec.steps) for p in range(len(pairs)))
    return FormsRecord(spec=spec, race=record, sentences=sentences, **facts)


def _both(first: str, second: str) -> Message:
    return Message("{one} and {other}", one=Message(first), other=Message(second))


def _gap(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.linalg.norm(first - second, axis=-1)


def _ends_alike(record: RaceRecord, i: int, j: int) -> bool:
    """Whether both diverged, or neither."""
    return (record.ends[i][0] == "diverged") == (record.ends[j][0] == "diverged")


def _sentence(facts: dict[str, Any], p: int, steps: int) -> Message:
    """The verdict on one pair: what was measured, and what algebra says where it says something else."""
    largest, apart = float(facts["largest"][p]), facts["apart"][p]
    pair = facts["labels"][p]
    about = {"pair": pair, "steps": steps, "largest": largest}
    if facts["same"][p] and facts["expected"][p]:
        if largest == 0:
            return Message("{pair}: the same numbers to the last bit over {steps} steps.", pair=pair, steps=steps)
        return Message(
            "{pair}: the largest difference over {steps} steps is {largest:rough}: the same method, rounded "
            "differently.",
            **about,
        )
    if facts["same"][p]:
        return Message(
            "{pair}: two methods, but on this problem no more than rounding apart, {largest:rough} over {steps} steps.",
            **about,
        )
    if not np.isfinite(apart):
        return Message("{pair}: one diverges, the other does not.", pair=pair)
    explained = float(facts["allowed"][int(apart)])
    numbers = {"pair": pair, "step": int(apart), "largest": largest, "explained": explained}
    if facts["expected"][p]:
        return Message(
            "{pair}: they part at step {step}, where rounding explains only {explained:rough}, and get {largest:rough} "
            "apart, though algebra says that they are one.",
            **numbers,
        )
    return Message(
        "{pair}: they part at step {step}, where rounding explains only {explained:rough}, and get {largest:rough} "
        "apart: two methods.",
        **numbers,
    )
