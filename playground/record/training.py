"""What a training produces: events as they happen, and the columns they add up to. No behaviour.

C classes, L layers with weights (the last one gives the scores), B = `BINS`. Steps are counted from 1, so that step k
is the state after k updates; `seconds` is training time, without the time a run was stopped. A loss is the mean
cross-entropy in nats, without penalties; an accuracy is a share from 0 to 1; pictures are (height, width, 3) uint8.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from playground.messages import Message
from playground.record.base import Record

BINS = 64


def column(dtype: str, *shape: str | int) -> Any:
    """An array field: its type in NumPy's letters and its shape, a letter for what only the run knows.

    It is what a log that lacks the column is read with: NaN, or 0 in a column of integers.
    """
    return field(metadata={"dtype": dtype, "shape": shape})


@dataclass(frozen=True, kw_only=True, eq=False)
class Event:
    """Base of all events. `kinds`: their classes by the name that a log has for them; `landmark`: who watches is told
    of it at once."""

    kinds: ClassVar[dict[str, type[Event]]] = {}
    landmark: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        Event.kinds[cls.__name__.lower()] = cls


@dataclass(frozen=True, kw_only=True, eq=False)
class Preparation(Event):
    """Work before the first step: what is being done, and the share of it that is done (NaN where unknown)."""

    text: Message
    share: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Start(Event):
    """The training is about to make its first step."""

    key: str
    query: str
    title: str  # the data, as on every figure
    stamp: str  # the configuration in one line of small print
    classes: tuple[str, ...]  # (C,)
    layers: tuple[str, ...]  # (L,)
    parameters: int
    operations: int  # multiply-adds for one image, forwards
    images: int  # that are trained on
    validation_images: int
    batch: int
    steps: int  # of the whole run
    steps_per_epoch: int
    device: str
    threads: int
    precision: str
    bounded: tuple[bool, ...]  # (L,), whether the layer's activation can saturate
    initial_loss: float  # on the validation images, before the first step


@dataclass(frozen=True, kw_only=True, eq=False)
class Samples(Event):
    """Images of a batch as the net sees them, augmented, with what preprocessing did undone."""

    step: int
    images: np.ndarray = column("u1", "n", 32, 32, 3)
    labels: np.ndarray = column("u1", "n")
    partners: np.ndarray = column("u1", "n")  # the class mixed in; equal to the label where nothing is
    shares: np.ndarray = column("f4", "n")  # of the label; 1 where nothing is mixed in


@dataclass(frozen=True, kw_only=True, eq=False)
class Tick(Event):
    """The steps since the last tick: their means, and each by itself, which does not depend on when a tick fires."""

    step: int
    epoch: float
    seconds: float
    rate: float  # learning rate of this step; NaN for an optimizer without one
    loss: float
    accuracy: float
    speed: float  # images a second since the last tick
    losses: np.ndarray = column("f4", "n")  # of the n steps up to this one
    accuracies: np.ndarray = column("f4", "n")


@dataclass(frozen=True, kw_only=True, eq=False)
class Validation(Event):
    """The whole validation part, at the end of an epoch."""

    landmark: ClassVar[bool] = True

    step: int
    epoch: float
    seconds: float
    loss: float
    accuracy: float
    average_loss: float  # of the averaged weights; NaN without averaging
    average_accuracy: float
    confusion: np.ndarray = column("u2", "C", "C")  # row: true class, column: predicted class
    mistakes: np.ndarray = column("u1", "m", 32, 32, 3)  # the surest wrong ones first
    labels: np.ndarray = column("u1", "m")  # their true classes
    guesses: np.ndarray = column("u1", "m", 3)  # the three most probable classes
    probabilities: np.ndarray = column("f4", "m", 3)


@dataclass(frozen=True, kw_only=True, eq=False)
class Probe(Event):
    """A look into every layer at one step; histograms are shares of the values, in 65535ths of the fullest bin."""

    step: int
    seconds: float
    activations: np.ndarray = column("u2", "L", BINS)  # histogram of the layer's output
    activation_range: np.ndarray = column("f4", "L", 2)  # the ends of the first and last bin
    gradients: np.ndarray = column("u2", "L", BINS)  # of the loss with respect to the weights
    gradient_range: np.ndarray = column("f4", "L", 2)
    weights: np.ndarray = column("u2", "L", BINS)
    weight_range: np.ndarray = column("f4", "L", 2)
    activation_mean: np.ndarray = column("f4", "L")  # as all below; NaN in a residual block that the step left out
    activation_std: np.ndarray = column("f4", "L")
    gradient_mean: np.ndarray = column("f4", "L")
    gradient_std: np.ndarray = column("f4", "L")
    weight_mean: np.ndarray = column("f4", "L")
    weight_std: np.ndarray = column("f4", "L")
    # Share of units that are at rest for the whole batch; NaN where one image cannot tell.
    dead: np.ndarray = column("f4", "L")
    saturated: np.ndarray = column(
        "f4", "L"
    )  # share of outputs within 5 % of an asymptote; 0 for unbounded activations
    # Length of the step's update over length of the weights; NaN where these are 0.
    update_ratio: np.ndarray = column("f4", "L")
    gradient_norm: np.ndarray = column("f4", "L")
    total_norm: float  # of the gradient of all parameters


@dataclass(frozen=True, kw_only=True, eq=False)
class Filters(Event):
    """The first layer's weights as pictures: filters of a convolution, templates of a dense layer."""

    step: int
    pictures: np.ndarray = column("u1", "n", "h", "w", 3)  # each stretched over its own range


@dataclass(frozen=True, kw_only=True, eq=False)
class Change(Event):
    """A setting was changed while it trained; it holds from the step after this one."""

    step: int
    field: str
    value: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Finding(Event):
    """A message of diagnosis with its evidence; a later one of the same name takes its place, an empty one ends it."""

    step: int
    name: str
    sentence: Message
    curve: str  # where the evidence lies: loss, accuracy, rate, activations, gradients, weights, updates
    first: int  # the steps between which it lies
    last: int
    layer: str  # "" where it concerns the whole net


@dataclass(frozen=True, kw_only=True, eq=False)
class End(Event):
    """How the run ended: `finished`, `early` (early stopping), `stopped` (resumable), `diverged` or `failed`."""

    word: str
    sentence: Message
    step: int
    seconds: float
    best_step: int  # of the best result, in a training the lowest validation loss; 0 before the first
    layer: str = ""  # where the first value that is not finite arose; "" if none did


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class TrainingRecord(Record):
    """A training that was run: its events as columns. T ticks, V validations, P probes."""

    @property
    def key(self) -> str:  # type: ignore[override]
        """The spec's."""
        return self.start.key

    @property
    def query(self) -> str:  # type: ignore[override]
        """The spec's link."""
        return self.start.query

    @property
    def title(self) -> str:
        """The data."""
        return self.start.title

    @property
    def stamp(self) -> str:  # type: ignore[override]
        """The configuration."""
        return f"{self.start.stamp} · {self.start.query}"

    start: Start
    end: End | None  # None while it runs
    ticks: dict[str, np.ndarray]  # plain field of `Tick` -> (T,)
    steps: dict[str, np.ndarray]  # "loss" and "accuracy" of every step -> (S,) float32
    validations: dict[str, np.ndarray]  # field of `Validation` -> (V, ...), of mistakes only the last: (m, ...)
    probes: dict[str, np.ndarray]  # field of `Probe` -> (P, ...)
    filters: tuple[Filters, ...]
    samples: Samples | None
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]  # that hold at the end
    weights: dict[str, np.ndarray]  # of the trained net (the best or the averaged ones, where these are the answer)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ComparisonRecord(Record):
    """Trainings side by side; of those that were never begun there is none."""

    key: str
    query: str
    labels: tuple[str, ...]
    runs: tuple[TrainingRecord, ...]

    @property
    def title(self) -> str:
        """The data of the first run."""
        return self.runs[0].start.title

    @property
    def stamp(self) -> str:  # type: ignore[override]
        """The configuration of every run, a line each."""
        return "\n".join(f"{run.start.stamp} · {run.start.query}" for run in self.runs)
