"""Fetching one large file: resumed after a break, checked by its MD5, fetched by one process at a time."""

from __future__ import annotations

import hashlib
import http.client
import os
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playground.data.images import DataError, OnProgress
from playground.messages import NOTHING, Message

CHUNK = 1 << 18
ATTEMPTS = 500
FRUITLESS = 3  # attempts in a row that brought nothing, after some that did


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a file is published, with what its publisher says of it."""

    title: str
    url: str
    md5: str
    size: int  # bytes
    timeout: float = 20.0  # seconds without a byte after which the connection counts as broken
    pause: float = 1.0  # seconds before a broken connection is tried again


class _Lost(Exception):
    """The connection could not be made, or broke; its message says how."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(message)


def fetch(source: Source, folder: Path, progress: OnProgress) -> Path:
    """The whole, checked file in `folder`; what is there of it from an earlier attempt is not fetched again.

    The caller holds a lock on `folder`, and removes the file when it has made use of it. Raises `DataError` when
    there is no network, and for a file with another checksum, which is set aside; `OSError` when it cannot be kept.
    """
    part = folder / (source.url.rsplit("/", 1)[-1] + ".part")
    has_progress, fruitless = False, 0
    for _ in range(ATTEMPTS):
        before = _size(part)
        if before >= source.size:
            break
        loss_message = _attempt(source, part, progress)
        after = _size(part)
        if after > before:
            has_progress, fruitless = True, 0
        elif after or not before:  # else it was thrown away, and is begun anew
            fruitless += 1
            if not has_progress or fruitless >= FRUITLESS:
                raise DataError(_sentence(source, before, loss_message))
            _pause(source.pause * fruitless, progress, before / source.size)
    else:
        raise DataError(_sentence(source, _size(part), Message("it broke again and again")))
    _check(source, part, progress)
    return part


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _sentence(source: Source, have: int, reason: Message) -> Message:
    about = {"title": source.title, "url": source.url, "reason": reason}
    if not have:
        return Message("{title} could not be fetched from {url} ({reason}): it needs a network once.", **about)
    return Message(
        "{title}: the connection to {url} was lost after {have:bytes} of {size:bytes} ({reason}): start again, and it "
        "goes on from there.",
        **about,
        have=have,
        size=source.size,
    )


def _pause(seconds: float, progress: OnProgress, share: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        progress(Message("Connection lost, trying again"), share)
        time.sleep(0.1)


def _attempt(source: Source, part: Path, progress: OnProgress) -> Message:
    """One connection, in a thread of its own because a silent server blocks it; says how it was lost, or nothing."""
    stop = threading.Event()
    errors: list[Exception] = []

    def work() -> None:
        try:
            _receive(source, part, stop)
        except Exception as problem:
            errors.append(problem)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            have = _size(part)
            values = {"title": source.title, "have": have, "size": source.size}
            progress(Message("Fetching {title}: {have:bytes} of {size:bytes}", **values), min(have / source.size, 1.0))
            thread.join(0.1)
    finally:
        stop.set()
    for problem in errors:
        if not isinstance(problem, _Lost):
            raise problem
        return problem.message
    return NOTHING


def _receive(source: Source, part: Path, stop: threading.Event) -> None:
    """Appends to `part` what it lacks; begins anew when the server cannot go on in the middle."""
    have = _size(part)
    with _network():
        try:
            response = _open(source, have)
        except urllib.error.HTTPError as problem:
            problem.close()
            if problem.code == 416:  # there is no such place in the server's file: begin anew
                part.unlink(missing_ok=True)
            raise
    with response:
        if stop.is_set():  # given up while connecting; the file may have another writer by now
            return
        goes_on = response.status == 206
        if goes_on and not (response.headers.get("Content-Range") or "").startswith(f"bytes {have}-"):
            raise _Lost(Message("the server went on at another place"))
        have = have if goes_on else 0
        length = response.headers.get("Content-Length") or ""
        if length.isdigit() and have + int(length) != source.size:
            part.unlink(missing_ok=True)
            raise DataError(
                "{title}: the file at {url} has {n:count} bytes, but must have {size:count}; it was not fetched.",
                title=source.title,
                url=source.url,
                n=have + int(length),
                size=source.size,
            )
        with open(part, "ab" if goes_on else "wb") as out:
            while have <= source.size:
                with _network():
                    block = response.read1(CHUNK)
                if stop.is_set() or not block:
                    break
                have += out.write(block)
    if have < source.size:
        raise _Lost(Message("it ended early"))


@contextmanager
def _network() -> Iterator[None]:
    """Tells errors of the network from those of the disk."""
    try:
        yield
    except (http.client.HTTPException, OSError) as problem:
        why = str(getattr(problem, "reason", "") or problem or type(problem).__name__)
        raise _Lost(Message("{why}", why=why)) from problem


def _open(source: Source, have: int) -> http.client.HTTPResponse:
    headers = {"Accept-Encoding": "identity", "User-Agent": "optimizer-playground"}
    if have:
        headers["Range"] = f"bytes={have}-"
    request = urllib.request.Request(source.url, headers=headers)
    return urllib.request.urlopen(request, timeout=source.timeout)


def _check(source: Source, part: Path, progress: OnProgress) -> None:
    """Raises `DataError` and sets `part` aside when its MD5 is another than the published one."""
    digest = hashlib.md5(usedforsecurity=False)
    with open(part, "rb") as file:
        while block := file.read(1 << 22):
            digest.update(block)
            progress(Message("Checking {title}", title=source.title), min(file.tell() / source.size, 1.0))
    if digest.hexdigest() != source.md5:
        aside = part.with_suffix(".damaged")
        os.replace(part, aside)
        raise DataError(
            "{title}: what came from {url} has the MD5 {digest}, but {md5} was expected; it was set aside as {aside}.",
            title=source.title,
            url=source.url,
            digest=digest.hexdigest(),
            md5=source.md5,
            aside=str(aside),
        )
