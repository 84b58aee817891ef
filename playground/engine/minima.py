"""The global minima of a formula in a window, searched for where the surface does not declare them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from playground.choices.derive import Derived

SEEDS = 24  # grid minima that are polished
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
    found = []
    with np.errstate(all="ignore"):
        for seed in [*seeds, *_grid_minima(xs, ys, values)]:
            size = np.array([right - left, top - bottom]) / len(xs)
            simplex = np.array(seed) + np.array([[0, 0], [1, 0], [0, 1]]) * size
            options = {"xatol": 1e-10, "fatol": 1e-14, "initial_simplex": simplex, "maxfev": 600}
            answer = minimize(lambda p: _finite(function(*p)[0]), seed, method="Nelder-Mead", options=options)
            found.append((float(answer.fun), *map(float, answer.x)))
    if not found:
        return np.empty((0, 2))
    lowest = min(found)[0]
    level = lowest + 1e-8 * max(1.0, abs(lowest))
    margin_x, margin_y = SAME * (right - left), SAME * (top - bottom)
    kept: list[tuple[float, float]] = []
    for value, x, y in sorted(found):
        inside = left + margin_x < x < right - margin_x and bottom + margin_y < y < top - margin_y
        if value <= level and not inside:
            return np.empty((0, 2))
        if value <= level and not any(abs(x - a) < margin_x and abs(y - b) < margin_y for a, b in kept):
            kept.append((x, y))
    return np.array(kept[:64])


def _finite(value: float) -> float:
    return float(value) if np.isfinite(value) else 1e300


def _grid_minima(xs: np.ndarray, ys: np.ndarray, values: np.ndarray) -> list[tuple[float, float]]:
    """The lowest grid points that are no higher than their eight neighbours."""
    padded = np.pad(np.where(np.isfinite(values), values, np.inf), 1, constant_values=np.inf)
    ny, nx = values.shape
    centre = padded[1:-1, 1:-1]
    lower = np.isfinite(centre)
    for i in range(3):
        for j in range(3):
            lower &= centre <= padded[i : i + ny, j : j + nx]
    rows, columns = np.nonzero(lower)
    order = np.argsort(values[rows, columns], kind="stable")[:SEEDS]
    return [(float(xs[columns[i]]), float(ys[rows[i]])) for i in order]
