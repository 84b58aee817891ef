"""Where a racer's gradient comes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from playground.choices.differences import Central
from playground.registry import Choice, Registry, knob

gradients: Registry[GradientSource] = Registry("gradient source")

Function = Callable[[Any, Any], tuple[Any, ...]]


class GradientSource(Choice):
    """Base of all gradient sources. `cost` is the number of evaluations that one gradient takes."""

    cost: ClassVar[int]

    def function(self, value: Function, exact: Function) -> Function:
        """`f(x, y) -> (loss, df/dx, df/dy)`, from `value(x, y) -> (loss,)` and the formula's own gradient."""
        raise NotImplementedError


@gradients("exact", "Exact")
class Exact(GradientSource):
    """The derivative of the formula.

    Formula: (df/dx, df/dy), differentiated symbolically; one evaluation.
    """

    cost = 1

    def function(self, value, exact):
        return exact


@gradients("central", "Central differences")
class CentralDifferences(GradientSource):
    """The slope between two points on either side, for each coordinate.

    Formula: df/dx = (f(x + h, y) - f(x - h, y)) / (2 h), likewise for y; four evaluations. The error is about
    h^2 |f'''| / 6 (truncation) plus 1e-16 |f| / h (cancellation), so neither a large nor a tiny h is exact.
    """

    cost = 4

    h: float = knob(1e-5, 1e-15, 1.0, log=True, symbol="h", help="distance to either side")

    def function(self, value, exact):
        h, quotient = self.h, Central().quotient

        def differences(x: Any, y: Any) -> tuple[Any, Any, Any]:
            along_x, along_y = (lambda d: value(x + d, y)[0]), (lambda d: value(x, y + d)[0])
            return value(x, y)[0], quotient(along_x, h), quotient(along_y, h)

        return differences
