"""Difference quotients: a slope estimated from values of the loss, and what is known of its error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from playground.registry import Choice, Registry

differences: Registry[Difference] = Registry("difference quotient")

Loss = Callable[[Any], Any]  # offset of one coordinate -> loss there


class Difference(Choice):
    """Base of all difference quotients, each for one coordinate and a step h > 0.

    `slope`: how its error falls with h while h is large (the exponent); `imaginary`: it asks for the loss of complex
    numbers. The other facts are LaTeX. In the formulas of the error f'' and f''' are the derivatives along the
    coordinate, and r is the error that rounding makes in one value of the loss.
    """

    slope: ClassVar[int]
    imaginary: ClassVar[bool] = False
    formula_text: ClassVar[str]
    truncation_text: ClassVar[str]
    reference: ClassVar[str]

    def quotient(self, loss: Loss, h: Any) -> Any:
        """The estimate of the slope at offset 0; shape of what `loss` gives."""
        raise NotImplementedError

    def evaluations(self, dimension: int) -> int:
        """Evaluations of the loss for a gradient of so many components."""
        raise NotImplementedError

    def truncation(self, h: Any, second: Any, third: Any) -> Any:
        """Size of the error that is left out of the Taylor series, from the sizes of f'' and f'''."""
        raise NotImplementedError

    def cancellation(self, h: Any, rounding: Any) -> Any:
        """Size of the error that subtracting two nearly equal values leaves, from r."""
        raise NotImplementedError

    def best_step(self, second: Any, third: Any, rounding: Any) -> Any:
        """The h with the least sum of both; inf where nothing is left out, 0 where nothing cancels."""
        raise NotImplementedError


@differences("central", "Central differences")
class Central(Difference):
    """The slope between two points on either side.

    Formula: (f(x + h) - f(x - h)) / (2 h), with the error h^2 |f'''| / 6 + r / h; least at h = (3 r / |f'''|)^(1/3).

    Reference: Press et al., Numerical recipes, 3rd ed., 2007, section 5.7, eqs. (5.7.7) and (5.7.8).
    """

    slope = 2
    formula_text = r"\frac{f(x + h) - f(x - h)}{2 h}"
    truncation_text = r"\frac{h^2}{6} \left|f'''\right|"
    reference = "Press et al., Numerical recipes, 3rd ed., 2007, section 5.7"

    def quotient(self, loss, h):
        return (loss(h) - loss(-h)) / (2 * h)

    def evaluations(self, dimension):
        return 2 * dimension

    def truncation(self, h, second, third):
        return h * h * third / 6

    def cancellation(self, h, rounding):
        return rounding / h

    def best_step(self, second, third, rounding):
        return (3 * rounding / third) ** (1 / 3) if third else float("inf")


@differences("forward", "Forward differences")
class Forward(Difference):
    """The slope between the point and one beside it: half the price, and only half the digits.

    Formula: (f(x + h) - f(x)) / h, with the error h |f''| / 2 + 2 r / h; least at h = 2 sqrt(r / |f''|).

    Reference: Press et al., Numerical recipes, 3rd ed., 2007, section 5.7, eqs. (5.7.1) and (5.7.5).
    """

    slope = 1
    formula_text = r"\frac{f(x + h) - f(x)}{h}"
    truncation_text = r"\frac{h}{2} \left|f''\right|"
    reference = "Press et al., Numerical recipes, 3rd ed., 2007, section 5.7"

    def quotient(self, loss, h):
        return (loss(h) - loss(0 * h)) / h

    def evaluations(self, dimension):
        return dimension + 1

    def truncation(self, h, second, third):
        return h * second / 2

    def cancellation(self, h, rounding):
        return 2 * rounding / h

    def best_step(self, second, third, rounding):
        return 2 * (rounding / second) ** 0.5 if second else float("inf")


@differences("complex_step", "Complex step")
class ComplexStep(Difference):
    """An imaginary step: nothing is subtracted, so nothing cancels.

    Formula: Im f(x + i h) / h, with the error h^2 |f'''| / 6 and no other; any tiny h will do.

    It needs a formula that takes complex numbers, as surfaces and nets here do.

    Reference: Squire and Trapp, Using complex variables to estimate derivatives of real functions, 1998, eq. (6).
    """

    slope = 2
    imaginary = True
    formula_text = r"\frac{\operatorname{Im} f(x + i h)}{h}"
    truncation_text = Central.truncation_text
    reference = "Squire and Trapp, Using complex variables to estimate derivatives of real functions, 1998"

    def quotient(self, loss, h):
        return loss(1j * h).imag / h

    def evaluations(self, dimension):
        return dimension

    def truncation(self, h, second, third):
        return h * h * third / 6

    def cancellation(self, h, rounding):
        return 0 * h

    def best_step(self, second, third, rounding):
        return 0.0 if third else float("inf")
