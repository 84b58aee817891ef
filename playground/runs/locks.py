"""Locks on files, which the system gives back when their holder dies."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def holding(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Holds the lock file `path`; while somebody else does, calls `waiting` ten times a second, which may raise."""
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "a+b") as file:
            while not _lock(file.fileno(), shared=False):
                waiting()
                time.sleep(0.1)
            if _is_there(path, file.fileno()):
                yield
                return


def is_held(path: Path) -> bool:
    """Whether somebody holds `path`. Askers do not get into each other's way."""
    try:
        with open(path, "rb") as file:
            return not _lock(file.fileno(), shared=True)
    except FileNotFoundError:
        return False


def _is_there(path: Path, handle: int) -> bool:
    """Whether the file is still the one of that name: its folder may have been removed while it was waited for."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(handle))
    except FileNotFoundError:
        return False


def _lock(handle: int, *, shared: bool) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
