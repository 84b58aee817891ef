"""Specs as jobs, and in the caller's own process: `pg.run`, `pg.watch` and the command line."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

from playground.engine import ENGINES
from playground.engine.training.collect import collect
from playground.jobs import Inline, Job, Progress
from playground.jobs.job import Steps
from playground.messages import tr
from playground.record import ComparisonRecord, Event, Tick, TrainingRecord, Validation
from playground.runs.execution import Execution, Stopping, Terms, never
from playground.runs.log import decode
from playground.runs.settings import read
from playground.runs.store import Store
from playground.runs.work import ENGINE, keep_memory
from playground.specs import Comparison, Spec

if TYPE_CHECKING:
    from playground.specs.training import Training

PAUSE = 0.25  # seconds between two records of a run that goes on
SHARE = 10  # a record may take one part in so many of the time


class Unfinished(RuntimeError):
    """A training has failed or was interrupted; its text says which, and what to do."""


class Tail:
    """The events of a run as its log grows; `events` holds all of them so far."""

    def __init__(self, store: Store, key: str) -> None:
        self.store, self.key = store, key
        self.events: list[Event] = []
        self.offset, self.generation = 0, store.generation(key)

    def read(self) -> list[Event]:
        """Those that are new."""
        found: list[Event] = []
        while data := self.store.read(self.key, self.offset):
            generation = self.store.generation(self.key)
            if generation != self.generation:  # the log was cut back: from the beginning
                self.events, found, self.offset, self.generation = [], [], 0, generation
                continue
            found += decode(data)
            self.offset += len(data)
        self.events += found
        return found


def train(
    spec: Training, store: Store, *, threads: int = 0, stopping: Stopping = never, engine: str = ENGINE
) -> Iterator[Event | None]:
    """Trains to the end and yields the events, or follows the process that does and yields None now and then.

    Closing it, or `stopping()` (which says why), ends the run at a checkpoint. Raises `NewerSchema`.
    """
    store.check_schema(spec.key)
    key, visitor = spec.key, f"process-{os.getpid()}"
    try:
        while not store.is_over(key) and stopping() is None:
            with store.alone(key) as free:
                if free and not store.is_over(key):
                    store.make(key, spec.to_query())
                    store.withdraw(key, "stop")
                    store.watch(key, visitor, again=True)
                    keep_memory()
                    attempt = Execution(store, key, Terms(threads=threads), stopping=stopping, visitor=visitor)
                    yield from attempt.events(import_module(engine), spec)
                    return
            store.watch(key, visitor, again=True)
            yield None
            time.sleep(0.1)
    finally:
        store.leave(key, visitor)
        store.trim()


def job(spec: Spec, *, store: Store | None = None, engine: str = ENGINE, growing: bool = False) -> Job:
    """The computation of a spec, to be handed to an executor of `playground.jobs`.

    Its result is the record; that of a training comes from the store where it has been trained before, here or by the
    app. With `growing`, a training yields the record so far, a few times a second and after each epoch.
    """
    if type(spec) in ENGINES:
        return Job(key=spec.key, work=ENGINES[type(spec)], arguments=(spec,))
    return Job(key=spec.key, work=training, arguments=(spec, store, engine, growing))


def training(spec: Training, store: Store | None, engine: str = ENGINE, growing: bool = False) -> Steps:
    """Trains in this process, or follows the one that does; returns the record. Raises `Unfinished` where it fails."""
    settings = read()
    store = store or Store(None, settings.store_megabytes)
    tail, then, record = Tail(store, spec.key), 0.0, None
    for event in train(spec, store, threads=settings.threads, engine=engine):
        began = time.monotonic()
        if began < (then if growing and isinstance(event, Validation) else then + PAUSE):
            continue
        if growing:
            tail.read()
            record = collect(tail.events)
        if not (record and record.end):
            yield Progress(share=share(spec, [event]), partial=record)
        then = began + SHARE * (time.monotonic() - began)
    return finished(spec, store)


def share(spec: Training, events: Iterable[Event | None]) -> float:
    """The part of the epochs that is done, as the last of some events that knows says; NaN where none does."""
    return (
        max((event.epoch for event in events if isinstance(event, Tick | Validation)), default=math.nan) / spec.epochs
    )


def watch(spec: Spec, **where: Any) -> Iterator[Any]:
    """The record of a training as it grows, a few times a second and after each epoch, and at last as it is in the end;
    of another spec, the record.

    What has been trained before, here or by the app, is not trained again. Raises `Unfinished` where it fails.
    """
    for progress in Inline().watch(job(spec, growing=True, **where)):
        if progress.done:
            yield progress.result
        elif progress.partial is not None:
            yield progress.partial


def run(spec: Spec, **where: Any) -> Any:
    """The record of a spec: of a race or another question of `playground.engine`, of a training, this one with its
    weights, or of a comparison of trainings, one after the other; stored trainings are not trained again.

    Raises as `watch`.
    """
    if isinstance(spec, Comparison):
        return compared(spec, [run(one, **where) for one in spec.runs])
    return Inline().run(job(spec, **where))


def compared(spec: Comparison, records: Iterable[TrainingRecord | None]) -> ComparisonRecord:
    """The records of a comparison's runs, None for one that has none, as one record."""
    held = [(label, record) for label, record in zip(spec.labels(), records) if record]
    labels, runs = zip(*held) if held else ((), ())
    return ComparisonRecord(key=spec.key, query=spec.to_query(), labels=labels, runs=runs)


def finished(spec: Training, store: Store) -> TrainingRecord:
    """The stored record. Raises `Unfinished`, with the reason, where the run has failed or never begun."""
    record, end = store.record(spec.key), store.end(spec.key)
    if record is None or (end and end.word == "failed"):
        raise Unfinished(str(end.sentence) if end else tr("The training has not begun."))
    return record
