"""Where jobs run: in the threads of those who watch them, or in a few threads aside."""

from __future__ import annotations

import queue
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, suppress
from typing import Any

from playground.jobs.job import Job, Progress, Steps, Stopped
from playground.jobs.running import Running
from playground.registry import ChoiceError


class Executor(ABC):
    """Runs jobs, each key once at a time.

    `kept` results stay, those used longest ago go first; one that `keeps(result)` denies is forgotten at once. At most
    `waiting` jobs may be on their way.
    """

    inline = False
    needs_watcher = False

    def __init__(self, *, waiting: int = 1000, kept: int = 0, keeps: Callable[[Any], bool] | None = None) -> None:
        self.waiting, self.kept, self.keeps = waiting, kept, keeps
        self._lock = threading.Lock()
        self._jobs: dict[Any, Running] = {}  # in the order of their last use

    def submit(self, job: Job) -> Running:
        """The job on its way; one of the same key is shared. Raises `ChoiceError` where too many wait."""
        with self._lock:
            running = self._jobs.pop(job.key, None)
            if running is None or not self._is_good(running):
                self._trim()
                running = self._new(job)
                self._begin(running)
            self._jobs[job.key or running] = running
        return running

    def watch(self, job: Job) -> Generator[Progress]:
        """News of a job until the last, which has the result. Raises what the work has raised; closing it leaves."""
        while True:
            running = self.submit(job)
            try:
                yield from running.watch()
                return
            except Stopped:
                if not running.was_left:  # else the others had left before this one had come: it begins anew
                    raise

    def run(self, job: Job) -> Any:
        """The result of a job."""
        with closing(self.watch(job)) as news:
            *_, last = news
        return last.result

    def each(self, jobs: Iterable[Job]) -> Iterator[Any]:
        """The results of many jobs in their order; as many are on their way as may be."""
        line: list[Running] = []
        try:
            for job in jobs:
                line.append(self.submit(job))
                if len(line) >= self.waiting // 2:
                    yield line.pop(0).join()
            while line:
                yield line.pop(0).join()
        finally:
            for running in line:
                running.stop()

    def close(self) -> None:
        """Stops what is on its way and forgets what is kept."""
        with self._lock:
            jobs, self._jobs = list(self._jobs.values()), {}
        for running in jobs:
            if not running.is_over:
                running.stop()

    @abstractmethod
    def _begin(self, running: Running) -> None:
        """Sees to it that it is advanced."""

    def _steps(self, job: Job) -> Steps:
        return job.steps()

    def _new(self, job: Job) -> Running:
        return Running(job, self._steps(job), inline=self.inline, needs_watcher=self.needs_watcher)

    def _is_good(self, running: Running) -> bool:
        """Whether a job of the same key need not run again."""
        if running.has_failed or not running.is_over:
            return not running.has_failed
        return self.kept > 0 and (self.keeps is None or self.keeps(running.result()))

    def _trim(self) -> None:
        """Forgets what is over, but for results that are kept; makes room for one more."""
        over = [key for key, running in self._jobs.items() if running.is_over]
        good = [key for key in over if isinstance(key, str) and self._is_good(self._jobs[key])]
        for key in set(over) - set(good[max(len(good) - self.kept + 1, 0) :]):
            del self._jobs[key]
        many = sum(not running.is_over for running in self._jobs.values())
        if many >= self.waiting:
            raise ChoiceError("{n} computations wait, and no more may: try again in a while.", n=many)


class Inline(Executor):
    """In the threads of those who watch, one at a time; a job that nobody watches any more stops."""

    inline = True
    needs_watcher = True

    def _begin(self, running: Running) -> None:
        pass


class Threads(Executor):
    """In at most `threads` threads aside; jobs go on unwatched."""

    def __init__(self, threads: int, *, name: str = "jobs", **bounds: Any) -> None:
        super().__init__(**bounds)
        self.threads, self.name = threads, name
        self._line: queue.SimpleQueue[Running] = queue.SimpleQueue()
        self._started, self._busy = 0, 0

    def _begin(self, running: Running) -> None:
        self._busy += 1
        if self._started < min(self.threads, self._busy):
            self._started += 1
            threading.Thread(target=self._work, name=f"{self.name}-{self._started}", daemon=True).start()
        self._line.put(running)

    def _work(self) -> None:
        while True:
            running = self._line.get()
            while not running.is_over:
                with suppress(BaseException):  # those who watch it get it
                    running.advance()
            with self._lock:
                self._busy -= 1
            del running
