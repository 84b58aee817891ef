"""Methods that use the curvature: exact (Newton) or guessed from the gradients on the way (SciPy's)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from playground.choices.optimizers.base import Minimizer, Operand, PlaneRule, Stop, optimizers
from playground.choices.primitives import maximum, where
from playground.messages import Message
from playground.registry import knob


def quotient(a: Operand, b: Operand) -> Operand:
    """`a / b`, and 0 where b is 0, without a division by zero on the way."""
    regular = maximum(b, -b) > 0
    return where(regular, a / where(regular, b, b * 0 + 1), b * 0)


@optimizers("newton", "Newton")
class Newton(PlaneRule):
    """A jump to where the parabola fitted at this point is flat.

    Formula: (H + damping I) d = g, x <- x - lr d. Where the matrix is singular the point stays.

    Watch: one step solves any quadratic; it is drawn to saddles and maxima too, unless the damping is larger than the
    steepest downward curvature. Much damping turns it into gradient descent.

    Reference: Nocedal and Wright, Numerical optimization, 2006, eq. (2.15); damping: Levenberg, 1944.
    """

    group = "curvature"
    reference = "Nocedal and Wright, Numerical optimization, 2006, eq. (2.15)"
    symbols = {"a": "h_{xx}", "d": "h_{yy}", "determinant": "D", "dx": "d_x", "dy": "d_y"}

    lr: float = knob(1.0, 1e-3, 10.0, log=True, symbol=r"\alpha", help="share of the jump that is taken")
    damping: float = knob(0.0, 0.0, 1000.0, symbol=r"\lambda", help="added to both diagonal entries of the Hessian")

    def step(self, x, g, hessian, factor=1.0):
        a, b, d = hessian[0] + self.damping, hessian[1], hessian[2] + self.damping
        determinant = a * d - b * b
        dx = quotient(d * g[0] - b * g[1], determinant)
        dy = quotient(a * g[1] - b * g[0], determinant)
        return x[0] - self.lr * factor * dx, x[1] - self.lr * factor * dy


@dataclass(frozen=True, kw_only=True)
class SciPyMinimizer(Minimizer):
    """A method of `scipy.optimize.minimize` that takes the gradient; it chooses its step lengths by line search."""

    method: ClassVar[str]
    group = "curvature"

    tolerance: float = knob(1e-6, 1e-12, 1.0, log=True, symbol=r"\tau", help="stop at a gradient this small")

    def options(self, steps: int) -> dict[str, float]:
        """SciPy's options for a run of at most `steps` iterations."""
        return {"maxiter": steps, "gtol": self.tolerance}

    def minimize(self, value, gradient, start, steps, report):
        import numpy as np
        from scipy.optimize import minimize

        divergence = Stop("diverged", Message("it met a value that is not finite."))

        def note(xk):
            if not np.isfinite(xk).all():
                raise ArithmeticError
            report(np.array(xk, dtype=float))

        if steps < 1:
            return Stop("stopped", Message("no step was asked for."))
        try:
            with np.errstate(all="ignore"):
                result = minimize(
                    lambda x: float(value(x)),
                    np.array(start, dtype=float),
                    jac=lambda x: np.asarray(gradient(x), dtype=float),
                    method=self.method,
                    callback=note,
                    options=self.options(steps),
                )
        except ArithmeticError:  # overflow and division by zero of plain floats, too
            return divergence
        if not (np.isfinite(result.fun) and np.isfinite(result.jac).all()):
            return divergence
        if result.success:
            if abs(result.jac).max() <= self.tolerance:
                return Stop("converged", Message("the gradient is nearly zero."))
            return Stop("stopped", Message("the loss no longer falls."))
        spent = result.nit >= steps
        return Stop("stopped", Message("all steps are used." if spent else "the line search found no lower point."))


@optimizers("bfgs", "BFGS")
class BFGS(SciPyMinimizer):
    """Newton's jump with an inverse Hessian that is learned from the changes of the gradient.

    Formula: d = -H g, x <- x + a d with a from a line search; then with s = a d and y the change of the gradient,
    H <- (I - s y'/y's) H (I - y s'/y's) + s s'/y's.

    Watch: it feels its way at first and finishes in a few long jumps once H has taken shape.

    Reference: Nocedal and Wright, Numerical optimization, 2006, Algorithm 6.1.
    """

    reference = "Nocedal and Wright, Numerical optimization, 2006, Algorithm 6.1"
    method = "BFGS"
    formula_text = (
        r"x_{t+1} = x_t - a_t H_t g_t, \quad a_t \text{ by line search}",
        r"s_t = x_{t+1} - x_t, \quad y_t = g_{t+1} - g_t, \quad r_t = 1 / y_t^\top s_t",
        r"H_{t+1} = (I - r_t s_t y_t^\top) H_t (I - r_t y_t s_t^\top) + r_t s_t s_t^\top",
    )


@optimizers("lbfgs", "L-BFGS")
class LBFGS(SciPyMinimizer):
    """BFGS from the last few steps only, so that it fits millions of weights.

    Formula: as BFGS, with H rebuilt at every step from the last `history` pairs (s, y).

    Watch: on two weights it is hardly different from BFGS; that is the point.

    Reference: Nocedal and Wright, Numerical optimization, 2006, Algorithms 7.4 and 7.5; code: Byrd et al., 1995.
    """

    reference = "Nocedal and Wright, Numerical optimization, 2006, Algorithms 7.4 and 7.5"
    method = "L-BFGS-B"
    formula_text = (
        r"x_{t+1} = x_t - a_t H_t g_t, \quad a_t \text{ by line search}",
        r"H_t \text{ from the last } k \text{ pairs } s_i = x_{i+1} - x_i, \; y_i = g_{i+1} - g_i",
    )

    history: int = knob(10, 1, 50, symbol="k", help="number of steps remembered")

    def options(self, steps):
        # ftol: the smallest relative gain worth a step; SciPy's 2e-9 stops before the gradient is small.
        return {"maxiter": steps, "gtol": self.tolerance, "maxcor": self.history, "ftol": 1e-15, "maxfun": 100 * steps}


@optimizers("cg", "Conjugate gradients")
class ConjugateGradients(SciPyMinimizer):
    """Line searches along directions that do not undo each other.

    Formula: d <- -g + max(0, g'(g - g_old) / g_old'g_old) d, x <- x + a d with a from a line search.

    Watch: where gradient descent zig-zags, it turns its second direction along the valley; a quadratic in two
    weights takes two exact line searches.

    Reference: Nocedal and Wright, Numerical optimization, 2006, Algorithm 5.4, beta of eq. (5.45).
    """

    reference = "Nocedal and Wright, Numerical optimization, 2006, Algorithm 5.4 with eq. (5.45)"
    method = "CG"
    formula_text = (
        r"x_{t+1} = x_t + a_t d_t, \quad a_t \text{ by line search}",
        r"b_t = \max\left(0, g_{t+1}^\top (g_{t+1} - g_t) / g_t^\top g_t\right)",
        r"d_{t+1} = -g_{t+1} + b_t d_t",
    )
