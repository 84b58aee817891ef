"""How numbers read in tables, chips and captions."""

from __future__ import annotations

import math

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def three_digits(value: float) -> str:
    """Three significant digits; a dash for a value that does not exist."""
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 1e5:
        text = f"{value:.3g}"
        return f"{value:.0f}" if "e" in text else text
    mantissa, exponent = f"{value:.2e}".split("e")
    return f"{mantissa}·10{str(int(exponent)).translate(RAISED)}"


def percent(share: float, digits: int = 0) -> str:
    """A share in percent; what is more than nothing but rounds to it is told so."""
    least = 10.0**-digits
    return f"{100 * share:.{digits}f} %" if share == 0 or 100 * share >= least / 2 else f"< {least:g} %"


def rough(value: float) -> str:
    """Two digits and a short exponent, beside an axis that is labelled so."""
    return f"{value:.1e}".replace("e-0", "e-")


def whole(value: float) -> str:
    """A count with thousands separated; a dash where there is none."""
    return f"{value:,.0f}" if math.isfinite(value) else "–"
