"""Trainings on the command line: a bar that moves in a terminal, a line for each epoch elsewhere."""

from __future__ import annotations

import math
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from playground.messages import NOTHING, Message, tr
from playground.numbers import percent
from playground.record import ComparisonRecord, End, Event, Preparation, Start, Tick, Validation
from playground.runs.cluster import BRIEF
from playground.runs.local import Tail, Unfinished, compared, finished, train
from playground.runs.settings import read
from playground.runs.store import Store
from playground.runs.work import ENGINE, examine

if TYPE_CHECKING:
    from playground.specs.training import Comparison, Training

WIDTH = 24
INTERRUPTED = Message("interrupted")


class Display:
    """Shows the events of one run on `out`."""

    def __init__(self, label: str, out: TextIO) -> None:
        self.label, self.out, self.moves = label, out, out.isatty()
        self.start: Start | None = None
        self.tick: Tick | None = None
        self.accuracy, self.preparing = math.nan, NOTHING

    def show(self, event: Event) -> None:
        """Take in an event."""
        if isinstance(event, Preparation) and (self.moves or event.text != self.preparing):
            self.preparing = event.text
            self._line(f"{event.text} {percent(event.share)}" if self.moves and event.share > 0 else str(event.text))
        elif isinstance(event, Start):
            self.start = event
        elif isinstance(event, Tick):
            self.tick = event
            if self.moves:
                self._line(self._state(event))
        elif isinstance(event, Validation):
            self.accuracy = event.accuracy
            if not self.moves and self.tick:
                self._line(self._state(self.tick))
        elif isinstance(event, End):
            self._line(str(event.sentence))
            self.out.write("\n" if self.moves else "")

    def _state(self, tick: Tick) -> str:
        start = self.start
        assert start is not None  # a tick comes after it
        done = WIDTH * tick.step // start.steps
        bar = f"[{'#' * done}{'.' * (WIDTH - done)}] " if self.moves else ""
        left = (start.steps - tick.step) * tick.seconds / tick.step
        known = not math.isnan(self.accuracy)
        accuracy = tr("validation {accuracy:percent1}", accuracy=self.accuracy) + "  " if known else ""
        epochs = start.steps // start.steps_per_epoch
        return bar + tr(
            "epoch {epoch:.1f} of {epochs}  step {step}  loss {loss:.3f}  {accuracy}{left:.0f} s left",
            epoch=tick.epoch, epochs=epochs, step=tick.step, loss=tick.loss, accuracy=accuracy, left=left,
        )  # fmt: skip

    def _line(self, text: str) -> None:
        self.out.write(f"\r\x1b[K{self.label}: {text}" if self.moves else f"{self.label}: {text}\n")
        self.out.flush()


def run(
    comparison: Comparison, *, test: bool = False, store: Store | None = None, engine: str = ENGINE
) -> ComparisonRecord:
    """Trains all runs of a comparison one after the other, but for those already stored; returns their record.

    With `test`, evaluates them on the test part too and prints that. Raises `Unfinished` where a run fails, and after
    Ctrl-C, which stops the run at a checkpoint.
    """
    for name, value in BRIEF.items():
        os.environ.setdefault(name, value)  # before torch is loaded
    settings = read()
    store = store or Store(None, settings.store_megabytes)
    with interruptible() as asked:
        for label, spec in zip(comparison.labels(), comparison.runs):
            _one(Display(label, sys.stderr), spec, store, settings.threads, asked, engine)
    records = [finished(spec, store) for spec in comparison.runs]
    for label, spec in zip(comparison.labels(), comparison.runs if test else ()):
        if store.weights(spec.key) and not store.tested(spec.key):
            examine(spec.to_query(), str(store.folder), engine)
        found = store.tested(spec.key)
        told = Message("no weights")
        if found:
            values = {"loss": found.loss, "accuracy": found.accuracy}
            told = Message("test loss {loss:.4f}, accuracy {accuracy:percent2}", **values)
        print(f"{label}: {told}")
    return compared(comparison, records)


def _one(display: Display, spec: Training, store: Store, threads: int, asked: list[int], engine: str) -> None:
    tail = Tail(store, spec.key)
    for _ in train(spec, store, threads=threads, stopping=lambda: INTERRUPTED if asked else None, engine=engine):
        for event in tail.read():
            display.show(event)
    if asked and not store.is_over(spec.key):
        raise Unfinished(tr("interrupted; the same command goes on from there."))
    end = store.end(spec.key)
    if end and not tail.events:  # it was stored
        display.show(end)


@contextmanager
def interruptible() -> Iterator[list[int]]:
    """Within this, Ctrl-C is noted in the list instead of being raised; a second one is raised."""
    asked: list[int] = []

    def note(number: int, frame: object) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)
