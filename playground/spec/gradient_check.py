"""The spec of a gradient check and its link.

The query reads

    v=1&surface=rosenbrock,a:1,b:100&small=small_mlp,...&activation=tanh&subject=surface&x=-1.5&y=2&precision=float64&...

It holds surface and net both, so that whoever looks at one keeps the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from playground.choices.activations import Activation, activations
from playground.choices.formula import parse_slope
from playground.choices.small_nets import SmallNet, small_nets
from playground.choices.surfaces import Surface, surfaces
from playground.registry import Knob, Registry
from playground.spec.fields import Fields, OnSurface
from playground.spec.race import COORDINATE

ON_SURFACE, ON_NET = "surface", "net"


def check_slope(text: str) -> None:
    """Raises `ChoiceError` unless `text` is a formula or empty."""
    if text:
        parse_slope(text)


def _own(axis: str) -> Knob:
    return Knob(
        default="", check_text=check_slope, text="a formula in x and y, or nothing", symbol=f"f_{axis}",
        label=f"Your df/d{axis}", help="as you have worked it out by hand; powers are written with **",
    )  # fmt: skip


SUBJECT = Knob(default=ON_SURFACE, options=(ON_SURFACE, ON_NET), label="Gradient of", help="what is differentiated")
PRECISION = Knob(
    default="float64", options=("float64", "float32"), label="Precision", help="of the numbers the loss is computed in"
)
COMPARE = Knob(
    default="whole", options=("whole", "worst"), label="Compare",
    help="the whole gradient as one vector, or the component that is worst off",
)  # fmt: skip
SEED = Knob(default=0, low=0, high=2**31 - 1, label="Seed", help="samples, weights and points follow from it")
PLAIN = {
    "subject": SUBJECT, "x": COORDINATE, "y": COORDINATE, "precision": PRECISION, "compare": COMPARE, "seed": SEED,
    "dx": _own("x"), "dy": _own("y"),
}  # fmt: skip
NET = {"small": small_nets, "activation": activations}


@dataclass(frozen=True, kw_only=True)
class GradientCheck(OnSurface):
    """Exact gradient against difference quotients over all step sizes, of a surface at a point or of a small net.

    `subject`: "surface" or "net"; `x`, `y`: the point, by default where races on the surface start; `small` with
    `activation`: the net; `dx`, `dy`: the reader's own derivatives of the surface, "" for none. Raises `ChoiceError`.
    """

    kind: ClassVar[str] = "gradient check"
    choices: ClassVar[Mapping[str, Registry]] = {"surface": surfaces} | NET
    plain: ClassVar[Mapping[str, Knob]] = PLAIN

    subject: str = SUBJECT.default
    surface: Surface = field(default_factory=lambda: surfaces["rosenbrock"]())
    x: float | None = None
    y: float | None = None
    small: SmallNet = field(default_factory=lambda: small_nets["small_mlp"]())
    activation: Activation = field(default_factory=lambda: activations["tanh"]())
    precision: str = PRECISION.default
    compare: str = COMPARE.default
    seed: int = SEED.default
    dx: str = ""
    dy: str = ""


@dataclass(frozen=True, kw_only=True)
class GradientCost(Fields):
    """What one gradient costs, exact and by difference quotients, for nets of growing width. Raises `ChoiceError`.

    The width is that of the record's rows; the one of `small` plays no part.
    """

    kind: ClassVar[str] = "gradient cost"
    choices: ClassVar[Mapping[str, Registry]] = NET
    plain: ClassVar[Mapping[str, Knob]] = {"seed": SEED}

    small: SmallNet = field(default_factory=lambda: small_nets["small_mlp"]())
    activation: Activation = field(default_factory=lambda: activations["tanh"]())
    seed: int = SEED.default

    @classmethod
    def of(cls, check: GradientCheck) -> GradientCost:
        """The cost for the net of a check, whose width and seed play no part."""
        return cls(small=replace(check.small, width=type(check.small)().width), activation=check.activation)
