"""The cache folder: what was fetched, sent or computed, and could be made again."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def cache_folder() -> Path:
    """Where kept files lie: $PLAYGROUND_CACHE, else a folder in the platform's user cache. It need not exist yet."""
    name = os.environ.get("PLAYGROUND_CACHE")
    if name:
        return Path(name).expanduser()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "optimizer-playground"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`, which becomes `path` at the end of a block that did not fail."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def set_aside(path: Path) -> Path:
    """Renames a damaged file, so that it stays for inspection and is never read again; returns its new path."""
    aside = path.with_name(path.name + ".damaged")
    os.replace(path, aside)
    return aside


def trim(folder: Path, limit: int, newest: Path) -> None:
    """Removes the files of `folder` used longest ago, until it holds at most `limit` bytes; `newest` stays."""
    total, files = 0, []
    for path in folder.iterdir():
        try:
            stat = path.stat()
        except FileNotFoundError:  # another process trims as well
            continue
        total += stat.st_size
        if path != newest:
            files.append((stat.st_mtime, stat.st_size, path))
    for _, size, path in sorted(files):
        if total <= limit:
            break
        path.unlink(missing_ok=True)
        total -= size


@contextmanager
def file_lock(path: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Holds the lock file `path`; while somebody else does, calls `on_wait` ten times a second, which may raise.

    The system gives the lock back when its holder dies, so that no stale one is left behind.
    """
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "a+b") as file:
            while not _try_lock(file.fileno(), shared=False):
                on_wait()
                time.sleep(0.1)
            if _is_there(path, file.fileno()):
                yield  # closing the file unlocks it
                return


def is_locked(path: Path) -> bool:
    """Whether somebody holds `path`. Askers do not get into each other's way."""
    try:
        with open(path, "rb") as file:
            return not _try_lock(file.fileno(), shared=True)
    except FileNotFoundError:
        return False


def _is_there(path: Path, handle: int) -> bool:
    """Whether the file is still the one of that name: its folder may have been removed in the meantime."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(handle))
    except FileNotFoundError:
        return False


def _try_lock(handle: int, *, shared: bool) -> bool:
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
