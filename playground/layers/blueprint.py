"""A net as data: what follows what, and what comes of it in parameters, operations and shapes. Loads no torch.

A blueprint names layers of weights and leaves slots (`Norm`, `Act`, `Drop`, `Pool`) that the other choices of a
training fill. `plan` fills them, layer by layer; from the plan both the numbers and the modules are made.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

Shape = tuple[int, ...]  # (channels, height, width) of a picture, (units,) of a vector


@dataclass(frozen=True)
class Layer:
    """Base of all layers of a blueprint."""


@dataclass(frozen=True)
class Conv(Layer):
    """A convolution to `channels`; `padding` -1 keeps the size of the picture (with an odd kernel)."""

    channels: int
    kernel: int = 3
    stride: int = 1
    padding: int = -1


@dataclass(frozen=True)
class Dense(Layer):
    """A fully connected layer to `units`; 0 stands for the number of classes."""

    units: int = 0


@dataclass(frozen=True)
class Norm(Layer):
    """The slot of the normalization."""


@dataclass(frozen=True)
class Act(Layer):
    """The slot of the activation."""


@dataclass(frozen=True)
class Drop(Layer):
    """The slot of dropout."""


@dataclass(frozen=True)
class Pool(Layer):
    """Max pooling by `size`; fractional max pooling takes the place of those by 2."""

    size: int = 2


@dataclass(frozen=True)
class Mean(Layer):
    """The mean over the picture."""


@dataclass(frozen=True)
class Flatten(Layer):
    """The picture as a vector."""


@dataclass(frozen=True)
class Scale(Layer):
    """Multiplication by a constant."""

    factor: float


@dataclass(frozen=True)
class Pad(Layer):
    """Every `stride`-th pixel, and channels of zeros behind those that are there."""

    channels: int
    stride: int


@dataclass(frozen=True)
class Residual(Layer):
    """`body` added to what comes in, after which comes the activation.

    Where the shapes differ, a 1 x 1 convolution with normalization adapts what comes in, or without `projection` a
    `Pad`. `depth` is the block's place among all (from 1), `blocks` their number.
    """

    body: tuple[Layer, ...]
    depth: int
    blocks: int
    projection: bool = True


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What fills the slots: choices, and the fields of `Recipe` that live inside a net."""

    activation: Any
    normalization: Any
    initializer: Any
    dropout: float | None = None
    dropout_form: str = "inverted"
    dropconnect: float = 0.0
    stochastic_depth: float = 0.0
    fractional_pooling: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One module of the net: its layer, its name ("" without weights), shapes, and what it costs."""

    layer: Layer
    name: str
    before: Shape
    after: Shape
    parameters: int = 0
    operations: int = 0  # multiply-adds for one image
    bias: bool = False
    body: tuple[Planned, ...] = ()
    shortcut: tuple[Planned, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LayerSize:
    """A layer with weights; the parameters of its normalization and activation are counted with its own."""

    name: str
    parameters: int
    operations: int
    shape: Shape


@dataclass(frozen=True, kw_only=True)
class Size:
    """What a net comes to: `operations` are the multiply-adds of its weights for one image, forwards."""

    parameters: int
    operations: int
    layers: tuple[LayerSize, ...]


@dataclass
class _Walk:
    """Where the planning has come to."""

    parts: Parts
    classes: int
    shape: Shape
    prefix: str = ""
    counts: dict[str, int] = field(default_factory=dict)

    def name(self, kind: str) -> str:
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return f"{self.prefix}{kind}{self.counts[kind]}"


def plan(
    blueprint: Sequence[Layer], parts: Parts, shape: Shape = (3, 32, 32), classes: int = 10
) -> tuple[Planned, ...]:
    """The modules of a net, in order. Raises `ValueError` where a picture gets too small for a layer."""
    return tuple(_plan(blueprint, _Walk(parts, classes, shape)))


def measure(blueprint: Sequence[Layer], parts: Parts, shape: Shape = (3, 32, 32), classes: int = 10) -> Size:
    """Parameters and operations of the net, and of each of its layers."""
    flat = list(walk(plan(blueprint, parts, shape, classes)))
    layers: list[LayerSize] = []
    for module in flat:
        if module.name:
            layers.append(
                LayerSize(
                    name=module.name, parameters=module.parameters, operations=module.operations, shape=module.after
                )
            )
        elif module.parameters:
            last = layers[-1]
            layers[-1] = replace(last, parameters=last.parameters + module.parameters)
    return Size(
        parameters=sum(module.parameters for module in flat),
        operations=sum(module.operations for module in flat),
        layers=tuple(layers),
    )


def walk(planned: Sequence[Planned]) -> Iterator[Planned]:
    """Every module, those inside residual blocks instead of the block."""
    for module in planned:
        if isinstance(module.layer, Residual):
            yield from walk(module.body)
            yield from walk(module.shortcut)
        else:
            yield module


def _plan(blueprint: Sequence[Layer], state: _Walk, tail: Sequence[Layer] = ()) -> Iterator[Planned]:
    """The modules of `blueprint`, behind which `tail` follows."""
    for index, layer in enumerate(blueprint):
        module = _module(layer, (*blueprint[index + 1 :], *tail), state)
        if module is None:
            continue
        if min(module.after) < 1:
            raise ValueError(f"the picture of {state.shape} is too small for {layer}")
        state.shape = module.after
        yield module


def _module(layer: Layer, rest: Sequence[Layer], state: _Walk) -> Planned | None:
    """The module of one layer, None for an empty slot."""
    parts, shape = state.parts, state.shape
    match layer:
        case Conv() | Dense():
            return _weights(layer, rest, state)
        case Norm():
            count = parts.normalization.count(shape[0])
            return Planned(layer=layer, name="", before=shape, after=shape, parameters=count) if count else None
        case Act():
            channels = shape[0] // parts.activation.pieces
            count = parts.activation.count(channels)
            return Planned(layer=layer, name="", before=shape, after=(channels, *shape[1:]), parameters=count)
        case Drop():
            return None if parts.dropout is None else Planned(layer=layer, name="", before=shape, after=shape)
        case Pool(size):
            ratio = parts.fractional_pooling if size == 2 and parts.fractional_pooling else size
            after = (shape[0], *(int(side / ratio) for side in shape[1:]))
            return Planned(layer=layer, name="", before=shape, after=after)
        case Mean():
            return Planned(layer=layer, name="", before=shape, after=shape[:1])
        case Flatten():
            return Planned(layer=layer, name="", before=shape, after=(math.prod(shape),))
        case Scale():
            return Planned(layer=layer, name="", before=shape, after=shape)
        case Pad(channels, stride):
            after = (channels, *(-(-side // stride) for side in shape[1:]))
            return Planned(layer=layer, name="", before=shape, after=after)
        case Residual():
            return _residual(layer, rest, state)
    raise TypeError(f"no layer of a blueprint: {layer!r}")


def _weights(layer: Conv | Dense, rest: Sequence[Layer], state: _Walk) -> Planned:
    """A layer of weights. It has `pieces` times the outputs where an activation follows that takes their maximum."""
    slots = []
    for next_layer in rest:
        if isinstance(next_layer, (Conv, Dense, Residual)):
            break
        slots.append(type(next_layer))
    pieces = state.parts.activation.pieces if Act in slots else 1
    bias = not (Norm in slots and state.parts.normalization.shifts)
    before = state.shape
    if isinstance(layer, Dense):
        last = layer.units == 0
        units = (layer.units or state.classes) * pieces
        operations = before[0] * units
        name = "scores" if last else state.name("fc")
        return Planned(
            layer=layer,
            name=name,
            before=before,
            after=(units,),
            parameters=operations + units * bias,
            operations=operations,
            bias=bias,
        )
    padding = layer.kernel // 2 if layer.padding < 0 else layer.padding
    after = (layer.channels * pieces, *((side + 2 * padding - layer.kernel) // layer.stride + 1 for side in before[1:]))
    weights = before[0] * layer.kernel**2 * after[0]
    return Planned(
        layer=layer,
        name=state.name("conv"),
        before=before,
        after=after,
        parameters=weights + after[0] * bias,
        operations=weights * after[1] * after[2],
        bias=bias,
    )


def _residual(layer: Residual, rest: Sequence[Layer], state: _Walk) -> Planned:
    before, prefix = state.shape, f"{state.prefix}block{layer.depth}."
    inner = _Walk(state.parts, state.classes, before, prefix)
    body = tuple(_plan(layer.body, inner, rest))
    shortcut: tuple[Planned, ...] = ()
    # The sums of one unit that an activation takes the maximum of all get the same shortcut.
    shape = (inner.shape[0] // state.parts.activation.pieces, *inner.shape[1:])
    if shape != before:
        channels, stride = shape[0], -(-before[1] // shape[1])
        adapter = (Conv(channels, 1, stride, 0), Norm()) if layer.projection else (Pad(channels, stride),)
        adapter_modules = _plan(adapter, _Walk(state.parts, state.classes, before))
        shortcut = tuple(replace(module, name=module.name and f"{prefix}shortcut") for module in adapter_modules)
    return Planned(layer=layer, name="", before=before, after=inner.shape, body=body, shortcut=shortcut)
