"""The server's side of the runs: hands specs to the cluster, and answers what becomes of them.

One `Runner` for each server process, shared by all its sessions. Its methods may be called from any thread and return
within milliseconds unless they say otherwise:

    here = runner()                                  # made at the first call
    here.warm()                                      # when the page opens: the cluster starts in the background
    here.submit(spec, visitor)                       # Start and Resume; ChoiceError is the sentence to show
    data, status = here.read(key, offset, visitor)   # the HTTP route: frames from `offset`, `status.to_json()` as X-Run
    here.status(key)                                 # the same without reading, and without counting as a watcher
    here.leave(key, visitor)                         # Stop: leaves the run, and ends it where nobody else watches
    spec = here.change(spec, "lr", 0.01, visitor)    # while it runs; the run that goes on, under a new key
    here.test(spec)                                  # evaluates the stored weights on the test part
    here.store.record(key), here.store.test_result(key)   # what is stored, for figures and files

A visitor is any text of letters, digits, `-` and `_` (at most 64), best one that stays with the browser.

The files of the store are the truth about a run. What this class knows beyond them is who waits in line, so that after
a restart of the server only the line is gone.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from playground.engine import RESUMABLE, resumable
from playground.messages import NOTHING, Message, marked
from playground.registry import ChoiceError
from playground.runs.connection import Connection
from playground.runs.execution import Execution, Terms, failure
from playground.runs.settings import Settings, read
from playground.runs.store import Status, Store
from playground.runs.work import examine, work
from playground.specs import Spec

LOOK = 0.5  # seconds between two looks at the cluster while something runs; what ends is noticed at once
STARTING = 0.05  # the same while workers are on their way
SAVING = 10.0  # seconds to wait for a checkpoint
CROSSING = 5.0  # seconds before a stop in which a newcomer may not have been noticed
TESTING = Message("being evaluated")
NO_CLUSTER = marked("No cluster: {problem}.")
DIED = marked("The process died again and again, most likely because it needed more memory than there is: {advice}.")


@dataclass(frozen=True, kw_only=True)
class Task:
    """Something for a worker to do with a run; `mark` is the store's when it was asked for."""

    key: str
    query: str
    mark: int
    engine: str  # the module that knows the work
    test: bool = False

    @property
    def name(self) -> str:
        """What Dask calls it: equal names are done once, also for several servers."""
        return f"{'test' if self.test else 'run'}-{self.key}-{self.mark}"


class Runner:
    """Submits runs and follows them.

    `folder` holds the runs; `engine` names another module than those of `RESUMABLE`. Raises `ChoiceError` for wrong
    settings. `problem` is why no cluster can be had, and `NOTHING` as long as nothing is wrong.
    """

    def __init__(self, folder: Path | None = None, settings: Settings | None = None, engine: str = "") -> None:
        self.settings = settings or read()
        self.store, self.engine, self.problem = Store(folder, self.settings.store_megabytes), engine, NOTHING
        self._lock = threading.RLock()
        self._line: list[Task] = []
        self._active: dict[Task, Any] = {}  # task -> its future
        self._asked: dict[str, str] = {}  # key of a run -> the visitor who asked for it
        self._tests: dict[str, Message] = {}  # key of a run -> what there is to say about its test
        self._wake, self._closed = threading.Event(), False
        self._thread: threading.Thread | None = None
        self._connection: Connection | None = None

    # -- what sessions ask for ---------------------------------------------------------------------------------------

    def warm(self) -> None:
        """Starts the cluster, or connects to the one there is, in the background."""
        with self._lock:
            self._wake.set()
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._follow, name="runs", daemon=True)
                self._thread.start()

    def submit(self, spec: Spec, visitor: str) -> Status:
        """Asks for a run: begun, gone on with, joined where others have asked for it, or just opened if it has ended.

        `visitor` counts as watching from now on. Raises `ChoiceError` where a limit of this server forbids it.
        """
        with self._lock:
            self.store.check_schema(spec.key)
            if not self.store.is_over(spec.key) and not self._is_pending(spec.key):
                self._check(spec, visitor)
            return self._submit(spec, visitor)

    def read(self, key: str, offset: int, visitor: str) -> tuple[bytes, Status]:
        """The log from `offset` on, at most 4 MB of it, and how the run is. `visitor` counts as watching.

        Where `status.generation` is another one than at the reader's last call, the log has been cut back in between:
        what came is to be thrown away, and everything to be read again from 0. A watcher who has not read for 150 s
        has gone; who has left is not counted again for reading.
        """
        self.store.watch(key, visitor)
        data, status = self.store.read(key, offset), self.status(key)
        return b"" if status.state == "newer" else data, status

    def status(self, key: str) -> Status:
        """How the run is."""
        status = self.store.status(key)
        if not status.test:
            status = replace(status, test=self._tests.get(key, NOTHING))
        with self._lock:
            waiting = [task.key for task in self._line if not task.test]
            pending = self._is_pending(key)
            free = max(self.settings.runs_at_once - len(self._runs()), 0)  # of these only a worker is not up yet
        if key in waiting and waiting.index(key) >= free:
            return replace(status, state="queued", position=waiting.index(key) + 1 - free)
        if status.state == "running":
            return replace(status, position=0)
        if pending or status.state == "starting":
            return replace(status, state="starting", position=0)
        return replace(status, resumable=status.resumable and not self._is_used_up(key))

    def leave(self, key: str, visitor: str) -> None:
        """`visitor` watches no longer; where nobody else does, the run stops at a checkpoint or leaves the line."""
        with self._lock:
            if self.store.leave(key, visitor):
                return
            waiting = [task for task in self._line if task.key == key and not task.test]
            if waiting:
                self._line.remove(waiting[0])
                self.store.remove_empty(key)
            elif any(task.key == key for task in self._runs()):
                self.store.ask(key, "stop")

    def change(self, spec: Any, field: str, value: float, visitor: str) -> Any:
        """Changes a setting of a run in progress from its next step on; takes up to a second.

        The answer is the spec with that change in it; its run goes on from there, and `visitor` watches it instead of
        the old one. Raises `ChoiceError`, also where the run is not in progress.
        """
        self._module(spec).check(spec.at(1, field, value))
        checkpoint = self._new_checkpoint(spec.key)
        changed_spec = spec.at(checkpoint[0]["step"] + 1, field, value)
        self.store.branch(spec.key, changed_spec, checkpoint)
        with self._lock:
            self._submit(changed_spec, visitor, first=True)
            self.leave(spec.key, visitor)
        return changed_spec

    def test(self, spec: Spec) -> None:
        """Has the result evaluated on the test part; `status(key).test` says when `store.test_result(key)` is there.

        Raises `ChoiceError` where the run has not ended with weights.
        """
        if not self.store.file(spec.key, "weights.npz").exists():
            raise ChoiceError("There is nothing to test: the run has not ended with weights.")
        with self._lock:
            if self.store.test_result(spec.key) or self._tests.get(spec.key) == TESTING:
                return
            self._tests[spec.key] = TESTING
            self._line.insert(0, self._task(spec, test=True))  # a moment's work
        self.warm()

    def close(self) -> None:
        """Ends the app's own cluster, or the connection to the one there is. Runs can be resumed."""
        with self._lock:
            self._closed = True
            thread, self._thread = self._thread, None
        self._wake.set()
        if thread:
            thread.join()

    # -- the line ----------------------------------------------------------------------------------------------------

    def _module(self, spec: Spec) -> Any:
        return resumable(spec, self.engine)

    def _task(self, spec: Spec, *, test: bool = False) -> Task:
        engine, mark = self._module(spec).__name__, self.store.mark(spec.key)
        return Task(key=spec.key, query=spec.to_query(), mark=mark, engine=engine, test=test)

    def _runs(self) -> list[Task]:
        return [task for task in self._active if not task.test]

    def _is_pending(self, key: str) -> bool:
        mark = self.store.mark(key)  # of a later end than the one that the task was to follow: it is as good as done
        return any((task.key, task.mark) == (key, mark) for task in [*self._line, *self._active] if not task.test)

    def _check(self, spec: Spec, visitor: str) -> None:
        settings = self.settings
        settings.check(spec)
        self._module(spec).check(spec)
        if self._is_used_up(spec.key):
            seconds = settings.seconds
            raise ChoiceError("The run has taken its time: {n} s of training are allowed here.", n=seconds)
        if self.store.is_running(spec.key):
            return
        own = sum(self._asked.get(task.key) == visitor for task in [*self._line, *self._runs()])
        if own >= settings.runs_per_visitor:
            most = settings.runs_per_visitor
            raise ChoiceError("{n} of your runs are in progress or wait, but at most {most} may.", n=own, most=most)
        waiting = len(self._line) + len(self._runs()) - settings.runs_at_once
        if waiting >= settings.queue_length:
            raise ChoiceError("{n} runs wait, and no more may: try again in a while.", n=max(waiting, 0))

    def _is_used_up(self, key: str) -> bool:
        end = self.store.end(key)
        return bool(self.settings.seconds and end and end.word == "stopped" and end.seconds >= self.settings.seconds)

    def _submit(self, spec: Spec, visitor: str, *, first: bool = False) -> Status:
        """`first` in line: somebody had a turn already."""
        key = spec.key
        if not self.store.is_over(key):
            self.store.make(key, spec.to_query())
            self.store.withdraw(key, "stop")
            if not self._is_pending(key) and self.store.status(key).state not in ("starting", "running"):
                self._line.insert(0 if first else len(self._line), self._task(spec))
                self._asked[key] = visitor
            self.warm()
        self.store.watch(key, visitor, again=True)
        return self.status(key)

    def _new_checkpoint(self, key: str) -> tuple[dict[str, Any], bytes]:
        """A checkpoint that the process of the run writes now."""
        self.store.ask(key, "save")
        until = time.monotonic() + SAVING
        while self.store.status(key).state == "running" and time.monotonic() < until:
            if not self.store.is_requested(key, "save"):
                checkpoint = self.store.checkpoint(key)
                if checkpoint and not self.store.end(key):
                    return checkpoint
            time.sleep(0.01)
        self.store.withdraw(key, "save")
        raise ChoiceError("The run is not in progress, so that nothing can be changed in it.")

    # -- the thread that talks to the cluster ------------------------------------------------------------------------

    def _follow(self) -> None:
        while not self._closed:
            self._wake.clear()
            try:
                if self._connection is None:
                    self._connection = Connection(
                        self.store, self.settings, [self.engine] if self.engine else [*RESUMABLE.values()]
                    )
                    self.problem = NOTHING
                pause = self._take_turn(self._connection)
            except Exception as problem:  # without this thread nothing would ever move again
                self._give_up(problem)
                pause = None
            self._wake.wait(pause)
        self._lose()

    def _take_turn(self, connection: Connection) -> float:
        """One turn of the thread; how long it may rest."""
        if not connection.is_open():
            self._lose()
            return 0
        self._settle()
        if self._dispatch(connection):
            return STARTING
        return LOOK if self._active or self._line else 10 * LOOK

    def _give_up(self, problem: Exception) -> None:
        """There is no cluster; nobody shall wait for what does not come, until somebody asks again."""
        self.problem = (
            problem.message if isinstance(problem, ChoiceError) else Message(NO_CLUSTER, problem=repr(problem))
        )
        self._lose()
        with self._lock:
            for task in self._line:
                self._tests.pop(task.key, None)
                self.store.remove_empty(task.key)
            self._line.clear()

    def _lose(self) -> None:
        """The cluster is gone, or is to go: its runs can be resumed from its last checkpoint."""
        if self._connection:
            self._connection.close()
            self._connection = None
        with self._lock:
            for task in self._active:
                self._tests.pop(task.key, None)
            self._active.clear()

    def _settle(self) -> None:
        """Takes note of what has ended."""
        for task, future in [*self._active.items()]:
            if not future.done():
                continue
            problem = future.exception() if future.status == "error" else None
            future.release()
            with self._lock:
                del self._active[task]
                if task.test:
                    self._tests[task.key] = _sentence(task, problem) if problem else NOTHING
                elif problem:
                    self._fail(task, problem)
                else:
                    self._go_on(task)

    def _fail(self, task: Task, problem: BaseException) -> None:
        """Writes the end that the process of the run could not write."""
        with self.store.lock(task.key) as free:
            if free:
                Execution(self.store, task.key, Terms()).give_up(_sentence(task, problem))

    def _go_on(self, task: Task) -> None:
        """Somebody may have come while the run was stopping because everybody else had left."""
        key, end = task.key, self.store.end(task.key)
        if end and end.word != "stopped":
            return
        has_watcher = self.store.watchers(key) and self.store.last_watched(key) > self.store.mark(key) / 1e9 - CROSSING
        if not has_watcher:
            self.store.remove_empty(key)
        elif not self._is_pending(key) and not self.store.is_running(key) and not self._is_used_up(key):
            self._line.insert(0, replace(task, mark=self.store.mark(key)))

    def _dispatch(self, connection: Connection) -> bool:
        """Hands out what there is room for; whether some of it still waits for workers on their way."""
        if not self._line:
            return False
        slots = connection.slots()
        while self._line and len(self._active) < slots:
            with self._lock:
                if not self._line:
                    break
                task = self._line.pop(0)
                if not task.test and not self.store.watchers(task.key):
                    self.store.remove_empty(task.key)
                    continue
                self._active[task] = self._hand_out(task, connection)
        return bool(self._line) and slots < self.settings.runs_at_once

    def _hand_out(self, task: Task, connection: Connection) -> Any:
        folder, settings = str(self.store.folder.resolve()), self.settings
        if task.test:
            future = connection.submit(task.name, examine, task.query, folder, task.engine)
        else:
            terms = Terms(threads=settings.threads, seconds=settings.seconds, unwatched=60 * settings.unwatched_minutes)
            future = connection.submit(
                task.name, work, task.query, folder, settings.store_megabytes, terms, task.engine
            )
        future.add_done_callback(lambda _: self._wake.set())
        return future


def _sentence(task: Task, problem: BaseException) -> Message:
    """Why a task has failed."""
    module = import_module(task.engine)
    return (
        Message(DIED, advice=module.SMALLER) if type(problem).__name__ == "KilledWorker" else failure(problem, module)
    )


@cache
def runner() -> Runner:
    """The one of this process."""
    return Runner()
