"""One process's turn at a run: from its last checkpoint to its end, or to the next stop."""

from __future__ import annotations

import io
import math
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from playground.jobs import Stopped
from playground.messages import Message
from playground.record import End, Event, Preparation
from playground.registry import ChoiceError
from playground.runs.log import append
from playground.runs.store import Store, checkpoint_bytes

SAVING = 5.0  # seconds between two checkpoints, unless these take more than
SHARE = 20  # one part in so many of the time
CHECKING = 1.0  # seconds between two counts of the watchers
GRACE = 0.2  # seconds that a step may take to its end when the run is to stop
NOTHING: dict[str, Any] = {"step": 0, "log": 0, "seconds": 0.0, "best_step": 0}
ASKED = Message("asked for")
NO_MEMORY = ("out of memory", "allocate memory", "not enough memory", "create a memory", "std::bad_alloc")


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a run may take: `threads` of the processor (0: as they are), `seconds` of work (0: as many as it
    needs), and the seconds after which it stops when nobody has watched it (0: it goes on unwatched)."""

    threads: int = 0
    seconds: int = 0
    unwatched: float = 0.0


class Execution:
    """Computes `key` into the store; the caller holds the run's lock. `visitor` counts as watching all the time."""

    def __init__(self, store: Store, key: str, terms: Terms, *, visitor: str = "") -> None:
        self.store, self.key, self.terms, self.visitor = store, key, terms, visitor
        self.log = store.of(key) / "log"
        self.facts, self.seconds = NOTHING, 0.0
        self.began, self.watchers_checked = time.time(), 0.0
        self.saved, self.cost = -math.inf, 0.0  # the first step is saved at once, so that no stop loses the run
        self.stop_checked, self.going_on_until = 0.0, time.monotonic()

    def events(self, module: ModuleType, spec: Any) -> Iterator[Event]:
        """Computes `spec` as `module` does, and yields what was written to the log; closing it stops the run at a
        checkpoint."""
        state = self._begin()
        work = None
        try:
            work = module.begin(spec, threads=self.terms.threads, interrupted=self._is_interrupted)
            if state is not None:
                work.load(state)
            yield from self._follow(work)
        except Stopped:
            yield self._roll_back(self._reason() or ASKED)
        except GeneratorExit:
            if work and work.settled:
                self._save(work)
            self._roll_back(Message("its program did not go on with it"))
            raise
        except KeyboardInterrupt:
            self._roll_back(Message("its program was interrupted"))
            raise
        except Exception as problem:
            self.store.put(self.key, "error.txt", traceback.format_exc().encode())
            step, best_step = (work.step, work.best_step) if work else (0, 0)
            yield self._close(self._ending("failed", failure(problem, module), step, best_step))

    def give_up(self, sentence: Message) -> None:
        """Ends a run as failed whose process could not."""
        self._begin()
        self._close(self._ending("failed", sentence, self.facts["step"], self.facts["best_step"]))

    # -- the log -----------------------------------------------------------------------------------------------------

    def _begin(self) -> bytes | None:
        """The trainer's bytes to go on from; the log ends where they were taken. Raises `NewerSchema`."""
        self.store.check_schema(self.key)  # before anything of it is thrown away
        old = (self.log.parent / name for name in ("end.json", "error.txt", "weights.npz", "test"))
        for path in (*old, *self.log.parent.glob(".*")):  # the latter of a process that was killed while it wrote
            path.unlink(missing_ok=True)
        self.facts, state = self.store.checkpoint(self.key) or (NOTHING, None)
        self.seconds = self.facts["seconds"]
        self._truncate_log(self.facts["log"])
        return state

    def _truncate_log(self, length: int) -> None:
        """Cuts the log; readers compare the generation after they have read, so that it changes first."""
        if self.log.exists() and self.log.stat().st_size > length:
            self.store.put(self.key, "generation", str(self.store.generation(self.key) + 1).encode())
            with open(self.log, "r+b") as file:
                file.truncate(length)

    def _append(self, event: Event) -> None:
        append(self.log, event)
        self.seconds = getattr(event, "seconds", self.seconds)

    # -- the run -----------------------------------------------------------------------------------------------------

    def _follow(self, work: Any) -> Iterator[Event]:
        events = work.events()
        for event in events:
            if isinstance(event, End):
                yield self._finish(work, event)
                return
            self._append(event)
            reason = self._reason() if work.settled or isinstance(event, Preparation) else None
            if work.settled and (reason or self._is_due()):
                self._save(work)
            if reason:
                sentence = _stop_sentence(work.step, reason)
                best_step = work.best_step if work.settled else self.facts["best_step"]
                yield self._close(self._ending("stopped", sentence, work.step, best_step))
                return
            try:
                yield event
            except GeneratorExit:
                self._complete(work, events, event)
                raise

    def _complete(self, work: Any, events: Iterator[Event], event: Event) -> None:
        """Takes the other events of the step too: the trainer has them, and without them would have to go back."""
        while work.step and not work.settled and not isinstance(event, Preparation):
            event = next(events)
            self._append(event)

    def _is_due(self) -> bool:
        is_requested = self.store.is_requested(self.key, "save")
        return is_requested or time.monotonic() - self.saved > max(SAVING, SHARE * self.cost)

    def _save(self, work: Any) -> None:
        start = time.monotonic()
        log = self.log.stat().st_size
        self.facts = {"step": work.step, "log": log, "seconds": self.seconds, "best_step": work.best_step}
        self.store.put(self.key, "checkpoint", checkpoint_bytes(self.facts, work.state()))
        self.store.withdraw(self.key, "save")
        self.saved = time.monotonic()
        self.cost = self.saved - start

    def _reason(self) -> Message | None:
        """Why the run is to stop now, None where it is not."""
        if self.store.is_requested(self.key, "stop"):
            return ASKED
        if self.terms.seconds and self.seconds >= self.terms.seconds:
            return Message("{seconds} s of training are allowed on this server", seconds=self.terms.seconds)
        now = time.time()
        if now - self.watchers_checked > CHECKING:
            self.watchers_checked = now
            if self.visitor:
                self.store.watch(self.key, self.visitor)
            unwatched = now - max(self.began, self.store.last_watched(self.key))
            if 0 < self.terms.unwatched < unwatched:
                return Message("nobody watched it")
        return None

    def _is_interrupted(self) -> bool:
        """Whether to leave a step in its middle; it is asked between any two layers, and looks ten times a second."""
        now = time.monotonic()
        if now - self.stop_checked > 0.1:
            self.stop_checked = now
            if not self.store.is_requested(self.key, "stop"):
                self.going_on_until = now
        return self.stop_checked - self.going_on_until > GRACE

    # -- the end -----------------------------------------------------------------------------------------------------

    def _finish(self, work: Any, end: End) -> End:
        if weights := work.weights():
            file = io.BytesIO()
            np.savez(file, **weights)
            self.store.put(self.key, "weights.npz", file.getvalue())
        self._close(end)
        (self.log.parent / "checkpoint").unlink(missing_ok=True)
        return end

    def _roll_back(self, reason: Message) -> End:
        """Ends the run at its last checkpoint."""
        step, self.seconds = self.facts["step"], self.facts["seconds"]
        self._truncate_log(self.facts["log"])
        return self._close(self._ending("stopped", _stop_sentence(step, reason), step, self.facts["best_step"]))

    def _ending(self, word: str, sentence: Message, step: int, best_step: int) -> End:
        return End(word=word, sentence=sentence, step=step, seconds=self.seconds, best_step=best_step)

    def _close(self, end: End) -> End:
        self._append(end)
        self.store.put_end(self.key, end)
        for request in ("stop", "save"):
            self.store.withdraw(self.key, request)
        return end


def _stop_sentence(step: int, reason: Message) -> Message:
    """Where a run was stopped, and why, unless that was asked for."""
    if reason == ASKED:
        return Message("Stopped at step {step}.", step=step)
    return Message("Stopped at step {step}: {reason}.", step=step, reason=reason)


def failure(problem: BaseException, module: ModuleType) -> Message:
    """What went wrong, in words for users."""
    if isinstance(problem, ChoiceError):
        return problem.message
    text = str(problem)
    if isinstance(problem, MemoryError) or any(words in text.lower() for words in NO_MEMORY):
        return Message("The process ran out of memory: {advice}.", advice=module.SMALLER)
    first = text.strip().splitlines()[0][:200] if text.strip() else Message("no reason given")
    return Message("The run failed ({kind}: {problem}).", kind=type(problem).__name__, problem=first)
