"""From a blueprint to a module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from playground.layers import blueprint as data
from playground.layers.blueprint import Layer, Parts, Planned, Shape, plan
from playground.layers.modules import (
    DROPOUTS,
    Conv,
    DropConnectConv,
    DropConnectLinear,
    FractionalPool,
    Mean,
    Pad,
    Residual,
    Scale,
)


class Stage(NamedTuple):
    """A layer with weights: `weight` holds them, and what `output` gives is the layer's activation.

    `activated`: whether that has gone through an activation, which that of the scores and of shortcuts has not.
    """

    name: str
    weight: Any  # a module with `weight` and `bias`
    output: nn.Module
    activated: bool


class Net(nn.Module):
    """A net: (b, 3, 32, 32) -> scores (b, classes); `stages` are its layers with weights, in order."""

    def __init__(self, body: nn.Sequential, stages: tuple[Stage, ...]) -> None:
        super().__init__()
        self.body, self.stages = body, stages

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x)

    def set(self, field: str, value: float) -> None:
        """Change a setting from the next batch on, in the modules whose `live` names it and the attribute it is."""
        for module in self.modules():
            if name := getattr(module, "live", {}).get(field):
                setattr(module, name, value)


def build(
    blueprint: Sequence[Layer],
    parts: Parts,
    *,
    generator: torch.Generator,
    masks: torch.Generator,
    shape: Shape = (3, 32, 32),
    classes: int = 10,
) -> Net:
    """The net with its first weights, drawn from `generator` (on the processor).

    `masks` draws dropout, DropConnect, stochastic depth and fractional pooling, on the device where the net will run.
    """
    builder = _Builder(parts, masks)
    body = builder.sequence(plan(blueprint, parts, shape, classes), [])
    net = Net(body, tuple(Stage(*stage) for stage in builder.stages))
    initialize(net, parts.initializer, generator)
    return net


@torch.no_grad()
def initialize(net: Net, initializer: Any, generator: torch.Generator, batch: Tensor | None = None) -> None:
    """Draw all weights anew, layer by layer; with `batch` (b, 3, 32, 32) also what an initializer adapts to it."""
    for stage in net.stages:
        initializer.fill(stage.weight.weight, generator, getattr(stage.output, "leak", None) or 0.0)
        if stage.weight.bias is not None:
            stage.weight.bias.fill_(initializer.bias)
    if batch is not None and initializer.needs_batch:
        initializer.adapt(net, batch)


class _Builder:
    """Makes modules of a plan, and notes the layers with weights."""

    def __init__(self, parts: Parts, masks: torch.Generator) -> None:
        self.parts, self.masks = parts, masks
        self.stages: list[list[Any]] = []

    def sequence(self, planned: Sequence[Planned], waiting: list[list[Any]]) -> nn.Sequential:
        """The modules in order. `waiting`: stages whose activation has not come yet."""
        modules: list[nn.Module] = []
        for planned_module in planned:
            module = self._module(planned_module, waiting)
            modules.append(module)
            if planned_module.name:
                stage = [planned_module.name, module, module, False]
                self.stages.append(stage)
                waiting[:] = [stage]
            elif isinstance(planned_module.layer, (data.Act, data.Norm)):
                for stage in waiting:
                    stage[2:] = module, isinstance(planned_module.layer, data.Act)
                if isinstance(planned_module.layer, data.Act):
                    waiting.clear()
        return nn.Sequential(*modules)

    def _module(self, planned_module: Planned, waiting: list[list[Any]]) -> nn.Module:
        parts, masks = self.parts, self.masks
        match planned_module.layer:
            case data.Conv() | data.Dense():
                return self._weights(planned_module)
            case data.Norm():
                return parts.normalization.module(planned_module.before)
            case data.Act():
                activation: Any = parts.activation.module(planned_module.after[0])
                activation.leak = parts.activation.leak
                return activation
            case data.Drop():
                return DROPOUTS[parts.dropout_form](parts.dropout or 0.0, masks)
            case data.Pool(size):
                if size == 2 and parts.fractional_pooling:
                    _, height, width = planned_module.after
                    return FractionalPool((height, width), masks)
                return nn.MaxPool2d(size)
            case data.Mean():
                return Mean()
            case data.Flatten():
                return nn.Flatten()
            case data.Pad(channels, stride):
                return Pad(channels, stride)
            case data.Scale(factor):
                return Scale(factor)
        return self._residual(planned_module, waiting)

    def _weights(self, planned_module: Planned) -> nn.Module:
        layer, connect = planned_module.layer, self.parts.dropconnect if planned_module.name != "scores" else 0.0
        kind: type[nn.Module]
        # skip_init: PyTorch would fill the weights from its global generator.
        if isinstance(layer, data.Conv):
            padding = layer.kernel // 2 if layer.padding < 0 else layer.padding
            kind = DropConnectConv if connect else Conv
            options = {"stride": layer.stride, "padding": padding, "bias": planned_module.bias}
            module = nn.utils.skip_init(
                kind, planned_module.before[0], planned_module.after[0], layer.kernel, **options
            )
        else:
            kind = DropConnectLinear if connect else nn.Linear
            module = nn.utils.skip_init(
                kind, planned_module.before[0], planned_module.after[0], bias=planned_module.bias
            )
        if connect:
            module.p, module.masks = connect, self.masks
        return module

    def _residual(self, planned_module: Planned, waiting: list[list[Any]]) -> nn.Module:
        inside: list[list[Any]] = []
        body = self.sequence(planned_module.body, inside)
        shortcut = self.sequence(planned_module.shortcut, []) if planned_module.shortcut else nn.Identity()
        waiting[:] = inside  # the activation after the sum is that of the body's last layer
        assert isinstance(planned_module.layer, data.Residual)
        drop = self.parts.stochastic_depth * planned_module.layer.depth / planned_module.layer.blocks
        return Residual(body, shortcut, self.parts.activation.pieces, drop, self.masks)
