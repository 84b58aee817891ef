"""The spec of a gradient check and its link.

The query reads

    v=1&surface=rosenbrock,a:1,b:100&small=small_mlp,...&activation=tanh&subject=surface&x=-1.5&y=2&precision=float64&...

It holds surface and net both, so that a visitor who looks at one keeps the other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from playground.choices.activations import Activation, activations
from playground.choices.formula import parse_slope
from playground.choices.small_nets import SmallNet, small_nets
from playground.choices.surfaces import Surface, surfaces
from playground.messages import marked
from playground.registry import Knob, knob
from playground.specs.fields import KnobField, choice, coordinate, declare, same
from playground.specs.race import COORDINATE
from playground.specs.spec import Spec

ON_SURFACE, ON_NET = "surface", "net"


def check_slope(text: str) -> None:
    """Raises `ChoiceError` unless `text` is a formula or empty."""
    if text:
        parse_slope(text)


def _own(axis: str, label: str) -> Any:
    knob = Knob(
        default="", check_text=check_slope, text=marked("a formula in x and y, or nothing"), symbol=f"f_{axis}",
        label=label, help=marked("as you have worked it out by hand; powers are written with **"),
    )  # fmt: skip
    return declare(KnobField(knob=knob, follows="surface"), knob.default)


@dataclass(frozen=True, kw_only=True)
class GradientCheck(Spec):
    """Exact gradient against difference quotients over all step sizes, of a surface at a point or of a small net.

    `subject`: "surface" or "net"; `x`, `y`: the point, by default where races on the surface start; `small` with
    `activation`: the net; `dx`, `dy`: the reader's own derivatives of the surface, "" for none. Raises `ChoiceError`.
    """

    kind: ClassVar[str] = "gradient check"

    surface: Surface = choice(surfaces, "rosenbrock")
    small: SmallNet = choice(small_nets, "small_mlp")
    activation: Activation = choice(activations, "tanh")
    subject: str = knob(ON_SURFACE, options=(ON_SURFACE, ON_NET), label="Gradient of", help="what is differentiated")
    x: float = coordinate(COORDINATE, 0, marked("At"))
    y: float = coordinate(COORDINATE, 1, marked("At"))
    precision: str = knob(
        "float64", options=("float64", "float32"), label="Precision", help="of the numbers the loss is computed in"
    )
    compare: str = knob(
        "whole", options=("whole", "worst"), label="Compare",
        help="the whole gradient as one vector, or the component that is worst off",
    )  # fmt: skip
    seed: int = knob(0, 0, 2**31 - 1, label="Seed", help="seeds the samples, weights and points")
    dx: str = _own("x", marked("Your df/dx"))
    dy: str = _own("y", marked("Your df/dy"))


@dataclass(frozen=True, kw_only=True)
class GradientCost(Spec):
    """What one gradient costs, exact and by difference quotients, for nets of growing width. Raises `ChoiceError`.

    The width is that of the record's rows; the one of `small` plays no part.
    """

    kind: ClassVar[str] = "gradient cost"

    small: SmallNet = same(GradientCheck, "small")
    activation: Activation = same(GradientCheck, "activation")
    seed: int = same(GradientCheck, "seed")

    @classmethod
    def of(cls, check: GradientCheck) -> GradientCost:
        """The cost for the net of a check, whose width and seed play no part."""
        return cls(small=replace(check.small, width=type(check.small)().width), activation=check.activation)
