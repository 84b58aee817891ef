"""The surface as it is drawn: values on a grid, contour levels, minima and saddles."""

from __future__ import annotations

import functools

import numpy as np

from playground.choices.derive import X, Y, derive
from playground.choices.penalties import Penalty
from playground.choices.surfaces import Surface
from playground.engine.minima import find_minima
from playground.record import Terrain

GRID = 201  # points along each side
BANDS = 18
DECADES = 5.0  # that the logarithmic levels span below the highest value in the window


@functools.lru_cache(maxsize=32)
def terrain(surface: Surface, penalty: Penalty, spacing: str) -> Terrain:
    """The `Terrain` of the formula that a race descends, penalty included; `spacing` is auto, log or linear."""
    derived = derive(surface.formula(X, Y) + penalty.term(X, Y))
    left, right, bottom, top = surface.window
    xs, ys = np.linspace(left, right, GRID), np.linspace(bottom, top, GRID)
    with np.errstate(all="ignore"):
        (values,) = derived.value_function("numpy")(*np.meshgrid(xs, ys))
    values = np.array(np.broadcast_to(values, (GRID, GRID)), dtype=float)
    unpenalized = derived == surface.derived()
    declared = surface.minima()
    search = declared is None or not unpenalized
    minima = find_minima(derived, surface.window, xs, ys, values, declared or ()) if search else _points(declared or ())
    lowest = float(derived.value_function("numpy")(*minima[0])[0]) if len(minima) else np.nan
    log = surface.log_levels if spacing == "auto" else spacing == "log"
    scaled, levels, level_values = _scale(values, lowest, log)
    return Terrain(
        window=surface.window,
        values=values,
        scaled=scaled,
        levels=levels,
        level_values=level_values,
        log=log,
        axes=surface.axes,
        minima=minima,
        lowest=lowest,
        minima_found=search,
        saddles=_points(surface.saddles()) if unpenalized else np.empty((0, 2)),
    )


def _points(pairs: tuple[tuple[float, float], ...]) -> np.ndarray:
    return np.array(pairs, dtype=float).reshape(-1, 2)


def _scale(values: np.ndarray, lowest: float, log: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values from 0 to 1 as the levels are spaced, the levels in that scale, and the loss on each."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return np.ones_like(values), np.empty(0), np.empty(0)
    floor = float(min(finite.min(), lowest if np.isfinite(lowest) else np.inf))
    high = float(finite.max())
    levels = np.arange(1, BANDS) / BANDS
    if high <= floor:
        return np.zeros_like(values), np.empty(0), np.empty(0)
    if log:
        small = (high - floor) * 10.0**-DECADES
        scaled = np.log10((values - floor) / small + 1.0) / np.log10(10.0**DECADES + 1.0)
        level_values = floor + small * (10.0 ** (levels * np.log10(10.0**DECADES + 1.0)) - 1.0)
    else:
        scaled = (values - floor) / (high - floor)
        level_values = floor + levels * (high - floor)
    return np.clip(np.nan_to_num(scaled, nan=1.0, posinf=1.0), 0.0, 1.0), levels, level_values
