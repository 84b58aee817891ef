"""What a job is: a key, a function and its arguments; and what it says while it runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from playground.messages import NOTHING, Message


class Stopped(RuntimeError):
    """The job was stopped before it had a result."""


class Unfinished(RuntimeError):
    """The work has failed or was interrupted; its text says which, and what to do."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Progress:
    """How far a job is: the share that is done (NaN where unknown), in words, and the best result so far.

    The last one a watcher gets is `done` and has the `result`.
    """

    share: float = math.nan
    message: Message = NOTHING
    partial: Any = None
    result: Any = None
    done: bool = False


Steps = Generator[Progress, None, Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class Job:
    """A function with its arguments.

    `work` returns the result, or is a generator function that yields `Progress` and returns the result; it can be
    stopped where it yields. Jobs with the same `key`, unless that is "", are one job to an executor. `seconds`:
    after these it is given up, where it yields or where its process can be ended. A `resumable` one, once stopped,
    goes on from there when it runs again.
    """

    work: Callable[..., Any]
    arguments: tuple[Any, ...] = ()
    key: str = ""
    seconds: float = math.inf
    resumable: bool = False

    def steps(self) -> Steps:
        """The work as a generator, whatever it is."""
        value = self.work(*self.arguments)
        return (yield from value) if isinstance(value, Generator) else value


def finish(value: Any) -> Any:
    """The result of a work that is called directly: what its generator returns, or the value itself."""
    if not isinstance(value, Generator):
        return value
    while True:
        try:
            next(value)
        except StopIteration as end:
            return end.value
