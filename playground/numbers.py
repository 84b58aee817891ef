"""Numbers as text: the one place that writes them, for pages, sentences, figures, formulas, links and the console.

`assets/kit/numbers.js` writes the same in the browser; `tests/number_cases.json` tests both. Ties are rounded away
from zero, as JavaScript does. Every function of `FORMATS` may stand behind the colon of a message's placeholder.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import partial
from typing import Any

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
NONE = "–"  # what stands for a number that does not exist
MINUS = "−"


def digits(value: float) -> str:
    """Three significant digits without needless zeros: `0.05`, `1235`, `−2.50·10⁻⁷`; `∞`, and `–` for NaN."""
    return _special(value) or _signed(_three(abs(value), trim=True), value)


def steady(value: float) -> str:
    """Three significant digits with their zeros, so that a number that changes keeps its width: `0.0500`."""
    return _special(value) or _signed(_three(abs(value), trim=False), value)


def rough(value: float) -> str:
    """Two significant digits without needless zeros, for ticks and sizes of errors: `0.5`, `1.2·10⁻⁷`, `10⁶`."""
    if special := _special(value):
        return special
    size = abs(value)
    if 1e-3 <= size < 1e5:
        return _signed(exact(_significant(size, 2)), value)
    mantissa, exponent = _split(size, 1)
    mantissa = mantissa.removesuffix(".0")
    return _signed(power(exponent) if mantissa == "1" else f"{mantissa}·{power(exponent)}", value)


def setting(value: float) -> str:
    """The value of a knob in a summary: three significant digits, an exponent only below 0.0001: `0.001`, `1e-5`."""
    if special := _special(value):
        return special
    size = _significant(abs(value), 3)
    return _signed(exact(size) if size >= 1e-4 else exact(size).replace("e-0", "e-"), value)


def percent(share: float, decimals: int = 0) -> str:
    """A share in percent; one that rounds to nothing or to all without being it says so: `< 1 %`, `> 99 %`."""
    if special := _special(share) if share else "":
        return special
    if share < 0:
        return MINUS + percent(-share, decimals)
    least = Decimal(1).scaleb(-decimals)
    if share in (0, 1):
        return "100 %" if share else "0 %"
    percentage = Decimal(100 * float(share)).quantize(least, ROUND_HALF_UP)
    if percentage == 0 and share > 0:
        return f"< {least} %"
    if percentage == 100 and share < 1:
        return f"> {100 - least} %"
    return f"{percentage} %"


def count(value: float) -> str:
    """A whole number with its thousands apart: `65,536`; `–` where there is none."""
    return (_special(value) if value else "") or _signed(f"{math.floor(abs(value) + 0.5):,}", value)


def amount(value: float) -> str:
    """A large number in short: `242 k`, `13.1 M`."""
    for unit, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{exact(_significant(value / unit, 3))} {name}"
    return count(value)


def byte_size(value: float) -> str:
    """A number of bytes: `500 bytes`, `1.2 kB`, `170 MB`."""
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if value >= unit:
            return f"{exact(_significant(value / unit, 3))} {name}"
    return f"{value:.0f} B"


def duration(seconds: float) -> str:
    """A rough length of time: `8 s`, `2.5 min`, `1.6 h`; at least a second."""
    for unit, name in ((3600, "h"), (60, "min")):
        if seconds >= 1.5 * unit:
            return f"{exact(_significant(seconds / unit, 2))} {name}"
    return f"{exact(_significant(max(seconds, 1), 2))} s"


def exact(value: float) -> str:
    """The shortest text that reads back as exactly this number, without a trailing `.0`: for links and code."""
    text = repr(float(value))
    return text[:-2] if text.endswith(".0") else text


def quoted(value: Any) -> str:
    """What somebody gave, for an error sentence: never longer than 40 characters."""
    text = exact(value) if isinstance(value, float) and math.isfinite(value) else repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def latex(value: float) -> str:
    """A number in a formula as one would write it: at most six characters, or three significant digits."""
    text = f"{value:.6g}"
    if len(text.lstrip("-")) > 6 or "e" in text:
        text = f"{value:.3g}"
    return _latex_power(text)


def latex_digits(value: float, digits: int = 3) -> str:
    """A number in a formula of which only the size is of interest: its first digits, whole where it is above 1000."""
    if not math.isfinite(value):
        return r"\text{NaN}" if math.isnan(value) else r"\infty" if value > 0 else r"-\infty"
    text = f"{value:.{digits}g}"
    return f"{value:.0f}" if "e" in text and 1 <= abs(value) < 1e5 else _latex_power(text)


def power(exponent: int) -> str:
    """A power of ten: `10⁻³`."""
    return f"10{str(exponent).translate(RAISED)}"


FORMATS: dict[str, Callable[[Any], str]] = {
    "digits": digits,
    "steady": steady,
    "rough": rough,
    "setting": setting,
    "percent": percent,
    "percent1": partial(percent, decimals=1),
    "percent2": partial(percent, decimals=2),
    "count": count,
    "amount": amount,
    "bytes": byte_size,
    "duration": duration,
    "exact": exact,
    "quoted": quoted,
}

_ROUNDING = {n: Context(prec=n, rounding=ROUND_HALF_UP) for n in (2, 3)}


def _special(value: float) -> str:
    """The text of what is no ordinary number, or nothing."""
    if math.isnan(value):
        return NONE
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    return "" if value else "0"


def _signed(text: str, value: float) -> str:
    return f"{MINUS}{text}" if value < 0 and text != "0" else text


def _significant(value: float, digits: int) -> float:
    return float(_ROUNDING[digits].create_decimal_from_float(float(value)))


def _three(size: float, trim: bool) -> str:
    if size >= 999.5 and size < 1e5:
        return f"{math.floor(size + 0.5)}"
    if 1e-3 <= size < 1e5:
        text = f"{_significant(size, 3):#.3g}"
        return (text.rstrip("0") if trim and "." in text else text).rstrip(".")
    mantissa, exponent = _split(size, 2)
    return f"{mantissa}·{power(exponent)}"


def _split(size: float, decimals: int) -> tuple[str, int]:
    """Mantissa and exponent."""
    mantissa, exponent = f"{_significant(size, decimals + 1):.{decimals}e}".split("e")
    return mantissa, int(exponent)


def _latex_power(text: str) -> str:
    """A printed number with its exponent as a power of ten."""
    digits, _, exponent = text.partition("e")
    if not exponent:
        return digits
    raised = f"10^{{{int(exponent)}}}"
    return {"1": raised, "-1": f"-{raised}"}.get(digits, rf"{digits} \cdot {raised}")
