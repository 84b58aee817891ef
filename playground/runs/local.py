"""Specs as jobs, and in the caller's own process: `pg.run`, `pg.watch` and the command line."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

from playground.engine import ENGINES, TOGETHER, resumable
from playground.jobs import Inline, Job, Unfinished
from playground.jobs.job import Steps
from playground.messages import Message, tr
from playground.record import End, Event
from playground.runs.execution import Execution, Terms
from playground.runs.log import decode
from playground.runs.settings import read
from playground.runs.store import Store
from playground.runs.work import examine, keep_memory
from playground.specs import Spec

PAUSE = 0.25  # seconds between two records of a run that goes on
SHARE = 10  # a record may take one part in so many of the time


class Tail:
    """The events of a run as its log grows; `events` holds all of them so far."""

    def __init__(self, store: Store, key: str) -> None:
        self.store, self.key = store, key
        self.events: list[Event] = []
        self.offset, self.generation = 0, store.generation(key)

    def read(self) -> list[Event]:
        """Those that are new."""
        fresh: list[Event] = []
        while data := self.store.read(self.key, self.offset):
            generation = self.store.generation(self.key)
            if generation != self.generation:  # the log was cut back: from the beginning
                self.events, fresh, self.offset, self.generation = [], [], 0, generation
                continue
            fresh += decode(data)
            self.offset += len(data)
        self.events += fresh
        return fresh


def resume(spec: Spec, store: Store, *, threads: int = 0, engine: str = "") -> Iterator[Event | None]:
    """Computes a run to its end and yields the events, or follows the process that does and yields None now and then.

    Closing it ends the run at a checkpoint. Raises `NewerSchema`.
    """
    store.check_schema(spec.key)
    key, visitor = spec.key, f"process-{os.getpid()}"
    try:
        while not store.is_over(key):
            with store.lock(key) as is_free:
                if is_free and not store.is_over(key):
                    store.make(key, spec.to_query())
                    store.withdraw(key, "stop")
                    store.watch(key, visitor, again=True)
                    keep_memory()
                    execution = Execution(store, key, Terms(threads=threads), visitor=visitor)
                    yield from execution.events(resumable(spec, engine), spec)
                    return
            store.watch(key, visitor, again=True)
            yield None
            time.sleep(0.1)
    finally:
        store.leave(key, visitor)
        store.trim()


def job(spec: Spec, *, store: Store | None = None, engine: str = "", growing: bool = False) -> Job:
    """The computation of a spec, to be handed to an executor of `playground.jobs`.

    Its result is the record; that of a run comes from the store where it has been computed before, here or by the
    app. With `growing`, a run yields the record so far, a few times a second and after each landmark. `engine` names
    another module than the one that computes the spec.
    """
    if type(spec) in ENGINES:
        return Job(key=spec.key, work=ENGINES[type(spec)], arguments=(spec,))
    work = _all_runs if type(spec) in TOGETHER else _one_run
    return Job(key=spec.key, work=work, arguments=(spec, store or default(), engine, growing), resumable=True)


def default() -> Store:
    """The store of this machine, as large as the settings allow."""
    return Store(None, read().store_megabytes)


def _one_run(spec: Spec, store: Store, engine: str, growing: bool) -> Steps:
    """Computes a run in this process, or follows the one that does. Raises `Unfinished` where it fails."""
    module, tail, then, partial = resumable(spec), Tail(store, spec.key), 0.0, None
    for event in resume(spec, store, threads=read().threads, engine=engine):
        start = time.monotonic()
        if start < (then if event and event.landmark else then + PAUSE):
            continue
        tail.read()
        if growing:
            partial = module.collect(tail.events, {})
        if not (tail.events and isinstance(tail.events[-1], End)):
            yield replace(module.progress(tail.events), partial=partial)
        then = start + SHARE * (time.monotonic() - start) * growing
    return finished(spec, store)


def _all_runs(spec: Any, store: Store, engine: str, growing: bool) -> Steps:
    """Computes the runs of a spec one after the other."""
    records: list[Any] = [None] * len(spec.runs)
    for index, (label, run) in enumerate(zip(spec.labels(), spec.runs)):
        with closing(Inline().watch(job(run, store=store, engine=engine, growing=growing))) as news:
            for progress in news:
                records[index] = progress.partial
                if not progress.done:
                    share = (index + progress.share) / len(spec.runs)
                    partial = TOGETHER[type(spec)](spec, records) if growing else None
                    message = Message("{label}: {message}", label=label, message=progress.message)
                    yield replace(progress, share=share, message=message, partial=partial)
        records[index] = progress.result
    return TOGETHER[type(spec)](spec, records)


def watch(spec: Spec, **where: Any) -> Iterator[Any]:
    """The record of a run as it grows, a few times a second and after each landmark, and at last as it is in the end;
    of another spec, the record.

    What has been computed before, here or by the app, is not computed again. Raises `Unfinished` where it fails.
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
    return Inline().run(job(spec, **where))


def stored(spec: Any, store: Store) -> Any:
    """The record of what is stored of a run, None where there is nothing to show yet; of several, of those that are."""
    if type(spec) in TOGETHER:
        return TOGETHER[type(spec)](spec, [store.record(run) for run in spec.runs])
    return store.record(spec)


def finished(spec: Spec, store: Store) -> Any:
    """The stored record. Raises `Unfinished`, with the reason, where the run has failed or never begun."""
    record, end = store.record(spec), store.end(spec.key)
    if record is None or (end and end.word == "failed"):
        raise Unfinished(str(end.sentence) if end else tr("The run has not begun."))
    return record


def test_lines(spec: Any, store: Store | None = None, engine: str = "") -> Iterator[str]:
    """What the results of a spec's runs make of the test part, which is looked at once."""
    store = store or default()
    for label, run in zip(spec.labels(), spec.runs):
        if store.weights(run.key) and not store.test_result(run.key):
            examine(run.to_query(), str(store.folder), engine or resumable(run).__name__)
        result, message = store.test_result(run.key), Message("no weights")
        if result:
            values = {"loss": result.loss, "accuracy": result.accuracy}
            message = Message("test loss {loss:.4f}, accuracy {accuracy:percent2}", **values)
        yield f"{label}: {message}"
