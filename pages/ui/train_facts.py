"""What can be said of a training before it runs: its size, its length, what has no effect in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from playground.choices.optimizers import Optimizer, Rule
from playground.choices.regularizers import Regularizer
from playground.layers.blueprint import Layer, Parts, Size, measure
from playground.messages import Message, tr
from playground.specs.training import Comparison, Training

STEPS = 300  # after which moments and velocities have come up to speed
CLASSES = 10  # of a data set that has not been looked at


@lru_cache(maxsize=256)
def _size(network, activation, normalization, initializer, fractional_pooling: float) -> Size:
    parts = Parts(
        activation=activation, normalization=normalization, initializer=initializer,
        fractional_pooling=fractional_pooling,
    )  # fmt: skip
    return measure(network.blueprint(), parts, classes=CLASSES)


def size(run: Training) -> Size:
    """Parameters and multiply-adds of the net, for ten classes."""
    return _size(run.network, run.activation, run.normalization, run.initializer, run.recipe().fractional_pooling)


def net_in_words(run: Training) -> str:
    """The net's line: its name and how many parameters it has."""
    return tr("{net}, {n:amount} parameters", net=Message(run.network.label), n=size(run).parameters)


def images(run: Training) -> int:
    """How many images it learns from, if there are as many as it asks for."""
    return round(run.images * (1 - run.validation))


def steps(run: Training) -> int:
    """How many steps it makes."""
    count = images(run)
    return run.epochs * max(count // min(run.batch or count, count), 1)


def cost(spec: Comparison, seconds: float) -> str:
    """What a comparison asks of this machine, in one line."""
    sizes = {(size(run).parameters, size(run).operations) for run in spec.runs}
    time = {"steps": sum(map(steps, spec.runs)), "seconds": seconds}
    if len(sizes) > 1:
        return tr("{n} runs, {steps:count} steps: about {seconds:duration} on this machine.", n=len(spec.runs), **time)
    ((parameters, operations),) = sizes
    return tr(
        "{parameters:amount} parameters, {operations:amount} multiply-adds an image, {steps:count} steps: about "
        "{seconds:duration} on this machine.",
        parameters=parameters, operations=operations, **time,
    )  # fmt: skip


def fitting(kind: type[Optimizer]) -> Optimizer:
    """An optimizer with a learning rate for nets: so that a weight whose gradient stays at 0.01 moves by 0.001 a step.

    The defaults of the rules are made for surfaces, which are some units wide; weights are some hundredths.
    """
    fresh = kind()
    if not isinstance(fresh, Rule) or "lr" not in kind.knobs():
        return fresh
    x, state, way = 0.5, fresh.init(0.5), 0.0
    for t in range(1, STEPS + 1):
        before, (x, state) = x, fresh.step(x, 0.01, state, t)
        way += abs(x - before)
    return replace(fresh, **{"lr": float(f"{fresh.rate * 0.001 * STEPS / way:.0e}")})


def idle(run: Training, regularizer: Regularizer) -> str:
    """Why a regularizer has no effect on this run, "" where it has."""
    if any(isinstance(layer, regularizer.needs) for layer in _layers(run.network.blueprint())):
        return ""
    return tr(regularizer.lack, net=Message(run.network.label))


def _layers(blueprint: tuple[Layer, ...]) -> Iterator[Layer]:
    for layer in blueprint:
        yield layer
        yield from _layers(getattr(layer, "body", ()))
