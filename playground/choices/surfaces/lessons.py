"""Lessons: losses of tiny models, drawn over their two weights."""

from __future__ import annotations

from statistics import fmean, pstdev

import sympy as sp

from playground.choices.surfaces.base import Surface, surfaces
from playground.registry import knob

# Rounded by hand from y = 0.8 x - 0.5 with some scatter; the mean of x is 3, so that raw x is far from centred.
LINE_X = (1.8, 2.3, 2.8, 3.2, 3.6, 4.3)
LINE_Y = (1.0, 1.2, 1.9, 1.9, 2.5, 2.9)

# Two classes that overlap, so that the weights stay finite.
CLASS_X = (-2.0, -1.2, -0.4, 0.3, 1.1, 2.0)
CLASS_SIGN = (-1, -1, 1, -1, 1, 1)

NEURON_X = (0.5, 1.0, 2.0)
NEURON_Y = (0.5, 0.8, 1.0)


@surfaces("line_fit", "Fit of a line")
class LineFit(Surface):
    """Mean squared error of the line y = w t + b through six points, on raw or on standardised inputs t.

    Formula: f(w, b) = mean of (w t_i + b - y_i)^2, where x is the slope w and y the offset b. Standardised inputs have
    mean 0 and standard deviation 1. Minimum at the least-squares line. Domain: the plane.
    """

    group = "lessons"
    window = (-2.5, 3.5, -3.0, 4.0)
    start = (-1.8, 3.2)
    axes = ("w", "b")
    log_levels = True
    source = "LeCun, Bottou, Orr and Müller, Efficient BackProp, 1998, sections 4.3 and 5.1"
    look = (
        "On raw inputs the contours are a narrow slanted ravine; standardised, they are circles and gradient descent "
        "walks straight to the minimum. Only the data changed, not the method."
    )

    inputs: str = knob("raw", options=("raw", "standardised"), help="what is done to the inputs before the fit")

    def data(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Inputs t and targets y, six each."""
        if self.inputs == "raw":
            return LINE_X, LINE_Y
        mean, spread = fmean(LINE_X), pstdev(LINE_X)
        return tuple([round((t - mean) / spread, 3) for t in LINE_X]), LINE_Y

    def formula(self, x, y):
        pairs = list(zip(*self.data(), strict=True))
        return sum((x * sp.Float(t) + y - sp.Float(target)) ** 2 for t, target in pairs) / len(pairs)

    def minima(self):
        inputs, targets = self.data()
        t, target = fmean(inputs), fmean(targets)
        covariance = fmean([(a - t) * (b - target) for a, b in zip(inputs, targets, strict=True)])
        slope = covariance / pstdev(inputs) ** 2
        return ((slope, target - slope * t),)


@surfaces("logistic", "Logistic loss")
class Logistic(Surface):
    """Cross-entropy of a logistic regression with slope w and offset b on six points of two overlapping classes.

    Formula: f(w, b) = mean of log(1 + exp(-s_i (w t_i + b))), where x is w, y is b and s_i is the class, +1 or -1.
    Domain: the plane.
    """

    group = "lessons"
    window = (-4.0, 7.0, -5.0, 5.0)
    start = (-3.0, 3.5)
    axes = ("w", "b")
    source = "Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2009, eq. (4.20)"
    look = "Far away the loss has a constant slope, near the minimum a flat bowl: steps shrink by themselves."

    def formula(self, x, y):
        points = list(zip(CLASS_X, CLASS_SIGN, strict=True))
        return sum(sp.log(1 + sp.exp(-sign * (sp.Float(t) * x + y))) for t, sign in points) / len(points)

    def minima(self):
        return ((1.64046002938749331, 0.0744749539545521214),)


@surfaces("neuron", "Tanh neuron")
class Neuron(Surface):
    """Mean squared error of the smallest network with a hidden layer: one tanh unit, one weight in, one weight out.

    Formula: f(w, v) = mean of (v tanh(w t_i) - y_i)^2 over three points, where x is w and y is v. Both weights with
    the opposite sign give the same network, so there are two equal minima and a saddle at (0, 0). Domain: the plane.
    """

    group = "lessons"
    window = (-3.0, 3.0, -2.5, 2.5)
    start = (-2.6, 0.6)
    axes = ("w", "v")
    log_levels = True
    source = "Goodfellow, Bengio and Courville, Deep Learning, 2016, section 8.2.2 (weight space symmetry)"
    look = (
        "Weights of zero are a saddle: that is why networks start from random numbers. "
        "Large weights w saturate the unit, and the gradient of w dies there."
    )

    def formula(self, x, y):
        points = list(zip(NEURON_X, NEURON_Y, strict=True))
        return sum((y * sp.tanh(sp.Float(t) * x) - sp.Float(target)) ** 2 for t, target in points) / len(points)

    def minima(self):
        w, v = 1.05123904912979909, 1.02858288905880594
        return ((w, v), (-w, -v))

    def saddles(self):
        return ((0.0, 0.0),)
