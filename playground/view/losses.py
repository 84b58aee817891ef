"""How losses of many runs become heights on a logarithmic axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from playground.messages import tr
from playground.view.chart import POWER, decades, short

FLOOR = 2.0**-52  # what lies below, in units of the larger of 1 and the lowest loss, is rounding
ABOVE = 10.0  # how many times the height of the start the axis reaches


@dataclass(frozen=True)
class Height:
    """An axis of losses. With a `base` it shows the loss above it, by its logarithm and no lower than `low`; without
    one (NaN, where a surface has no lowest value) the loss itself, on an axis that is logarithmic to both sides of 0.
    """

    base: float
    low: float
    high: float
    cut: bool = False  # whether losses below `low`, which differ by rounding only, are drawn on it

    def of(self, losses: np.ndarray) -> list[float | None]:
        """Heights of `losses`; None for NaN. What leaves the axis by far is drawn a little outside it."""
        logarithmic = np.isfinite(self.base)
        heights = np.maximum(losses - self.base, self.low) if logarithmic else np.maximum(losses, self.low)
        limit = self.high * 1e3 if logarithmic else self.high + 10 * abs(self.high)
        return short(np.minimum(heights, limit))

    def axis(self, field: str) -> dict[str, Any]:
        """The encoding `y` of a field that holds heights."""
        title = tr("loss" if self.base == 0 or not np.isfinite(self.base) else "loss above the lowest")
        scale: dict[str, Any] = {"domain": [self.low, self.high], "nice": False}
        if np.isfinite(self.base):
            scale["domain"] = [self.low / 2, self.high]  # so that a line along the cut is seen whole
        else:
            return {"field": field, "type": "quantitative", "title": title, "scale": scale | {"type": "symlog"},
                    "axis": {"format": ".0e", "tickCount": 5}}  # fmt: skip
        if self.cut:
            title = tr("{axis}, cut at {low:digits}", axis=title, low=self.low)
        return {
            "field": field, "type": "quantitative", "title": title, "scale": scale | {"type": "log"},
            "axis": {"labelExpr": POWER, "values": decades(self.low, self.high)},
        }  # fmt: skip


def height(losses: np.ndarray, lowest: float, first: float) -> Height:
    """The axis for `losses`, NaN and infinite ones left out, of runs that begin at `first`."""
    finite = losses[np.isfinite(losses)]
    if not len(finite):
        finite = np.array([1.0])
    first = float(first) if np.isfinite(first) else float(finite.max())
    if not np.isfinite(lowest):
        low = max(float(finite.min()), first - 1e6 * (1 + abs(first)))
        return Height(float("nan"), low, first + 3 * (1 + abs(first)))
    base = min(float(lowest), float(finite.min()))
    floor = FLOOR * max(1.0, abs(base))
    base = 0.0 if abs(base) < floor else base
    low, high = float((finite - base).min()), max(first - base, 1e3 * floor) * ABOVE
    return Height(base, min(max(low / 2, floor), high / 100), high, cut=low < floor)
