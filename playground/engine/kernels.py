"""Compiled kernels by their text: in memory, else from the cache folder, else compiled now and kept there."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playground.data.cache import cache_folder, replacing

KEPT = 200  # kernels on the disk, about 100 kB each

_lock = threading.Lock()  # two threads compiling at once would take turns anyway


def load(text: str) -> Callable[..., None]:
    """The function `kernel` of a module's text, machine code and all.

    numba keeps machine code beside the file that holds the text, so the text needs one: named after itself in the
    cache folder, or, where that cannot be written, none, and the code is lost with the process.
    """
    with _lock:
        return _load(text)


@functools.lru_cache(maxsize=KEPT)
def _load(text: str) -> Callable[..., None]:
    try:
        path = _file(text)
    except OSError:
        scope: dict[str, Any] = {}
        exec(text.replace("cache=True", "cache=False"), scope)
        kernel = scope["kernel"]
    else:
        spec = importlib.util.spec_from_file_location(f"playground_kernel_{path.parent.name}", path)
        assert spec is not None and spec.loader is not None
        module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)  # numba looks it up by name
        spec.loader.exec_module(module)
        kernel = module.kernel
    return kernel


def _file(text: str) -> Path:
    """The file with this text; the ones used longest ago give way."""
    import numba

    folder = cache_folder() / "kernels"
    name = hashlib.sha256(f"{numba.__version__} {text}".encode()).hexdigest()[:24]
    path = folder / name / "kernel.py"
    if path.exists():
        os.utime(path.parent)
        return path
    with replacing(path) as temporary:
        temporary.write_text(text)
    others = sorted(
        (subfolder for subfolder in folder.iterdir() if subfolder.is_dir()),
        key=lambda subfolder: subfolder.stat().st_mtime,
    )
    for old in others[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)  # another process may be doing the same
    return path
