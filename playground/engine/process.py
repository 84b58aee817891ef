"""A process of its own for what needs torch: questions and answers over its standard input and output.

It is started at the first question, answers one after another, and ends when its standard input does, so that it
does not outlive the app. One that crashes or takes too long is replaced at the next question.
"""

from __future__ import annotations

import atexit
import os
import pickle
import struct
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path as FilePath
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from playground.choices.optimizers import Optimizer, Stop
from playground.engine.lanes import Course
from playground.messages import Message
from playground.spec import write_choice

ROOT = FilePath(__file__).parents[2]
MODULE = "playground.engine.torch_process"
START = 120.0  # seconds to load torch and the libraries, on a machine with much else to do
THREADS = {name: "1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
LONGEST = 120.0  # seconds for an answer, however long the race: other visitors wait for it
LENGTH = struct.Struct("<Q")


class Path(NamedTuple):
    """What one racer left behind from one start: n points, of which the last may be the first that is not finite."""

    rows: np.ndarray  # (n, 5): x, y, loss, gx, gy
    states: dict[str, np.ndarray]  # state variable -> (n, 2); NaN before it is there
    evaluations: np.ndarray  # (n,)
    stop: Stop | None


class Question(NamedTuple):
    """A racer's way, in what both processes understand."""

    optimizer: str  # as in a link
    course: dict[str, Any]  # the fields of a `Course`, its formula as an expression, its gradient as in a link
    starts: list[list[float]]
    factors: list[float]


class Lost(RuntimeError):
    """The process ended without an answer; its message says how, as the end of a sentence."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(message)


def write(file: BinaryIO, thing: Any) -> None:
    """Put a message into a pipe: its length, then its bytes."""
    text = pickle.dumps(thing)
    file.write(LENGTH.pack(len(text)) + text)
    file.flush()


def read(file: BinaryIO) -> Any:
    """The next message of a pipe. Raises `EOFError` where there is none."""
    head = file.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError
    (length,) = LENGTH.unpack(head)
    text = file.read(length)
    if len(text) < length:
        raise EOFError
    return pickle.loads(text)


class Process:
    """The other process, as all threads of this one share it."""

    def __init__(self, module: str = MODULE) -> None:
        self.module = module
        self.process: subprocess.Popen | None = None
        self._one = threading.Lock()

    def ask(self, question: Any, seconds: float) -> Any:
        """The answer to a question. Raises `Lost` where there is none within `seconds`."""
        with self._one:
            self._start()
            return self._exchange(question, seconds)

    def close(self) -> None:
        """End it, at once."""
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):  # what could not be written any more is of no use to anybody
                    pipe.close()

    def _start(self) -> None:
        if self.process is not None and self.process.poll() is None:
            return
        self.close()
        path = os.pathsep.join(part for part in (str(ROOT), os.environ.get("PYTHONPATH")) if part)
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", self.module], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            cwd=ROOT, env={**os.environ, **THREADS, "PYTHONPATH": path},
        )  # fmt: skip
        self._exchange(None, START)  # its greeting, once everything is loaded

    def _exchange(self, question: Any, seconds: float) -> Any:
        process, late = self.process, threading.Event()

        def end() -> None:
            late.set()
            process.kill()

        clock = threading.Timer(seconds, end)
        clock.daemon = True
        clock.start()
        try:
            write(process.stdin, question)
            return read(process.stdout)
        except (EOFError, OSError) as problem:
            self.close()
            raise Lost(_how(seconds if late.is_set() else 0.0)) from problem
        finally:
            clock.cancel()


def _how(seconds: float) -> Message:
    """How the process was lost: after so many seconds, or by itself."""
    if not seconds:
        return Message("the process that computes with torch ended unexpectedly; the next race begins with a new one.")
    return Message(
        "the process that computes with torch took longer than {n:.0f} seconds; the next race begins with a new one.",
        n=seconds,
    )


TORCH = Process()
atexit.register(TORCH.close)


def paths(
    optimizer: Optimizer, course: Course, starts: np.ndarray, factors: Sequence[float], process: Process = TORCH
) -> list[Path]:
    """The way of a racer that needs torch from each of `starts` (S, 2); a lost process is how all of them ended."""
    told = {
        "expression": course.derived.expression, "source": write_choice(course.source), "steps": course.steps,
        "noise": course.noise, "window": course.window, "decay": course.decay, "seed": course.seed,
        "most": course.most,
    }  # fmt: skip
    question = Question(write_choice(optimizer), told, starts.tolist(), list(factors))
    try:
        return process.ask(question, min(30.0 + 0.01 * len(factors) * len(starts), LONGEST))
    except Lost as problem:
        return [_lost(course, start, problem.message) for start in starts]


def _lost(course: Course, start: np.ndarray, reason: Message) -> Path:
    """A way that ends where it began."""
    with np.errstate(all="ignore"):
        loss, slope = course.gradient(start.reshape(2, 1), 0)
    row = np.array([[*start, loss[0], *slope[:, 0]]])
    return Path(row, {}, np.zeros(1), Stop("failed", reason))


def table(ways: Sequence[Path], points: int) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """The ways side by side: rows (S, points, 5 + 2 * fields), evaluations (S, points) and the names of the fields.

    Rows are as in `floats.run_rule`, with NaN behind the end of a way and where a state variable is not there.
    """
    fields = tuple(dict.fromkeys(name for way in ways for name in way.states))
    rows = np.full((len(ways), points, 5 + 2 * len(fields)), np.nan)
    evaluations = np.full((len(ways), points), np.nan)
    for way, row, count in zip(ways, rows, evaluations):
        row[: len(way.rows), :5] = way.rows
        count[: len(way.rows)] = way.evaluations
        for i, name in enumerate(fields):
            if name in way.states:
                row[: len(way.rows), 5 + 2 * i : 7 + 2 * i] = way.states[name]
    return rows, evaluations, fields
