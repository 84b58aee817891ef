"""Work that calls back to say how far it is, as the steps of a job."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any

from playground.jobs.job import Progress, Steps
from playground.messages import Message

PAUSE = 0.25  # seconds between two signs of life
Work = Callable[[Callable[[Message, float], None]], Any]


class GivenUp(Exception):
    """Raised in a thread whose result nobody waits for any more."""


def with_progress(work: Work) -> Steps:
    """Run `work(on_progress)` in a thread; yields its newest report four times a second, and returns its result.

    When the generator is closed, the next report raises in the thread, so that the work ends.
    """
    latest, outcome, given_up = Progress(message=Message("starting")), Future[Any](), threading.Event()

    def on_progress(text: Message, share: float) -> None:
        nonlocal latest
        if given_up.is_set():
            raise GivenUp
        latest = Progress(message=text, share=share)

    def run() -> None:
        try:
            outcome.set_result(work(on_progress))
        except BaseException as problem:  # it is raised where the result is asked for
            outcome.set_exception(problem)

    threading.Thread(target=run, daemon=True).start()
    try:
        while not wait([outcome], PAUSE).done:
            yield latest
    finally:
        given_up.set()
    return outcome.result()
