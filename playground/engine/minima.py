"""The minima of a formula in a window: the global ones where the surface does not declare them, and the local ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from playground.choices.derive import Derived

SEEDS = 24  # grid minima that are polished
MOST = 128  # minima that are distinguished
NEWTON = 60  # damped steps from each grid minimum
SAME = 1e-3  # two minima nearer than this part of the window are one


def find_minima(
    derived: Derived,
    window: tuple[float, float, float, float],
    xs: np.ndarray,
    ys: np.ndarray,
    values: np.ndarray,
    seeds: Sequence[tuple[float, float]] = (),
) -> np.ndarray:
    """Global minima inside the window, shape (M, 2); none where the lowest point lies on its edge.

    The lowest grid points among their neighbours (`values` (ny, nx) on `ys` x `xs`) and the `seeds` are polished by
    the simplex method of Nelder and Mead (1965), which needs no derivative and so survives penalties with kinks.
    """
    from scipy.optimize import minimize

    function = derived.value_function("numpy")
    left, right, bottom, top = window
    candidates = []
    with np.errstate(all="ignore"):
        for seed in [*seeds, *_grid_minima(xs, ys, values)]:
            size = np.array([right - left, top - bottom]) / len(xs)
            simplex = np.array(seed) + np.array([[0, 0], [1, 0], [0, 1]]) * size
            options = {"xatol": 1e-10, "fatol": 1e-14, "initial_simplex": simplex, "maxfev": 600}
            answer = minimize(lambda p: _finite(function(*p)[0]), seed, method="Nelder-Mead", options=options)
            candidates.append((float(answer.fun), *map(float, answer.x)))
    if not candidates:
        return np.empty((0, 2))
    lowest = min(candidates)[0]
    level = lowest + 1e-8 * max(1.0, abs(lowest))
    margin_x, margin_y = SAME * (right - left), SAME * (top - bottom)
    minima: list[tuple[float, float]] = []
    for value, x, y in sorted(candidates):
        inside = left + margin_x < x < right - margin_x and bottom + margin_y < y < top - margin_y
        if value <= level and not inside:
            return np.empty((0, 2))
        if value <= level and not any(abs(x - a) < margin_x and abs(y - b) < margin_y for a, b in minima):
            minima.append((x, y))
    return np.array(minima[:64])


def local_minima(
    derived: Derived,
    window: tuple[float, float, float, float],
    xs: np.ndarray,
    ys: np.ndarray,
    values: np.ndarray,
    declared_minima: np.ndarray,
) -> np.ndarray:
    """The `declared_minima` (K, 2) and all others inside the window where the surface curves up on all sides, lowest
    first; shape (M, 2), M at most `MOST`.

    Damped Newton steps (Levenberg, 1944) lead there from the lowest grid points among their neighbours; a point
    counts when the gradient vanishes at it and the Hessian is positive definite, which no valley floor, plateau or
    kink fulfils.
    """
    left, right, bottom, top = window
    size = np.array([right - left, top - bottom])
    points = np.array(_grid_minima(xs, ys, values, 4 * MOST)).reshape(-1, 2).T
    value, gradient, hessian = (
        derived.value_function("numpy"),
        derived.gradient_function("numpy"),
        derived.hessian_function("numpy"),
    )
    with np.errstate(all="ignore"):
        points, residual, curvature = _polish(points, gradient, hessian, (size / len(xs)).max())
        spread = np.ptp(values[np.isfinite(values)]) if np.isfinite(values).any() else 0.0
        fine = (residual < 1e-6 * size.min()) & (curvature > 1e-6 * spread / size.max() ** 2)
        fine &= (left < points[0]) & (points[0] < right) & (bottom < points[1]) & (points[1] < top)
        candidates = np.vstack([declared_minima, points.T[fine]])
        heights = np.broadcast_to(value(*candidates.T)[0], len(candidates))
    lowest = min(heights, default=0.0)
    indices: list[int] = []
    for i in np.argsort(np.round((heights - lowest) / max(abs(lowest), 1.0), 8), kind="stable"):
        if not any((abs(candidates[i] - candidates[j]) < SAME * size).all() for j in indices):
            indices.append(i)
    return candidates[indices[:MOST]]


def _polish(
    points: np.ndarray, gradient: Callable[..., Any], hessian: Callable[..., Any], longest: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points (2, K) after damped Newton steps, the length of the next undamped one, and the lowest curvature."""
    damping = np.full(points.shape[1], 1e-3)
    for _ in range(NEWTON):
        f, gx, gy = (np.broadcast_to(part, points.shape[1:]) for part in gradient(*points))
        a, b, d = (np.broadcast_to(part, points.shape[1:]) for part in hessian(*points))
        lowest = (a + d) / 2 - np.hypot((a - d) / 2, b)
        more = np.maximum(-lowest, 0.0) + damping * (abs(a) + abs(d))
        step = -np.stack([(d + more) * gx - b * gy, (a + more) * gy - b * gx]) / ((a + more) * (d + more) - b * b)
        step *= np.minimum(1.0, longest / np.hypot(*step))
        better = gradient(*(points + step))[0] <= f
        points = np.where(better, points + step, points)
        damping = np.clip(np.where(better, damping / 10, damping * 10), 1e-12, 1e12)
    return points, np.hypot(d * gx - b * gy, a * gy - b * gx) / abs(a * d - b * b), lowest


def _finite(value: float) -> float:
    return float(value) if np.isfinite(value) else 1e300


def _grid_minima(xs: np.ndarray, ys: np.ndarray, values: np.ndarray, most: int = SEEDS) -> list[tuple[float, float]]:
    """The `most` lowest grid points that are no higher than their eight neighbours."""
    padded = np.pad(np.where(np.isfinite(values), values, np.inf), 1, constant_values=np.inf)
    ny, nx = values.shape
    centre = padded[1:-1, 1:-1]
    lower = np.isfinite(centre)
    for i in range(3):
        for j in range(3):
            lower &= centre <= padded[i : i + ny, j : j + nx]
    rows, columns = np.nonzero(lower)
    order = np.argsort(values[rows, columns], kind="stable")[:most]
    return [(float(xs[columns[i]]), float(ys[rows[i]])) for i in order]
