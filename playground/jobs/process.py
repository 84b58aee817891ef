"""Python processes of their own: jobs and news go over their standard input and output.

A process is started when a job needs it, takes one job after another, and ends when its standard input does, so that
it does not outlive the app. One that crashes, takes too long or is interrupted is replaced at the next job.
"""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO, Any

from playground.jobs.executors import Threads
from playground.jobs.job import Job, Steps
from playground.jobs.running import Running
from playground.messages import Message
from playground.paths import ROOT

CHILD = "playground.jobs.child"
START = 120.0  # seconds to load its modules, on a machine with much else to do
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
LENGTH = struct.Struct("<Q")
PROGRESS, RESULT, PROBLEM = "progress", "result", "problem"


class Lost(RuntimeError):
    """The process ended without a result: by itself, or because it took longer than `seconds`."""

    def __init__(self, seconds: float = 0.0) -> None:
        late = Message("the process took longer than {n:.0f} seconds.", n=seconds)
        self.seconds, self.message = seconds, late if seconds else Message("the process ended unexpectedly.")
        super().__init__(seconds)

    def __str__(self) -> str:
        return str(self.message)


def write(file: IO[bytes], thing: Any) -> None:
    """Put something into a pipe: its length, then its bytes."""
    text = pickle.dumps(thing)
    file.write(LENGTH.pack(len(text)) + text)
    file.flush()


def read(file: IO[bytes]) -> bytes:
    """The bytes of the next thing of a pipe. Raises `EOFError` where there is none."""
    head = file.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError
    (length,) = LENGTH.unpack(head)
    text = file.read(length)
    if len(text) < length:
        raise EOFError
    return text


class Child:
    """One such process, which has loaded `module`. One thread at a time asks it."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.process: subprocess.Popen[bytes] | None = None

    def steps(self, job: Job) -> Steps:
        """The job's steps, taken there. Raises `Lost` where the process is; closing it ends the process."""
        self._start()
        is_free = False
        try:
            news = self._exchange((job.work, job.arguments), job.seconds)
            while news[0] == PROGRESS:
                yield news[1]
                news = self._exchange(None, job.seconds)
            is_free = True
        finally:
            if not is_free:
                self.close()
        if news[0] == PROBLEM:
            raise news[1]
        return news[1]

    def close(self) -> None:
        """End it, at once."""
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in filter(None, (process.stdin, process.stdout)):
                with suppress(OSError):  # what could not be written any more is of no use to anybody
                    pipe.close()

    def kill(self) -> None:
        """End it while another thread waits for its answer, which is then lost."""
        if process := self.process:
            process.kill()

    def _start(self) -> None:
        if self.process is not None and self.process.poll() is None:
            return
        self.close()
        path = os.pathsep.join(part for part in (str(ROOT), os.environ.get("PYTHONPATH")) if part)
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", CHILD, self.module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": path},
        )
        self._exchange(None, START)  # its greeting, once everything is loaded

    def _exchange(self, question: Any, seconds: float) -> Any:
        """Sends a question, or None for more news of the last one."""
        process, late = self.process, threading.Event()
        if process is None or process.stdin is None or process.stdout is None:
            raise Lost  # another thread has closed it

        def end() -> None:
            late.set()
            process.kill()

        clock = threading.Timer(min(seconds, threading.TIMEOUT_MAX), end)
        clock.daemon = True
        clock.start()
        try:
            write(process.stdin, question)
            return pickle.loads(read(process.stdout))
        except (EOFError, OSError) as problem:
            self.close()
            raise Lost(seconds if late.is_set() else 0.0) from problem
        finally:
            clock.cancel()


class Processes(Threads):
    """In `count` processes that have loaded `module`; a job that nobody watches any more stops, with its process.

    `work` and its arguments are pickled, so `work` is a function of a module, and not of `__main__`.
    """

    needs_watcher = True

    def __init__(self, module: str, count: int = 1, **bounds: Any) -> None:
        super().__init__(count, name=module, **bounds)
        self.children = [Child(module) for _ in range(count)]
        self.free = list(self.children)

    def close(self) -> None:
        """Stops what is on its way, and ends the processes."""
        super().close()
        for child in self.children:
            child.close()

    def _new(self, job: Job) -> Running:
        box: list[Child] = []

        def interrupt() -> None:
            for child in [*box]:
                child.kill()

        return Running(
            job, self._in_child(job, box), inline=False, needs_watcher=self.needs_watcher, interrupt=interrupt
        )

    def _in_child(self, job: Job, box: list[Child]) -> Steps:
        child = self.free.pop()  # as many as there are threads
        box.append(child)
        try:
            return (yield from child.steps(job))
        finally:
            box.clear()
            self.free.append(child)
