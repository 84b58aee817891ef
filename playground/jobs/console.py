"""A job on the command line: a bar that moves in a terminal, a line now and then elsewhere."""

from __future__ import annotations

import math
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, TextIO

from playground.jobs.executors import Inline
from playground.jobs.job import Job, Progress, Unfinished
from playground.messages import NOTHING, tr
from playground.numbers import percent

WIDTH = 24  # letters of the bar
SHARE = 0.05  # of the work between two lines where a bar cannot move


def watch(job: Job, out: TextIO | None = None) -> Any:
    """The result of a job, which runs in this process while `out` (standard error) shows how far it is.

    Ctrl-C ends it; a job that can be resumed ends at a checkpoint, for which a second Ctrl-C does not wait. Raises
    `Unfinished` then, and otherwise what the work raises.
    """
    line = ProgressLine(out or sys.stderr)
    with _interrupts(job) as interrupts, closing(Inline().watch(job)) as news:
        try:
            for progress in news:
                if progress.done:
                    return progress.result
                line.show(progress)
                if interrupts:
                    raise KeyboardInterrupt
        except KeyboardInterrupt:
            again = tr("interrupted; the same command goes on from there.")
            raise Unfinished(again if job.resumable else tr("interrupted.")) from None
        finally:
            line.close()


class ProgressLine:
    """Shows on `out` how far a job is."""

    def __init__(self, out: TextIO) -> None:
        self.out, self.moves = out, out.isatty()
        self.share, self.message, self.is_empty = math.nan, NOTHING, True

    def show(self, progress: Progress) -> None:
        """Show this progress, or nothing where a bar cannot move and little has changed since the last line."""
        share, message = progress.share, progress.message
        is_known = not math.isnan(share)
        text = str(message) or percent(share)
        if self.moves:
            bar = f"[{'#' * int(WIDTH * share):.<{WIDTH}}] " if is_known else ""
            self.out.write(f"\r\x1b[K{bar}{text}")
        elif not share - self.share < SHARE if is_known else message != self.message:
            self.out.write(f"{text}\n")
            self.share, self.message = share, message
        self.is_empty = False
        self.out.flush()

    def close(self) -> None:
        """Takes the bar away."""
        self.out.write("\r\x1b[K" if self.moves and not self.is_empty else "")
        self.out.flush()


@contextmanager
def _interrupts(job: Job) -> Iterator[list[int]]:
    """Within this, the first Ctrl-C is noted in the list if the job can be resumed, instead of being raised."""
    interrupts: list[int] = []

    def on_interrupt(number: int, frame: object) -> None:
        if interrupts or not job.resumable:
            raise KeyboardInterrupt
        interrupts.append(number)

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, before)
