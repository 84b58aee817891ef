"""Trainings, as `playground.runs` asks of a kind of work. What loads torch is imported once it is needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from playground.engine.training.collect import collect
from playground.jobs import Progress
from playground.messages import NOTHING, Message
from playground.record import ComparisonRecord, Event, Preparation, Start, Tick, TrainingRecord, Validation
from playground.specs.training import Comparison, Training

if TYPE_CHECKING:
    from playground.engine.training.trainer import Trainer

__all__ = ["PRELOAD", "SMALLER", "begin", "check", "collect", "compare", "progress", "read", "test"]

PRELOAD = "playground.engine.training.preload"
SMALLER = Message("take fewer images a batch, a smaller net or fewer images")
read, check = Training.from_query, Training.check_switches


def begin(spec: Training, **options: Any) -> Trainer:
    """A training, to be begun or gone on with; `options` as in `Trainer`."""
    from playground.engine.training.trainer import Trainer

    return Trainer(spec, **options)


def test(spec: Training, weights: dict[str, np.ndarray]) -> Validation:
    """What the weights of a run make of the test part."""
    from playground.engine.training import test_set

    return test_set.test(spec, weights)


def progress(events: Sequence[Event]) -> Progress:
    """How far a training with these events is."""
    last: dict[type[Event], Any] = {type(event): event for event in events}
    if not events or isinstance(events[-1], Preparation) or Tick not in last:
        preparation = last.get(Preparation)
        return Progress(share=preparation.share, message=preparation.text) if preparation else Progress()
    start, tick = last[Start], last[Tick]
    validation: Any = NOTHING
    if Validation in last:
        validation = Message("validation {accuracy:percent1}  ", accuracy=last[Validation].accuracy)
    message = Message(
        "epoch {epoch:.1f} of {epochs}  step {step}  loss {loss:.3f}  {validation}{left:.0f} s left",
        epoch=tick.epoch, epochs=start.steps // start.steps_per_epoch, step=tick.step, loss=tick.loss,
        validation=validation, left=(start.steps - tick.step) * tick.seconds / tick.step,
    )  # fmt: skip
    return Progress(share=tick.step / start.steps, message=message)


def compare(spec: Comparison, records: Iterable[TrainingRecord | None]) -> ComparisonRecord:
    """The records of a comparison's runs, None for one that has none, as one record."""
    pairs = [(label, record) for label, record in zip(spec.labels(), records) if record]
    labels, runs = zip(*pairs) if pairs else ((), ())
    return ComparisonRecord(key=spec.key, query=spec.to_query(), labels=labels, runs=runs)
