"""The process that computes racers with torch: `python -m playground.engine.torch_process`.

Messages are those of `process`. It ends when its standard input does, also in the middle of a computation, and after
a quarter of an hour without a question.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import warnings
from typing import BinaryIO

IDLE = 900.0  # seconds, after which the memory that torch takes is worth more than the seconds of a new start


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until there is nothing more to answer."""
    import numpy as np
    import pytorch_optimizer  # noqa: F401  (loaded here, so that no question has to wait for it)
    import torch

    from playground.choices.derive import derive
    from playground.choices.gradients import gradients
    from playground.choices.optimizers import optimizers
    from playground.engine import process
    from playground.engine.lanes import Course
    from playground.engine.torch_points import walk
    from playground.spec import read_choice

    torch.set_num_threads(1)
    asked: queue.Queue = queue.Queue()

    def listen() -> None:
        try:
            while True:
                asked.put(process.read(questions))
        except EOFError:
            os._exit(0)

    def refuse(problem: str) -> None:
        raise ValueError(problem)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        try:
            question = asked.get(timeout=IDLE)
        except queue.Empty:
            return
        if question is None:
            process.write(answers, None)
            continue
        told = dict(question.course)
        optimizer = read_choice(optimizers, question.optimizer, refuse)
        source = read_choice(gradients, told.pop("source"), refuse)
        nothing = np.empty((0, 2))
        course = Course(derived=derive(told.pop("expression")), source=source, uniform=nothing, normal=nothing, **told)
        process.write(answers, [walk(optimizer, course, start, question.factors) for start in question.starts])


def main() -> None:
    """The process. What libraries print must not come between the answers."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    warnings.simplefilter("ignore")
    if hasattr(os, "nice"):
        os.nice(5)  # the server goes first
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
