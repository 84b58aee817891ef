"""What a comparison of forms is: one method as textbooks and frameworks write it, ready to be run side by side.

A comparison gives two or three variants. Where a registered rule is what frameworks compute, it is one of them; the
others are rules of their own, which exist for the comparison only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from playground.choices.optimizers.base import Rule
from playground.registry import Choice, Registry, knob

forms: Registry[Form] = Registry("comparison")
variants: Registry[Rule] = Registry("variant")  # rules for comparisons only, in no menu

Meets = Callable[[Any, Mapping[str, Any]], Any]


def as_it_is(points: Any, states: Mapping[str, Any]) -> Any:
    """The points themselves."""
    return points


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One form of a method.

    `kin`: two numbers; variants with the same first one are the same method while the learning rate is constant, and
    with the same second one also when it changes. `meets(points, states)`: what is compared with the other variants,
    from arrays of its points and of its state variables; `mapping`: how its variables ("here") follow from those of
    the first variant ("there"), as LaTeX, empty where nothing is to be said.
    """

    label: str
    rule: Rule
    kin: tuple[int, int] = (0, 0)
    meets: Meets = as_it_is
    mapping: str = ""


class Form(Choice):
    """Base of all comparisons; `reference` says where the forms come from, `look` what to look at."""

    reference: ClassVar[str]
    look: ClassVar[str]

    def variants(self) -> tuple[Variant, ...]:
        """The forms, with this comparison's knobs; the first one is what the others are compared with."""
        raise NotImplementedError


def rate_knob(default: float) -> float:
    """The learning rate of both forms."""
    return knob(default, 1e-6, 10.0, log=True, symbol=r"\alpha", help="learning rate")


def share_knob(high: float = 1.0) -> float:
    """The share that is kept of what came before."""
    return knob(0.9, 0.0, high, symbol=r"\rho", help="share of the velocity that is kept")


def decay_knob() -> float:
    """The weight decay of both forms."""
    return knob(0.5, 1e-4, 10.0, symbol=r"\lambda", help="weight decay")


def epsilon_knob(default: float) -> float:
    """What keeps a divisor above zero."""
    return knob(default, 1e-16, 1.0, log=True, symbol=r"\epsilon", help="keeps the divisor above zero")
