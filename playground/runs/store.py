"""The stored runs: a folder for each key, whose files are the truth about the run.

    query.txt      the spec; touched when somebody looks, so that its time is that of the last use
    log            the events as frames (`playground/runs/log.py`), only ever appended to
    generation     how often the log has been cut back to a checkpoint, so that readers know that they must start over
    checkpoint     one line of JSON (schema, step, length of the log, seconds, best step), then the bytes of the work
    weights.npz    of a run that ended with an answer
    test           what they make of the test part, as one frame
    end.json       the schema and the fields of the run's `End`
    error.txt      the traceback, where a failure was not foreseen
    stop, save     requests to the process that computes it: end at a checkpoint; write one now
    watchers/      a file for each visitor, whose time is when they were last seen; NAME.left for one who has left
    lock           held by the process that computes it

Every file but the log is replaced as a whole, so that a reader never sees half of one.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from playground.data.cache import cache_folder, file_lock, is_locked, replacing
from playground.engine import resumable
from playground.messages import NOTHING, Message
from playground.numbers import quoted
from playground.paths import ASSETS
from playground.record import End, Event
from playground.registry import ChoiceError
from playground.runs.log import (
    SCHEMA,
    NewerSchema,
    check_schema,
    decode,
    encode,
    frames,
    plain,
    read_fields,
    whole,
)
from playground.specs import Spec

SHIPPED = ASSETS / "runs"
KEY, VISITOR = re.compile(r"[0-9a-f]{32}"), re.compile(r"[A-Za-z0-9_-]{1,64}")
CHUNK, FIRST = 4 << 20, 4096  # bytes
TESTED = Message("done")
LEFT, MOST_WATCHERS = ".left", 2000
AWAY = 150.0  # seconds after which a watcher has gone; a hidden tab asks once a minute


@dataclass(frozen=True, kw_only=True)
class Status:
    """How a run is.

    `state`: missing, queued, starting, running, finished (also early or diverged), stopped, failed, lost (its process
    is gone; it can be resumed), or newer (of a schema that this version does not know). `position` in the waiting line,
    from 1; 0 once it has its turn. `size` of the log in bytes. `test`: `NOTHING` until the test part is asked for,
    `TESTED` when `Store.tested` has it, and before that what there is to say about it.
    """

    state: str
    position: int | None = None
    watchers: int = 0
    size: int = 0
    generation: int = 0
    resumable: bool = False
    test: Message = NOTHING

    def to_json(self) -> str:
        """As in the header `X-Run`; the figures ask for nothing of the test."""
        return json.dumps({name: value for name, value in vars(self).items() if name != "test"})


class Store:
    """The runs in `folder` (default: $PLAYGROUND_STORE, or in the cache folder), and those shipped with the app."""

    def __init__(self, folder: Path | None = None, megabytes: int = 4000, shipped: Path = SHIPPED) -> None:
        self.folder, self.megabytes, self.shipped = Path(folder or default()), megabytes, shipped

    def of(self, key: str) -> Path:
        """The run's own folder, which need not exist. Raises `ChoiceError` for what is no key."""
        if not KEY.fullmatch(key):
            raise ChoiceError("key is {value}, but must be 32 hexadecimal digits.", value=quoted(key))
        return self.folder / key

    def file(self, key: str, name: str) -> Path:
        """Where one of its files is read (it need not exist): in the run's own folder, or in that of a shipped run."""
        return (self.shipped if self.is_shipped(key) else self.folder) / key / name

    def is_shipped(self, key: str) -> bool:
        """Whether all there is of the run is what came with the app."""
        return not self.of(key).exists() and (self.shipped / key / "log").exists()

    # -- what is there -----------------------------------------------------------------------------------------------

    def status(self, key: str) -> Status:
        """How the run is, as far as its files tell; nobody but a server knows who waits in its line."""
        if self._is_newer(key):
            return Status(state="newer")
        if self.is_shipped(key):  # another one than a run computed here begins with
            return Status(state="stored", size=_size(self.file(key, "log")), generation=-1)
        state = self._state(key) or self._state(key)
        size = _size(self.file(key, "log"))  # the state was before it: what has ended is all there
        if not state:
            state = "lost" if size else "missing"
        elif state == "running" and not size:
            state = "starting"
        return Status(
            state=state, watchers=self.watchers(key), size=size, generation=self.generation(key),
            resumable=state != "finished" and self.file(key, "checkpoint").exists(),
            test=TESTED if self.file(key, "test").exists() else NOTHING,
        )  # fmt: skip

    def _state(self, key: str) -> str:
        """The word for a run that is in progress or has ended, "" where neither is seen.

        One that ends in between is seen, because its process puts down the end before it lets go of the lock. One that
        begins in between, with an earlier end taken away, is not: it takes a second look.
        """
        is_running, end = self.is_running(key), self.end(key)
        if end:
            return end.word if end.word in ("stopped", "failed") else "finished"
        return "running" if is_running else ""

    def is_running(self, key: str) -> bool:
        """Whether some process computes it now."""
        return is_locked(self.of(key) / "lock")

    def end(self, key: str) -> End | None:
        """How the run ended, None where it did not or goes on. Raises `NewerSchema`, as all that reads a run does."""
        try:
            values = json.loads(self.file(key, "end.json").read_text())
            check_schema(values.get("schema", 1))
            return read_fields(End, values)
        except FileNotFoundError:
            return None

    def put_end(self, key: str, end: End) -> None:
        """Writes how the run ended."""
        self.put(key, "end.json", json.dumps({"schema": SCHEMA, **plain(end)}).encode())

    def check_schema(self, key: str) -> None:
        """Raises `NewerSchema` where a later version of the program has stored the run, or a part of it."""
        self.end(key)
        self.checkpoint(key, most=0)
        with suppress(StopIteration):
            next(decode(self.read(key, 0, most=FIRST)))

    def _is_newer(self, key: str) -> bool:
        try:
            self.check_schema(key)
        except NewerSchema:
            return True
        return False

    def is_over(self, key: str) -> bool:
        """Whether the run was computed here, has ended and needs no more work."""
        end = None if self.is_shipped(key) else self.end(key)
        return end is not None and end.word not in ("stopped", "failed")

    def mark(self, key: str) -> int:
        """Tells one end of the run from another; 0 while there is none."""
        with suppress(FileNotFoundError):
            return self.file(key, "end.json").stat().st_mtime_ns
        return 0

    def generation(self, key: str) -> int:
        """How often the log has been cut."""
        try:
            return int(self.file(key, "generation").read_text())
        except FileNotFoundError:
            return 0

    def read(self, key: str, offset: int, most: int = CHUNK) -> bytes:
        """Whole frames of the log from `offset` on: about `most` bytes, but at least one frame."""
        try:
            with open(self.file(key, "log"), "rb") as file:
                file.seek(offset)
                data = file.read(most)
                if len(data) == most and not whole(data):  # one frame is longer than that
                    data += file.read(4 + int.from_bytes(data[:4], "little") - most)
        except FileNotFoundError:
            return b""
        return data[: whole(data)]

    def events(self, key: str) -> Iterator[Event]:
        """All events so far."""
        with suppress(FileNotFoundError):
            yield from decode(self.file(key, "log").read_bytes())

    def has_record(self, key: str) -> bool:
        """Whether there is something to show of it; a run that failed in its preparations has only a log."""
        return any(hasattr(event, "query") for event in decode(self.read(key, 0)))

    def record(self, spec: Spec) -> Any:
        """The record of a run so far, with the weights where it has ended; None before its first step."""
        return resumable(spec).collect(self.events(spec.key), self.weights(spec.key))

    def weights(self, key: str) -> dict[str, np.ndarray]:
        """The answer of the run, empty where there is none."""
        try:
            with np.load(self.file(key, "weights.npz")) as arrays:
                return dict(arrays)
        except FileNotFoundError:
            return {}

    def test_result(self, key: str) -> Any:
        """The evaluation on the test part, None until it was asked for."""
        try:
            return next(decode(self.file(key, "test").read_bytes()))
        except FileNotFoundError:
            return None

    def checkpoint(self, key: str, most: int = -1) -> tuple[dict[str, Any], bytes] | None:
        """Step, length of the log, seconds and best step at the last checkpoint, and `most` bytes of the work."""
        try:
            with open(self.of(key) / "checkpoint", "rb") as file:
                facts, state = json.loads(file.readline()), file.read(most)
        except FileNotFoundError:
            return None
        check_schema(facts.pop("schema", 1))
        return facts, state

    # -- who watches -------------------------------------------------------------------------------------------------

    def watch(self, key: str, visitor: str, *, again: bool = False) -> None:
        """`visitor` watches now; nothing happens where there is no such run.

        Who has left is not counted by looking on: it takes `again`.
        """
        file = self._watcher(key, visitor)
        with suppress(FileNotFoundError):
            os.utime(self.of(key) / "query.txt")
            file.parent.mkdir(exist_ok=True)
            if again:
                file.with_suffix(LEFT).unlink(missing_ok=True)
            if not file.with_suffix(LEFT).exists() and (file.exists() or self._has_room(key)):
                file.touch()

    def leave(self, key: str, visitor: str) -> bool:
        """`visitor` watches no longer; whether anybody else does. Where nobody does, the run is asked to stop."""
        file = self._watcher(key, visitor)
        with suppress(FileNotFoundError):
            file.with_suffix(LEFT).touch()
        file.unlink(missing_ok=True)
        others = self.watchers(key) > 0
        if not others and self.is_running(key):
            self.ask(key, "stop")
        return others

    def _has_room(self, key: str) -> bool:
        """Whether one more can be noted: somebody may invent names."""
        return len(os.listdir(self.of(key) / "watchers")) < MOST_WATCHERS

    def _watcher(self, key: str, visitor: str) -> Path:
        if not VISITOR.fullmatch(visitor):
            value = quoted(visitor)
            raise ChoiceError("visitor is {value}, but must be 1 to 64 letters, digits, - or _.", value=value)
        return self.of(key) / "watchers" / visitor

    def watchers(self, key: str) -> int:
        """How many watch."""
        now = time.time()
        return sum(now - last < AWAY for last in self._watched(key))

    def last_watched(self, key: str) -> float:
        """When somebody was last seen to watch, in seconds since 1970; 0 for never."""
        with suppress(FileNotFoundError):
            return max([*self._watched(key)] or [os.stat(self.of(key) / "watchers").st_mtime])
        return 0.0

    def _watched(self, key: str) -> Iterator[float]:
        with suppress(FileNotFoundError), os.scandir(self.of(key) / "watchers") as entries:
            for entry in entries:
                if not entry.name.endswith(LEFT):
                    with suppress(FileNotFoundError):
                        yield entry.stat().st_mtime

    # -- requests ----------------------------------------------------------------------------------------------------

    def ask(self, key: str, request: str) -> None:
        """Leave a request (`stop` or `save`) to the process that computes the run."""
        with suppress(FileNotFoundError):
            (self.of(key) / request).touch()

    def withdraw(self, key: str, request: str) -> None:
        """Take a request back, or say that it has been met."""
        (self.of(key) / request).unlink(missing_ok=True)

    def is_requested(self, key: str, request: str) -> bool:
        """Whether a request waits."""
        return (self.of(key) / request).exists()

    # -- making and removing -----------------------------------------------------------------------------------------

    def make(self, key: str, query: str) -> None:
        """A place for the run, if it has none."""
        path = self.of(key) / "query.txt"
        if not path.exists():
            with replacing(path) as temporary:
                temporary.write_text(query)

    def put(self, key: str, name: str, data: bytes) -> None:
        """Writes one of the run's files."""
        with replacing(self.of(key) / name) as temporary:
            temporary.write_bytes(data)

    @contextmanager
    def lock(self, key: str) -> Iterator[bool]:
        """Holds the run without waiting; False where somebody else does."""
        try:
            with file_lock(self.of(key) / "lock", _busy):
                yield True
        except _Busy:
            yield False

    def branch(self, key: str, spec: Spec, checkpoint: tuple[dict[str, Any], bytes]) -> None:
        """Gives the run of `spec`, if it has none yet, a checkpoint of `key` and the log up to it to begin with.

        That is right where the two specs differ only in switches after the checkpoint's step.
        """
        facts, state = checkpoint
        with open(self.of(key) / "log", "rb") as file:
            log = b"".join(_rename(file.read(facts["log"]), spec))
        self.make(spec.key, spec.to_query())
        with self.lock(spec.key) as is_free:
            if is_free and not (self.of(spec.key) / "log").exists():
                self.put(spec.key, "log", log)
                self.put(spec.key, "checkpoint", checkpoint_bytes(facts | {"log": len(log)}, state))

    def remove(self, key: str) -> bool:
        """Deletes a run that is not in progress; whether it could."""
        removed_folder = self.folder / f".gone-{key}-{os.getpid()}-{time.time_ns()}"
        with self.lock(key) as is_free:
            if is_free:
                with suppress(OSError):
                    os.rename(self.of(key), removed_folder)
        shutil.rmtree(removed_folder, ignore_errors=True)
        return is_free

    def remove_empty(self, key: str) -> None:
        """Deletes a run that has never begun."""
        if not any((self.of(key) / name).exists() for name in ("log", "checkpoint", "end.json")):
            self.remove(key)

    def trim(self) -> None:
        """Deletes runs until the store keeps to its size, those used longest ago first, none that is in use."""
        for folder in self.folder.glob(".gone-*"):
            shutil.rmtree(folder, ignore_errors=True)
        runs = [folder for folder in self.folder.glob("*") if KEY.fullmatch(folder.name)]
        sizes = {folder.name: sum(map(_size, folder.glob("*"))) for folder in runs}
        surplus = sum(sizes.values()) - (self.megabytes << 20)
        for folder in sorted(runs, key=lambda folder: _time(folder / "query.txt")):
            if surplus <= 0:
                return
            key = folder.name
            if not self.watchers(key) and not self.is_running(key) and self.remove(key):
                surplus -= sizes[key]


def default() -> Path:
    """Where runs are stored: $PLAYGROUND_STORE, else in the cache folder."""
    name = os.environ.get("PLAYGROUND_STORE")
    return Path(name).expanduser() if name else cache_folder() / "runs"


def checkpoint_bytes(facts: dict[str, float], state: bytes) -> bytes:
    """The bytes of a checkpoint."""
    return json.dumps({"schema": SCHEMA, **facts}).encode() + b"\n" + state


def _rename(log: bytes, spec: Spec) -> Iterator[bytes]:
    """The frames of a log, with this spec in the event that names one."""
    started = False
    for body in frames(log):
        frame = len(body).to_bytes(4, "little") + body
        if not started:
            for event in decode(frame):
                if hasattr(event, "query"):
                    fields: dict[str, Any] = {"key": spec.key, "query": spec.to_query()}
                    started, frame = True, encode(replace(event, **fields))
        yield frame


class _Busy(Exception):
    pass


def _busy() -> None:
    raise _Busy


def _size(path: Path) -> int:
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


def _time(path: Path) -> float:
    with suppress(FileNotFoundError):
        return path.stat().st_mtime
    return 0.0
