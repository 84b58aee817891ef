"""What one gradient of a small net costs: counted in evaluations of the loss, and measured in processor time."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from playground.choices.derive import namespace
from playground.choices.differences import Difference, differences
from playground.engine.small_net import Net, small_net
from playground.messages import Message, listed, marked
from playground.record import CostRecord
from playground.specs.gradient_check import GradientCost

WIDTHS = (1, 2, 4, 8, 16, 32)
MOST = 700  # parameters of the largest net, so that the answer does not keep anybody waiting
REPEATS = 3
STEP = 1e-5
LARGE = 1_000_000  # parameters of the net that the last sentence speaks of


def gradient_cost(spec: GradientCost) -> CostRecord:
    """The costs for nets of the spec's kind with `WIDTHS` units in each hidden layer, as far as `MOST` allows.

    Times are medians of `REPEATS` runs in processor time of this thread, so that other work on the machine disturbs
    them little; difference quotients take one evaluation after another, as a loop over the weights does.
    """
    methods = [cls() for cls in differences.values()]
    plans = [replace(spec.small, width=width) for width in WIDTHS]
    plans = [plan for plan in plans if plan.dimension(spec.activation) <= MOST]
    nets = [small_net(plan, spec.activation, spec.seed, namespace("numpy")) for plan in plans]
    dimensions = np.array([len(net.weights) for net in nets])
    evaluations = np.array(
        [[1] * len(nets), *([method.evaluations(n) for n in dimensions.tolist()] for method in methods)]
    )
    seconds = np.array([_times(net, methods) for net in nets]).T
    growth = np.array([np.polyfit(np.log(dimensions), np.log(row), 1)[0] for row in seconds])
    return CostRecord(
        spec=spec,
        title=listed([Message(spec.small.label), Message(spec.activation.label)]),
        names=("exact", *(method.name for method in methods)),
        methods=(marked("Backpropagation"), *(method.label for method in methods)),
        widths=np.array([plan.width for plan in plans]),
        dimensions=dimensions,
        evaluations=evaluations,
        seconds=seconds,
        repeats=REPEATS,
        growth=growth,
        sentences=_sentences(methods, dimensions, seconds, growth),
    )


def _times(net: Net, methods: list[Difference]) -> list[float]:
    """Median seconds of one exact gradient and of one by each of the methods, interleaved."""
    runs: list[Callable[[], Any]] = [lambda: net.gradient(net.weights)]
    runs += [partial(numeric_gradient, net, method, STEP) for method in methods]
    for run in runs:
        run()
    times = [[_seconds(run) for run in runs] for _ in range(REPEATS)]
    return [statistics.median(column) for column in zip(*times)]


def _seconds(run: Callable[[], Any]) -> float:
    start = time.thread_time_ns()
    run()
    return (time.thread_time_ns() - start) * 1e-9


def numeric_gradient(net: Net, method: Difference, h: float) -> np.ndarray:
    """The gradient (n,) by difference quotients, one evaluation of the loss after another.

    A value that does not depend on the component, as f(x) in forward differences, is computed once.
    """
    point = net.weights.astype(complex if method.imaginary else float)
    here: list[float] = []
    gradient = np.empty(len(point))

    def loss(offset: complex) -> complex:
        if not offset:
            here.extend([] if here else [net.loss(point[None])[0]])
            return here[0]
        coordinate, point[i] = point[i], point[i] + offset
        value = net.loss(point[None])[0]
        point[i] = coordinate
        return value

    for i in range(len(gradient)):
        gradient[i] = method.quotient(loss, h)
    return gradient


def _sentences(
    methods: list[Difference], dimensions: np.ndarray, seconds: np.ndarray, growth: np.ndarray
) -> tuple[Message, ...]:
    n, many = int(dimensions[-1]), methods[0].evaluations(LARGE)
    lines = [
        Message(
            "{method}: {evaluations:count} evaluations of the loss for {n:count} parameters, {times:count} times as "
            "long as backpropagation, which gives all components at once; the time grows as n to the power "
            "{power:.1f}.",
            method=Message(method.label),
            evaluations=method.evaluations(n),
            n=n,
            times=float(times),
            power=float(power),
        )
        for method, times, power in zip(methods, seconds[1:, -1] / seconds[0, -1], growth[1:])
    ]
    large = marked("A net of {n:count} parameters would take {evaluations:count} evaluations for one gradient.")
    return (*lines, Message(large, n=LARGE, evaluations=many))
