"""Regularization: a term added to the formula, or a decay of the weights apart from the gradient."""

from __future__ import annotations

import sympy as sp

from playground.registry import Choice, Registry

penalties = Registry("penalty")


class Penalty(Choice):
    """Base of all penalties."""

    def term(self, x: sp.Expr, y: sp.Expr) -> sp.Expr:
        """What is added to the surface's formula."""
        return sp.Integer(0)

    def decay(self) -> float:
        """Fraction of each weight, per unit of learning rate, that is taken away at every step."""
        return 0.0


@penalties("none", "None")
class NoPenalty(Penalty):
    """The surface as it is."""
