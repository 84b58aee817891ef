"""A surface of your own: its formula is text."""

from __future__ import annotations

from playground.choices.derive import X, Y
from playground.choices.formula import parse
from playground.choices.surfaces.base import Surface, surfaces
from playground.registry import knob


@surfaces("formula", "Your own formula")
class Formula(Surface):
    """Whatever you type, in x and y.

    Formula: the text, read as f(x, y). Domain: wherever the text gives a finite number; its minima are not known.
    """

    group = "your own"
    window = (-3.0, 3.0, -3.0, 3.0)
    start = (-2.0, 2.2)
    smooth = False
    source = "You"
    look = "Write a surface that makes your favourite method fail, and send the link to somebody."

    text: str = knob(
        "x**2/4 + y**2/4 + sin(2*x)*cos(2*y)",
        check_text=parse,
        label="Formula f(x, y)",
        help="numbers, x, y, + - * / **, brackets, sin cos tan exp log sqrt abs tanh, pi, e",
    )

    def formula(self, x, y):
        return parse(self.text).xreplace({X: x, Y: y})

    def minima(self):
        return None
