"""What a training works on: images, labels and how they are preprocessed, all in memory and drawn from the seed."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from playground.choices.datasets import Dataset
from playground.choices.preprocessings import Transform
from playground.data.images import ImageSet, Progress
from playground.data.split import split, subset
from playground.engine.streams import stream
from playground.messages import Message
from playground.record import Preparation
from playground.specs.training import Training

TICK = 0.25  # seconds between two signs of life


@dataclass(frozen=True, kw_only=True, eq=False)
class DataSplits:
    """The images of a training: those learned from, and those validated with."""

    title: str
    classes: tuple[str, ...]
    images: np.ndarray  # (n, 3, 32, 32) uint8
    labels: np.ndarray  # (n,) uint8
    validation_images: np.ndarray  # (m, 3, 32, 32) uint8
    validation_labels: np.ndarray  # (m,) uint8
    transform: Transform  # fitted to `images`


class GivenUp(Exception):
    """Raised in a thread whose result nobody waits for any more."""


_held: dict[Dataset, ImageSet] = {}


def image_set(data: Dataset, progress: Progress) -> ImageSet:
    """The images of a data set; the last one stays in memory, since a class trains on the same ones."""
    found = _held.get(data)
    if found is None:
        found = data.load(progress)
        _held.clear()
        _held[data] = found
    return found


def prepare(spec: Training, data: ImageSet | None, progress: Progress) -> DataSplits:
    """Load, choose the subset, split, and fit the preprocessing to the training part."""
    data = data or image_set(spec.data, progress)
    progress(Message("choosing images"), float("nan"))
    chosen = subset(data.labels, spec.images, stream(spec.seed, "subset"))
    train, validation = split(data.labels[chosen], spec.validation, stream(spec.seed, "split"))
    train, validation = chosen[train], chosen[validation]
    images = data.images[train]
    progress(Message("fitting the preprocessing"), float("nan"))
    return DataSplits(
        title=data.title,
        classes=data.classes,
        images=images,
        labels=data.labels[train],
        validation_images=data.images[validation],
        validation_labels=data.labels[validation],
        transform=spec.preprocessing.fit(images),
    )


def with_progress(work: Callable[[Progress], Any]) -> Generator[Preparation, None, Any]:
    """Run `work(progress)` in a thread; yields what it reports, at least four times a second, and returns its result.

    When the generator is closed, the next report raises in the thread, so that the work ends.
    """
    reports: queue.SimpleQueue[Preparation | None] = queue.SimpleQueue()
    given_up = threading.Event()
    outcome: dict[str, Any] = {}

    def progress(text: Message, share: float) -> None:
        if given_up.is_set():
            raise GivenUp
        reports.put(Preparation(text=text, share=share))

    def run() -> None:
        try:
            outcome["result"] = work(progress)
        except BaseException as problem:  # raised in the caller's thread below
            outcome["problem"] = problem
        reports.put(None)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield from _paced(reports)
    finally:
        given_up.set()
    if "problem" in outcome:
        raise outcome["problem"]
    return outcome["result"]


def _paced(reports: queue.SimpleQueue[Preparation | None]) -> Iterator[Preparation]:
    """The newest report every `TICK` seconds, again where there is no newer one, until None comes."""
    report = Preparation(text=Message("starting"), share=float("nan"))
    until = time.monotonic() + TICK
    while True:
        try:
            newer = reports.get(timeout=max(until - time.monotonic(), 0))
        except queue.Empty:
            yield report
            until = time.monotonic() + TICK
            continue
        if newer is None:
            return
        report = newer
