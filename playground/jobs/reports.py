"""Work that calls back to say how far it is, as the steps of a job."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from playground.jobs.job import Progress, Steps
from playground.messages import Message

PAUSE = 0.25  # seconds between two signs of life
Work = Callable[[Callable[[Message, float], None]], Any]


class GivenUp(Exception):
    """Raised in a thread whose result nobody waits for any more."""


def with_progress(work: Work) -> Steps:
    """Run `work(on_progress)` in a thread; yields what it reports, at least four times a second, returns its result.

    When the generator is closed, the next report raises in the thread, so that the work ends.
    """
    reports: queue.SimpleQueue[Progress | None] = queue.SimpleQueue()
    given_up = threading.Event()
    outcome: dict[str, Any] = {}

    def on_progress(text: Message, share: float) -> None:
        if given_up.is_set():
            raise GivenUp
        reports.put(Progress(message=text, share=share))

    def run() -> None:
        try:
            outcome["result"] = work(on_progress)
        except BaseException as problem:  # raised in the caller's thread below
            outcome["problem"] = problem
        reports.put(None)

    threading.Thread(target=run, daemon=True).start()
    try:
        yield from _paced(reports)
    finally:
        given_up.set()
    if "problem" in outcome:
        raise outcome["problem"]
    return outcome["result"]


def _paced(reports: queue.SimpleQueue[Progress | None]) -> Iterator[Progress]:
    """The newest report every `PAUSE` seconds, again where there is no newer one, until None comes."""
    report = Progress(message=Message("starting"))
    until = time.monotonic() + PAUSE
    while True:
        try:
            newer = reports.get(timeout=max(until - time.monotonic(), 0))
        except queue.Empty:
            yield report
            until = time.monotonic() + PAUSE
            continue
        if newer is None:
            return
        report = newer
