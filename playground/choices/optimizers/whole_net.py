"""What an optimizer of whole nets is, and what can be changed in any optimizer while a net is trained."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from playground.choices.live import live, setting
from playground.choices.optimizers.base import Optimizer, Rule
from playground.messages import listed, marked
from playground.registry import ChoiceError, cached

if TYPE_CHECKING:
    import torch

setting(
    "lr", marked("This optimizer chooses its own step lengths."), 0.01, 1e-6, 10.0, log=True, label="Learning rate",
    symbol=r"\alpha", help="the full rate, which the schedule goes on to multiply",
)  # fmt: skip
setting(
    "momentum", marked("This optimizer has no momentum."), 0.9, 0.0, 0.9999, label="Momentum", symbol=r"\rho",
    help="share of the velocity, or of the mean of gradients, that is kept at every step",
)  # fmt: skip
setting(
    "weight_decay", marked("This optimizer has no learning rate to multiply the decay with."), 0.0, 0.0, 10.0, log=True,
    label="Weight decay", symbol=r"\lambda", help="share of each weight lost per unit of learning rate",
)  # fmt: skip

# What the libraries keep under names that they all use: how it is drawn, as in `base.ROLES`, and what it is.
KEPT = {
    "exp_avg": ("slope", "running mean of gradients"),
    "exp_avg_sq": ("slope square", "running mean of their squares"),
    "square_avg": ("slope square", "running mean of squared gradients"),
    "momentum_buffer": ("slope", "velocity"),
}


class NetOptimizer(Optimizer):
    """An optimizer that torch computes, on a whole net.

    `feed` says what it is given at each step: "gradient"; "loss" too; the "closure" that computes both anew, a
    "gradient and closure", or a "pair" of nothing and the loss from the closure; a gradient with its "graph"; a
    "sparse" one; a "backward" pass of its own; or gradients that "accumulate". `matrices`: weights of more than two
    dimensions are handed over as matrices, a row for each output. `adapts`: it changes its rate itself, so that a
    schedule can only shorten its steps. `row`: the point of a race is handed over as a matrix of one row, because what
    it does to a vector is another method's step; `single`: it fails on double precision, so that the point has single.
    """

    alone = True
    feed: ClassVar[str] = "gradient"
    matrices: ClassVar[bool] = False
    row: ClassVar[bool] = False
    single: ClassVar[bool] = False
    adapts: ClassVar[bool] = False
    inertia: ClassVar[str | None] = None  # its knob for the momentum, where `momentum_knob` would not find it
    fixed: ClassVar[tuple[str, ...]] = ()  # knobs that only count at the start

    def make(self, net: torch.nn.Module, parameters: list[Any]) -> list[Any]:
        """The optimizers in torch's style that together train `parameters`, which stand for those of `net`."""
        raise NotImplementedError


def places(torch_optimizers: list[torch.optim.Optimizer]) -> list[dict[str, Any]]:
    """Where optimizers in torch's style look their settings up: their groups of parameters, and their attributes."""
    return [settings for optimizer in torch_optimizers for settings in (*optimizer.param_groups, vars(optimizer))]


def settings(maker: Any, net: torch.nn.Module) -> list[dict[str, Any]]:
    """The settings with which `maker` begins, for each of the `places` of what it makes."""
    import torch

    parameters = [parameter for parameter in net.parameters() if parameter.requires_grad]
    copies = [torch.nn.Parameter(as_matrix(parameter.detach(), maker.matrices).clone()) for parameter in parameters]
    simple = (bool, int, float, str, tuple)
    return [{k: v for k, v in group.items() if type(v) in simple} for group in places(maker.make(net, copies))]


def as_matrix(weight: torch.Tensor, flatten: bool = True) -> torch.Tensor:
    """`weight` (rows, ...) as (rows, columns) if `flatten` says so and it has more dimensions."""
    return weight.flatten(1) if flatten and weight.ndim > 2 else weight


def split(parameters: list[Any]) -> tuple[list[Any], list[Any]]:
    """The weights of all layers but the last, and everything else: the usual halves where matrices count.

    A net that is a single matrix, as the point of a race may be, has no other layer and is hidden.
    """
    weights = [parameter for parameter in parameters if parameter.ndim > 1]
    hidden = weights[:-1] if len(parameters) > 1 else weights
    hidden_ids = {id(weight) for weight in hidden}
    return hidden, [parameter for parameter in parameters if id(parameter) not in hidden_ids]


def _other_value(kind: type[Optimizer], name: str) -> Any:
    """An allowed value of a numeric knob that is not its default."""
    knob = kind.knobs()[name]
    middle = (knob.default + knob.low) / 2 if knob.default > knob.low else (knob.default + knob.high) / 2
    return middle if isinstance(knob.default, float) else int(knob.low if knob.default > knob.low else knob.high)


def _counts(kind: type[Rule], name: str) -> bool:
    """Whether a rule's step, once under way, depends on a knob (Rprop's does not on its first stride)."""
    rule, other_rule = kind(), kind(**{name: _other_value(kind, name)})
    x, state = 0.5, rule.init(0.5)
    for t in range(1, 200):
        x, state = rule.step(x, 1.0, state, t)
    # A turn, which even Lion's sign shows:
    return rule.step(x, -3.0, state, 200) != other_rule.step(x, -3.0, state, 200)


def momentum_knob(kind: type[Optimizer]) -> str:
    """The knob that says how much of the past gradients is kept; "" where there is none."""
    knobs, inertia = kind.knobs(), getattr(kind, "inertia", None)
    if isinstance(inertia, str):
        return inertia
    if "velocity" in getattr(kind, "State", Rule.State)._fields:
        return "rho"
    return next((name for name in ("momentum", "beta1") if name in knobs), "")


@cached()
def changeable(kind: type[Optimizer]) -> dict[str, str]:
    """What can be changed while a net is trained: "lr", "momentum", "weight_decay" -> the knob that it stands for.

    A weight decay of "" is the decoupled one that comes before every step; the optimizer has none of its own.
    """
    knobs = kind.knobs()
    knob_names = {"lr": "lr", "momentum": momentum_knob(kind), "weight_decay": "weight_decay"}
    changeable_knobs = {
        field: name for field, name in knob_names.items() if name in knobs and name not in getattr(kind, "fixed", ())
    }
    if issubclass(kind, Rule):
        changeable_knobs = {field: name for field, name in changeable_knobs.items() if _counts(kind, name)}
    return changeable_knobs | ({"weight_decay": ""} if "lr" in knobs and "weight_decay" not in changeable_knobs else {})


def change_setting(optimizer: Optimizer, field: str, value: float) -> Optimizer | None:
    """`optimizer` with a field of `changeable` at another value; None where that is the decoupled weight decay.

    Raises `ChoiceError` where the optimizer has no such setting, or where `value` is out of its range.
    """
    names = changeable(type(optimizer))
    if field not in names:
        about = {"optimizer": optimizer.label, "field": field}
        if not names:
            raise ChoiceError("{optimizer} has no {field} to change while it trains: nothing can be changed.", **about)
        raise ChoiceError(
            "{optimizer} has no {field} to change while it trains, but only {fields}.", **about, fields=listed(names)
        )
    if names[field]:
        return replace(optimizer, **{names[field]: value})
    live[field].knob.check(field, value)
    return None
