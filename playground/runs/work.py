"""What the workers do: compute a run into the store, and evaluate its result on the test part."""

from __future__ import annotations

import ctypes
import gc
import sys
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from playground.data.cache import file_lock
from playground.registry import ChoiceError
from playground.runs.execution import Execution, Terms
from playground.runs.log import encode
from playground.runs.store import Store


class Elsewhere(Exception):
    """Another process computes the run, and nobody waits for this one."""


def work(query: str, folder: str, megabytes: int, terms: Terms, engine: str) -> str:
    """Computes the run of `query` to its end, or to the next stop; returns the word of its `End`.

    Where another process computes it, waits until that has stopped. `megabytes`: what the store may hold; `engine`:
    the module that knows the work.
    """
    keep_memory()
    module, store = import_module(engine), Store(Path(folder), megabytes)
    spec, since = module.read(query), time.time()

    def waiting() -> None:
        if 0 < terms.unwatched < time.time() - max(since, store.last_watched(spec.key)):
            raise Elsewhere

    with suppress(Elsewhere), file_lock(store.of(spec.key) / "lock", waiting):
        if store.is_requested(spec.key, "stop"):  # everybody had left before it was their turn
            store.withdraw(spec.key, "stop")
        elif not store.is_over(spec.key):
            store.make(spec.key, spec.to_query())
            for _ in Execution(store, spec.key, terms).events(module, spec):
                pass
    gc.collect()
    store.trim()
    end = store.end(spec.key)
    return end.word if end else ""


def examine(query: str, folder: str, engine: str) -> None:
    """Evaluates the stored weights on the test part, and stores that. Raises `ChoiceError` where there are none."""
    keep_memory()
    module, store = import_module(engine), Store(Path(folder))
    spec = module.read(query)
    weights = store.weights(spec.key)
    if not weights:
        raise ChoiceError("There is nothing to test: the run has not ended with weights.")
    store.put(spec.key, "test", encode(module.test(spec, weights)))


def can_see(folder: str, token: str) -> bool:
    """Whether this process sees the file that another one has put into the store."""
    return (Path(folder) / token).exists()


def keep_memory() -> None:
    """Has the allocator keep what is freed, because the same arrays are asked for again at the next step."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library than glibc
            libc = ctypes.CDLL(None)
            for name, value in ((TRIM_THRESHOLD, 2**31 - 1), (MMAP_THRESHOLD, 32 << 20)):
                libc.mallopt(name, value)


TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # malloc.h; the second takes at most 32 MB
