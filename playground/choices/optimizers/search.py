"""Searches that need no gradient: try a random point, keep the best."""

from __future__ import annotations

from playground.choices.optimizers.base import Search, optimizers
from playground.registry import knob


@optimizers("random_search", "Random search")
class RandomSearch(Search):
    """A new point anywhere in the window; the best one is kept.

    Formula: try x' uniform in the window, x <- x' if f(x') < f(x).

    Watch: it is lost in a narrow valley, and each further weight would make it worse; no local minimum can hold it.

    Reference: Rastrigin, The convergence of the random search method, 1963; Stanford CS231n, lecture 3, strategy 1.
    """

    group = "random search"
    reference = "Rastrigin, The convergence of the random search method, 1963"
    draw = "uniform"
    formula_text = (
        r"(x_{t+1}, y_{t+1}) = \begin{cases} (x', y') & f(x', y') < f(x_t, y_t) "
        r"\\ (x_t, y_t) & \text{otherwise} \end{cases}",
    )

    def propose(self, x, draw, window, factor=1.0):
        left, right, bottom, top = window
        return left + (right - left) * draw[0], bottom + (top - bottom) * draw[1]


@optimizers("local_search", "Local random search")
class LocalSearch(Search):
    """A random step from the best point so far, kept if it leads down.

    Formula: try x' = x + size * width * normal draw, x <- x' if f(x') < f(x).

    Watch: it feels its way downhill without a gradient, and misses more often the narrower the valley gets.

    Reference: Matyas, Random optimization, 1965; Stanford CS231n, lecture 3, strategy 2.
    """

    group = "random search"
    reference = "Matyas, Random optimization, 1965"
    draw = "normal"
    formula_text = RandomSearch.formula_text

    size: float = knob(0.02, 1e-5, 10.0, log=True, symbol=r"\sigma", help="deviation of the step, in window widths")

    def propose(self, x, draw, window, factor=1.0):
        left, right, bottom, top = window
        wide, high = self.size * factor * (right - left), self.size * factor * (top - bottom)
        return x[0] + wide * draw[0], x[1] + high * draw[1]
