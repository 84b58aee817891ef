"""A comparison of forms: the variants run as racers, and the distance between them set against rounding."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np

from playground.engine.race import course_of, race, track
from playground.numbers import rough
from playground.record import FormsRecord, RaceRecord
from playground.spec.forms import Forms

EPSILON = float(np.finfo(float).eps)
SLACK = 100.0  # roundings in one step and its state, and how unlike two forms grow them


def forms(spec: Forms) -> FormsRecord:
    """The record of a spec. Two variants count as the same while they differ by no more than rounding explains.

    What it explains at step t is (t + 1) times the larger of one rounding and of what became of one rounding at the
    start, measured on the first variant, times `SLACK`: a surface that drives neighbouring starts apart drives two
    forms of one method apart in the same way.
    """
    variants, question = spec.form.variants(), spec.race()
    found = race(question)
    labels, title = tuple(one.label for one in variants), f"{spec.form.label} · {found.title}"
    stamp = f"Optimizer Playground  {spec.to_query()}"
    found = replace(found, key=spec.key, query=spec.to_query(), stamp=stamp, labels=labels)
    points = found.positions[:, 0]
    with np.errstate(all="ignore"):
        met = [
            one.meets(place, {name: held[0] for name, held in states.items()})
            for one, place, states in zip(variants, points, found.states)
        ]
        near = np.nextafter(found.starts, np.inf)
        control = _gap(points[0], track(question.racers[0], course_of(question), near).rows[0, :, :2])
        rounding = EPSILON * np.linalg.norm(points[0], axis=-1)
        seen = np.maximum.accumulate(np.fmax(np.nan_to_num(control, posinf=0.0), np.nan_to_num(rounding, posinf=0.0)))
        allowed = SLACK * (np.arange(spec.steps + 1) + 1) * seen
        pairs = tuple(combinations(range(len(variants)), 2))
        differences = np.array([_gap(met[i], met[j]) for i, j in pairs])
        direct = np.array([_gap(points[i], points[j]) for i, j in pairs])
        beyond = differences > allowed
    which = 0 if spec.constant_rate() else 1
    known = {
        "pairs": pairs, "labels": tuple(f"{labels[i]} and {labels[j]}" for i, j in pairs), "differences": differences,
        "direct": direct, "rounding": rounding, "control": control, "allowed": allowed,
        "same": ~beyond.any(axis=1) & [_ends_alike(found, i, j) for i, j in pairs],
        "expected": np.array([variants[i].kin[which] == variants[j].kin[which] for i, j in pairs]),
        "apart": np.where(beyond.any(axis=1), beyond.argmax(axis=1), np.nan),
        "largest": np.fmax.reduce(differences, axis=1),
    }  # fmt: skip
    sentences = tuple(_sentence(known, p, spec.steps) for p in range(len(pairs)))
    return FormsRecord(
        key=spec.key, query=found.query, title=title, stamp=stamp, race=found, sentences=sentences, **known
    )


def _gap(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.linalg.norm(one - other, axis=-1)


def _ends_alike(found: RaceRecord, i: int, j: int) -> bool:
    """Whether both left the finite numbers, or neither."""
    return (found.ends[i][0] == "diverged") == (found.ends[j][0] == "diverged")


def _sentence(known: dict, p: int, steps: int) -> str:
    """The verdict on one pair: what was measured, and what algebra says where it says something else."""
    pair, largest, apart = known["labels"][p], known["largest"][p], known["apart"][p]
    if known["same"][p] and known["expected"][p]:
        if largest == 0:
            return f"{pair}: the same numbers to the last bit over {steps} steps."
        most = f"the largest difference over {steps} steps is {rough(largest)}"
        return f"{pair}: {most}: the same method, rounded differently."
    if known["same"][p]:
        return (
            f"{pair}: two methods, but on this course no more than rounding apart, {rough(largest)} over {steps} steps."
        )
    if not np.isfinite(apart):
        return f"{pair}: one leaves the finite numbers, the other does not."
    explained = rough(known["allowed"][int(apart)])
    most = f"they part at step {apart:.0f}, where rounding explains only {explained}, and get {rough(largest)} apart"
    verdict = ", though algebra says that they are one." if known["expected"][p] else ": two methods."
    return f"{pair}: {most}{verdict}"
