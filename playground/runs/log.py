"""Events as bytes: the log of a run on disk, which is also what a browser reads.

A frame is: length of what follows as uint32, length of the header as uint32, the header as JSON, then the arrays of
the event one after the other as they lie in memory; all little-endian. The header holds `kind` (the event's class in
lower case), the plain fields (null for NaN) and `arrays`: name, dtype and shape of each. A last frame that was cut
short is not there yet.
"""

from __future__ import annotations

import errno
import json
import math
import os
import struct
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from playground.record import Event

KINDS: dict[str, type[Event]] = {cls.__name__.lower(): cls for cls in Event.__subclasses__()}
DTYPES = ("|u1", "<u2", "<u4", "<i4", "<i8", "<f4", "<f8")


def encode(event: Event) -> bytes:
    """The frame of an event."""
    header: dict[str, Any] = {"kind": type(event).__name__.lower(), "arrays": []}
    blocks = []
    for field in fields(event):
        value = getattr(event, field.name)
        if isinstance(value, np.ndarray):
            value = np.ascontiguousarray(value)
            header["arrays"].append([field.name, value.dtype.str, value.shape])
            blocks.append(value.tobytes())
        else:
            header[field.name] = _plain(value)
    text = json.dumps(header, allow_nan=False, separators=(",", ":")).encode()
    body = b"".join([struct.pack("<I", len(text)), text, *blocks])
    return struct.pack("<I", len(body)) + body


def append(path: Path, event: Event) -> None:
    """Put the frame of an event at the end of a log, or nothing: raises `OSError` where the disk has no room for it."""
    frame = encode(event)
    with open(path, "ab", buffering=0) as file:
        before = file.tell()
        if file.write(frame) < len(frame):  # half a frame would spoil all that come after it
            file.truncate(before)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


def _plain(value: Any) -> Any:
    """`value` as JSON has it: NaN and infinities, which it lacks, become null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def frames(data: bytes) -> Iterator[bytes]:
    """The bodies of the whole frames in `data`, in order."""
    place = 0
    while place + 4 <= len(data):
        (length,) = struct.unpack_from("<I", data, place)
        if place + 4 + length > len(data):
            return
        yield data[place + 4 : place + 4 + length]
        place += 4 + length


def whole(data: bytes) -> int:
    """How many bytes of `data` are whole frames."""
    return sum(4 + len(body) for body in frames(data))


def decode(data: bytes) -> Iterator[Event]:
    """The events of the whole frames in `data`. Raises `ValueError` for bytes that are no log."""
    for body in frames(data):
        yield _event(body)


def _event(body: bytes) -> Event:
    (length,) = struct.unpack_from("<I", body)
    header = json.loads(body[4 : 4 + length])
    cls = KINDS.get(header.pop("kind", None))
    if cls is None:
        raise ValueError("the log holds an event of an unknown kind")
    values, place = {}, 4 + length
    for name, dtype, shape in header.pop("arrays"):
        if dtype not in DTYPES:
            raise ValueError(f"the log holds an array of type {dtype!r}")
        count = math.prod(shape)
        values[name] = np.frombuffer(body, dtype, count, place).reshape(shape)
        place += count * np.dtype(dtype).itemsize
    for field in fields(cls):
        if field.name in header:
            values[field.name] = _typed(field.type, header[field.name])
    return cls(**values)


def _typed(kind: str, value: Any) -> Any:
    """A JSON value as the field's annotation says."""
    if kind == "float":
        return float("nan") if value is None else float(value)
    return tuple(value) if isinstance(value, list) else value
