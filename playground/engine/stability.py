"""The learning rate up to which a rule stays at a minimum, from its linearisation there."""

from __future__ import annotations

import dataclasses

import numpy as np

from playground.choices.derive import Derived
from playground.choices.optimizers import Optimizer, PlaneRule, Rule
from playground.messages import Message

LATE = 10**9  # a step so late that rules whose weights settle with time have settled
FINE = 1e-9  # how far rounding may lift the largest eigenvalue above 1
FLAT = 1e-4  # eigenvalues of the Hessian that hardly bend a surface whose losses are of the size 1
NOUGHT = 1e-8  # and those that rounding makes of 0, beside the largest
RATES = np.geomspace(1e-9, 1e9, 181)


def hessian_at(derived: Derived, point: np.ndarray) -> np.ndarray:
    """Second derivatives at `point` (2,), shape (2, 2)."""
    with np.errstate(all="ignore"):
        xx, xy, yy = derived.hessian_function("numpy")(*point)
    return np.array([[xx, xy], [xy, yy]], dtype=float)


def kind_of_point(hessian: np.ndarray) -> Message:
    """What the curvature says of a point where the gradient is nearly zero, as a sentence.

    By the signs of the eigenvalues: Boyd and Vandenberghe, Convex optimization, 2004, appendix A.4.
    """
    if not np.isfinite(hessian).all():
        return Message("There is a crease, so the curvature does not say what kind of point it is.")
    low, high = np.linalg.eigvalsh(hessian)
    if max(abs(low), abs(high)) < FLAT:
        return Message("The loss hardly curves here: this may be a plateau.")
    nought = NOUGHT * max(abs(low), abs(high))
    if low > nought:
        return Message("The loss curves upwards in every direction: a minimum.")
    if high < -nought:
        return Message("The loss curves downwards in every direction: a maximum.")
    if low < -nought:
        return Message("The loss curves downwards in one direction: a saddle, not a minimum.")
    return Message("The loss hardly curves in one direction: this need not be a minimum.")


def curvature(hessian: np.ndarray) -> float:
    """The largest eigenvalue; NaN where it is not positive, as on a plane or at a crease."""
    largest = float(np.linalg.eigvalsh(hessian)[-1]) if np.isfinite(hessian).all() else np.nan
    return largest if largest > 0 else np.nan


def limit(optimizer: Optimizer, hessian: np.ndarray, decay: float) -> float:
    """The learning rate above which the optimizer leaves a minimum with this Hessian, by spirals or by jumps.

    Near the minimum a rule that is linear in the gradient is a matrix A(lr) on positions and state variables, and
    stable as long as no eigenvalue of it is larger than 1 in size (Polyak, 1964, for momentum: 2 (1 + rho) / lambda).
    NaN for rules that are not linear, such as those that divide by the gradient's size, and where no rate is too large.
    """
    if not isinstance(optimizer, (Rule, PlaneRule)) or not hasattr(optimizer, "lr"):
        return np.nan
    with np.errstate(all="ignore"):
        if not (np.isfinite(hessian).all() and _linear(optimizer, hessian, decay)):
            return np.nan
        return _first_unstable(optimizer, hessian, decay)


def _first_unstable(optimizer: Rule | PlaneRule, hessian: np.ndarray, decay: float) -> float:
    """The smallest rate of those looked at that is unstable, bisected to 12 digits."""
    stable = 0.0
    for rate in RATES.tolist():
        if not _is_stable(optimizer, hessian, decay, rate):
            unstable = rate
            break
        stable = rate
    else:
        return np.nan
    while unstable - stable > 1e-12 * unstable:
        middle = (stable + unstable) / 2
        if _is_stable(optimizer, hessian, decay, middle):
            stable = middle
        else:
            unstable = middle
    return stable if stable > 0 else np.nan


def _is_stable(optimizer: Rule | PlaneRule, hessian: np.ndarray, decay: float, rate: float) -> bool:
    matrix = _matrix(optimizer.with_lanes(lr=rate), hessian, decay)
    return bool(np.isfinite(matrix).all() and abs(np.linalg.eigvals(matrix)).max() <= 1 + FINE)


def _matrix(optimizer: Rule | PlaneRule, hessian: np.ndarray, decay: float) -> np.ndarray:
    """One update as a matrix on (x, y, x and y of each state variable): column i is what becomes of unit vector i."""
    size = 2 * (1 + len(optimizer.State._fields))
    return _update(optimizer, hessian, decay, np.eye(size), LATE)


def _update(optimizer: Rule | PlaneRule, hessian: np.ndarray, decay: float, z: np.ndarray, step: int) -> np.ndarray:
    """What one update makes of `z` (2 + 2 * fields, n), positions relative to the minimum."""
    x, g = z[:2], hessian @ z[:2]
    shrunk = x * (1.0 - optimizer.rate * decay) if decay else x
    if isinstance(optimizer, PlaneRule):
        xx, xy, yy = (np.full(z.shape[1], entry) for entry in (hessian[0, 0], hessian[0, 1], hessian[1, 1]))
        return np.stack(optimizer.step((shrunk[0], shrunk[1]), (g[0], g[1]), (xx, xy, yy)))
    state = optimizer.State(*(z[2 * i : 2 * i + 2] for i in range(1, len(z) // 2)))
    position, state = optimizer.step(shrunk, g, state, step, 1.0)
    return np.concatenate([position, *state])


def _linear(optimizer: Rule | PlaneRule, hessian: np.ndarray, decay: float) -> bool:
    """Whether the update of sums is the sum of the updates, for small and large vectors and at any step."""
    slow = dataclasses.replace(optimizer, **{"lr": optimizer.knobs()["lr"].low})
    matrix = _matrix(slow, hessian, decay)
    size = len(matrix)
    mixed = np.cos(np.outer(np.arange(size) + 1.0, np.arange(5) + 0.5))  # no two of them in proportion
    probes = np.concatenate([mixed * scale for scale in (1e-6, 1.0, 1e6)], axis=1)
    late = [_update(slow, hessian, decay, probes, step) for step in (LATE, 2 * LATE)]
    return all(np.allclose(output, matrix @ probes, rtol=1e-6, atol=0.0) for output in late)
