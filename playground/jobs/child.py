"""A process that takes jobs: `python -m playground.jobs.child MODULE`, which it loads before it greets.

`process` describes what it reads and writes. It ends when its standard input does, also in the middle of a
computation, and after a quarter of an hour without a job.
"""

from __future__ import annotations

import os
import pickle
import queue
import sys
import threading
import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any, BinaryIO

from playground.jobs.job import Job
from playground.jobs.process import PROBLEM, PROGRESS, RESULT, read, write

IDLE = 900.0  # seconds, after which the memory that it takes is worth more than the seconds of a new start


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until there is nothing more to answer. After each `progress`, one question asks for more."""
    questions_queue: queue.Queue[Any] = queue.Queue()

    def listen() -> None:
        try:
            while True:
                questions_queue.put(read(questions))
        except EOFError:
            os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        try:
            question = questions_queue.get(timeout=IDLE)
        except queue.Empty:
            return
        write(answers, _answer(question, answers, questions_queue.get))


def _answer(question: bytes, answers: BinaryIO, more: Callable[[], Any]) -> tuple[str, Any] | None:
    """The last answer to a question; news go before it."""
    try:
        task = pickle.loads(question)
        if task is None:
            return None
        steps = Job(work=task[0], arguments=task[1]).steps()
        while True:
            write(answers, (PROGRESS, next(steps)))
            more()
    except StopIteration as end:
        return RESULT, end.value
    except Exception as problem:
        return PROBLEM, _portable(problem)


def _portable(problem: Exception) -> Exception:
    """The exception, or where it cannot be sent, its text."""
    try:
        pickle.loads(pickle.dumps(problem))
    except Exception:
        return RuntimeError(f"{type(problem).__name__}: {problem}")
    return problem


def main() -> None:
    """The process. What libraries print must not come between the answers."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    warnings.simplefilter("ignore")
    if hasattr(os, "nice"):
        os.nice(5)  # the server goes first
    import_module(sys.argv[1])
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
