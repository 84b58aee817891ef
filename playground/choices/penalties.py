"""Regularization: a term added to the formula, or a decay of the weights apart from the gradient."""

from __future__ import annotations

import sympy as sp

from playground.registry import Choice, Registry, knob

penalties: Registry[Penalty] = Registry("penalty")


class Penalty(Choice):
    """Base of all penalties."""

    def term(self, x: sp.Expr, y: sp.Expr) -> sp.Expr:
        """What is added to the surface's formula."""
        return sp.Integer(0)

    def decay(self) -> float:
        """Fraction of each weight, per unit of learning rate, that is taken away at every step."""
        return 0.0


def coefficient(value: float) -> sp.Number:
    """`value` in a formula: whole numbers stay whole, so that it reads well, and 0 makes its term vanish."""
    return sp.Integer(int(value)) if value.is_integer() else sp.Float(value)


def _strength() -> float:
    return knob(0.1, 1e-4, 10.0, log=True, symbol=r"\lambda", help="strength")


@penalties("none", "None")
class NoPenalty(Penalty):
    """The surface as it is."""


@penalties("l1", "L1")
class L1(Penalty):
    """A cost for the sizes of the weights; it pushes small ones to exactly zero.

    Formula: lambda (|x| + |y|).

    Watch: creases appear along the axes, and minima slide onto them.

    Reference: Tibshirani, Regression shrinkage and selection via the lasso, 1996, eq. (1).
    """

    strength: float = _strength()

    def term(self, x, y):
        return coefficient(self.strength) * (sp.Abs(x) + sp.Abs(y))


@penalties("l2", "L2")
class L2(Penalty):
    """A cost for the squares of the weights; it pulls large ones hardest.

    Formula: (lambda / 2) (x^2 + y^2), so that the gradient gains lambda x.

    Watch: minima move towards the origin; the further out, the more.

    Reference: Hoerl and Kennard, Ridge regression, 1970, eq. (2.1).
    """

    strength: float = _strength()

    def term(self, x, y):
        return coefficient(self.strength / 2) * (x**2 + y**2)


@penalties("elastic_net", "Elastic net")
class ElasticNet(Penalty):
    """L1 and L2 mixed.

    Formula: lambda (ratio (|x| + |y|) + (1 - ratio) / 2 (x^2 + y^2)); ratio 1 is L1, ratio 0 is L2.

    Watch: creases along the axes as with L1, on a bowl as with L2.

    Reference: Zou and Hastie, Regularization and variable selection via the elastic net, 2005, eq. (3); the halves as
    in Friedman, Hastie and Tibshirani, Regularization paths for generalized linear models, 2010, eq. (2).
    """

    strength: float = _strength()
    ratio: float = knob(0.5, 0.0, 1.0, symbol="r", help="share of L1 in the mixture")

    def term(self, x, y):
        l1 = coefficient(self.strength * self.ratio) * (sp.Abs(x) + sp.Abs(y))
        return l1 + coefficient(self.strength * (1 - self.ratio) / 2) * (x**2 + y**2)


@penalties("weight_decay", "Decoupled weight decay")
class WeightDecay(Penalty):
    """Weights shrink at every step by themselves; the surface and its gradient stay as they are.

    Formula: x <- x - lr lambda x, before the optimizer's step.

    Watch: under SGD it gives the same path as L2; under Adam it does not, because no second moment divides it.

    Reference: Loshchilov and Hutter, Decoupled weight decay regularization, 2019, Algorithms 1 and 2 (with PyTorch's
    multiplication by the learning rate).
    """

    strength: float = _strength()

    def decay(self):
        return self.strength
