"""A job that was asked for: it goes on step by step in whichever thread advances it, and any number may watch."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from typing import Any

from playground.jobs.job import Job, Progress, Steps, Stopped
from playground.messages import Message
from playground.registry import ChoiceError


class Running:
    """A job on its way.

    `inline`: those who watch it advance it, one at a time. `needs_watcher`: it stops when the last one has gone.
    `interrupt()` ends a step that is under way, where that can be done. `was_left`: nobody watched it any more.
    """

    def __init__(
        self, job: Job, steps: Steps, *, inline: bool, needs_watcher: bool, interrupt: Callable[[], None] | None = None
    ) -> None:
        self.job, self.inline, self.needs_watcher = job, inline, needs_watcher
        self.progress, self.watchers = Progress(), 0
        self._steps, self._interrupt, self._until = steps, interrupt, 0.0
        self._count, self._stopping, self.was_left = 0, False, False
        self._problem: BaseException | None = None
        self._seat = threading.Lock()  # of the thread that advances it
        self._news = threading.Condition()

    @property
    def is_over(self) -> bool:
        """Whether there is a result, or will never be one."""
        return self.progress.done or self._problem is not None

    @property
    def has_failed(self) -> bool:
        """Whether there will never be a result: the work raised something, or was stopped."""
        return self._problem is not None or (self._stopping and not self.progress.done)

    def watch(self) -> Generator[Progress]:
        """News until the last, which has the result; a slow watcher misses some. Raises what the work has raised."""
        with self._news:
            self.watchers += 1
        last_count = 0
        try:
            while not self.is_over:
                if self.inline:
                    self.advance()
                with self._news:
                    self._news.wait_for(partial(self._has_news, last_count))
                    fresh, last_count, progress = self._count > last_count, self._count, self.progress
                if fresh and not progress.done:
                    yield progress
            yield replace(self.progress, result=self.result())
        finally:
            self._leave()

    def join(self) -> Any:
        """The result, once it is there. Raises what the work has raised."""
        with closing(self.watch()) as news:
            for _ in news:
                pass
        return self.result()

    def wait(self, seconds: float) -> bool:
        """Whether it is over within `seconds`. Waiting is not watching, and advances nothing."""
        with self._news:
            return self._news.wait_for(lambda: self.is_over, seconds)

    def result(self) -> Any:
        """The result of a job that is over. Raises what the work has raised."""
        if self._problem is not None:
            raise self._problem
        return self.progress.result

    def stop(self) -> None:
        """Ends it before it has a result: now where that can be done, else where it yields next."""
        self._stopping = True
        if self._interrupt:
            self._interrupt()
        self.advance()

    def advance(self) -> None:
        """One step in this thread, unless another one takes it already."""
        if self.is_over or not self._seat.acquire(blocking=False):
            return
        try:
            if not self.is_over:
                self._take_step()
        finally:
            self._seat.release()
            with self._news:
                self._news.notify_all()

    def _has_news(self, last_count: int) -> bool:
        return self._count > last_count or self.is_over or self._is_idle()

    def _is_idle(self) -> bool:
        return self.inline and not self._seat.locked()

    def _take_step(self) -> None:
        now = time.monotonic()
        self._until = self._until or now + self.job.seconds
        if self._stopping or now > self._until:
            self._give_up()
            return
        try:
            self._publish(next(self._steps))
        except StopIteration as end:
            self._publish(Progress(share=1.0, result=end.value, done=True))
        except BaseException as problem:
            self._problem = Stopped(str(problem)) if self._stopping else problem
            if not isinstance(problem, Exception):
                raise

    def _give_up(self) -> None:
        with suppress(Exception):  # nobody waits for its end
            self._steps.close()
        late = Message("it took longer than {n:.0f} seconds.", n=self.job.seconds)
        self._problem = Stopped("stopped") if self._stopping else ChoiceError(late)

    def _publish(self, progress: Progress) -> None:
        so_far = self.progress.partial if progress.partial is None and not progress.done else progress.partial
        with self._news:
            self.progress = progress if so_far is progress.partial else replace(progress, partial=so_far)
            self._count += 1
            self._news.notify_all()

    def _leave(self) -> None:
        with self._news:
            self.watchers -= 1
            last = self.watchers == 0
        if last and self.needs_watcher and not self.is_over:
            self.was_left = True
            self.stop()
