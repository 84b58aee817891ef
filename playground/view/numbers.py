"""How numbers read in tables, chips and captions."""

from __future__ import annotations

import math


def three_digits(value: float) -> str:
    """Three significant digits; `-` for a value that does not exist."""
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 1e5:
        text = f"{value:.3g}"
        return f"{value:.0f}" if "e" in text else text
    mantissa, exponent = f"{value:.2e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def whole(value: float) -> str:
    """A count with thousands separated; `-` where there is none."""
    return f"{value:,.0f}" if math.isfinite(value) else "–"
