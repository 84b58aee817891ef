"""A gradient that somebody worked out by hand, against the exact one and against central differences."""

from __future__ import annotations

import numpy as np

from playground.choices.derive import program
from playground.choices.differences import Central
from playground.choices.formula import parse_slope
from playground.engine.streams import stream
from playground.messages import Message
from playground.record import OwnRecord
from playground.specs.gradient_check import GradientCheck

POINTS = 8
RIGHT = 1e-7  # relative error up to which a derivative counts as the same formula
STEP = 1e-5  # of the central differences at the random points, where theory predicts none


def check_own(spec: GradientCheck, central: np.ndarray, predicted: float) -> OwnRecord | None:
    """The record of the derivatives that `spec` holds, None if it holds none.

    `central` (K, 2): central differences at the spec's point for all step sizes; `predicted`: the best step by theory.
    """
    axes = [axis for axis, text in enumerate((spec.dx, spec.dy)) if text]
    if not axes:
        return None
    derived, (left, right, bottom, top) = spec.surface.derived(), spec.surface.window
    points = stream(spec.seed, "own gradient").uniform((left, bottom), (right, top), (POINTS, 2))
    exact = np.stack(np.broadcast_arrays(*derived.gradient_function("numpy")(*points.T), points[:, 0])[1:3], axis=1)
    own = _own(spec, points)
    here = _own(spec, np.array([[spec.x, spec.y]]))[0]
    value, h = derived.value_function("numpy"), predicted if np.isfinite(predicted) else STEP
    moves = np.eye(2) * h
    numeric = np.stack(
        [Central().quotient(lambda d, move=move: value(*(points + d / h * move).T)[0], h) for move in moves], axis=1
    )
    errors = np.abs(own - exact) / np.maximum(np.maximum(np.abs(own), np.abs(exact)), np.finfo(float).tiny)
    gap, size = (np.linalg.norm(part[:, axes], axis=1) for part in (central - here, np.abs(central)))
    whole = np.maximum(size, np.linalg.norm(here[axes]))
    return OwnRecord(
        points=points,
        own=own,
        exact=exact,
        numeric=numeric,
        errors=errors,
        curve=np.where(gap == 0, 0.0, gap / whole),
        right=bool(np.nanmax(errors[:, axes], initial=0.0) <= RIGHT and not _missing(own, exact)[:, axes].any()),
        sentences=tuple(_sentence(spec.surface.axes[axis], own[:, axis], exact[:, axis]) for axis in axes),
    )


def _own(spec: GradientCheck, points: np.ndarray) -> np.ndarray:
    """The reader's derivatives at points (P, 2); shape (P, 2), NaN where none is given."""
    columns = []
    for text in (spec.dx, spec.dy):
        values = program(parse_slope(text)).function("numpy")(*points.T)[0] if text else np.nan
        columns.append(np.broadcast_to(np.asarray(values, dtype=float), len(points)))
    return np.stack(columns, axis=1)


def _missing(own: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """Where the reader's derivative is no number and the exact one is."""
    return np.isfinite(exact) & ~np.isfinite(own)


def _sentence(axis: str, own: np.ndarray, exact: np.ndarray) -> Message:
    """What is wrong with one derivative, from its values (P,) and the exact ones."""
    name, finite = f"df/d{axis}", np.isfinite(own) & np.isfinite(exact)
    if not finite.any():
        return Message("Your {name} is not defined at any of the {n} random points.", name=name, n=POINTS)
    missing = int(_missing(own, exact).sum())
    if missing:
        return Message(
            "Your {name} is not defined at {n} of {all} random points, where the right one is.",
            name=name,
            n=missing,
            all=POINTS,
        )
    own, exact = own[finite], exact[finite]
    size = np.maximum(np.abs(own), np.abs(exact))
    worst = float((np.abs(own - exact) / np.maximum(size, np.finfo(float).tiny)).max())
    if worst <= RIGHT:
        return Message(
            "Your {name} is right: at {n} random points its relative error is at most {worst:rough}.",
            name=name,
            n=len(own),
            worst=worst,
        )
    return _mistake(name, own, exact, worst)


def _mistake(name: str, own: np.ndarray, exact: np.ndarray, worst: float) -> Message:
    """How a wrong derivative differs from the right one, from finite values of both."""
    ratio, gap = own[exact != 0] / exact[exact != 0], own - exact
    alike = ratio.any() and not own[exact == 0].any()
    if alike and np.ptp(ratio) <= RIGHT * np.abs(ratio).max():
        if abs(ratio[0] + 1) < RIGHT:
            return Message("Your {name} has the wrong sign at every point.", name=name)
        times = float(ratio[0])
        return Message("Your {name} is {times:.9g} times the right one at every point.", name=name, times=times)
    if np.ptp(gap) <= RIGHT * np.abs(gap).max():
        return Message(
            "Your {name} differs from the right one by {gap:.4g} at every point: a term is missing, or one too many.",
            name=name,
            gap=float(gap[0]),
        )
    return Message(
        "Your {name} is wrong: its relative error reaches {worst:rough}, and no factor or constant corrects it.",
        name=name,
        worst=worst,
    )
