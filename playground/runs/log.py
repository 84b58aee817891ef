"""Events as bytes: the log of a run on disk, which is also what a browser reads.

A frame is: length of what follows as uint32, length of the header as uint32, the header as JSON, then the arrays of
the event one after the other as they lie in memory; all little-endian. The header holds `schema`, `kind` (the event's
class in lower case), the plain fields (null for NaN, a message as `Message.to_json` has it) and `arrays`: name, dtype
and shape of each. A last frame that was cut short is not there yet.

A field that a frame lacks is NaN, 0, empty or "", whatever its kind is; fields and kinds of events that this version
does not know are passed over. `SCHEMA` rises where a frame would be understood wrongly by a program that does so; one
of a later schema raises `NewerSchema`. Schema 1 had no number, and sentences where there are messages now.
"""

from __future__ import annotations

import errno
import json
import math
import os
import struct
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np

from playground.engine.training.collect import events_of
from playground.messages import Message
from playground.record import Event, TrainingRecord
from playground.registry import ChoiceError
from playground.runs.old_sentences import from_sentence

SCHEMA = 2  # of logs, and of what else is stored of a run
KINDS = Event.kinds
DTYPES = ("|u1", "<u2", "<u4", "<i4", "<i8", "<f4", "<f8")
Kind = TypeVar("Kind", bound=Event)


class NewerSchema(ChoiceError):
    """What is stored was written by a later version of the program."""


def check_schema(schema: int) -> None:
    """Raises `NewerSchema` for a schema that this version does not know."""
    if schema > SCHEMA:
        raise NewerSchema(
            "The run was stored by a newer version of this program (schema {theirs}; this one reads up to {ours}).",
            theirs=schema, ours=SCHEMA,
        )  # fmt: skip


def encode(event: Event) -> bytes:
    """The frame of an event."""
    blocks = {
        field.name: np.ascontiguousarray(getattr(event, field.name))
        for field in fields(event)
        if isinstance(getattr(event, field.name), np.ndarray)
    }
    arrays = [[name, block.dtype.str, block.shape] for name, block in blocks.items()]
    header = {"schema": SCHEMA, "kind": type(event).__name__.lower(), "arrays": arrays, **plain(event)}
    text = json.dumps(header, allow_nan=False, separators=(",", ":")).encode()
    body = b"".join([struct.pack("<I", len(text)), text, *(block.tobytes() for block in blocks.values())])
    return struct.pack("<I", len(body)) + body


def log_of(record: TrainingRecord) -> bytes:
    """A log that gives the record again, without its weights."""
    return b"".join(map(encode, events_of(record)))


def plain(event: Event) -> dict[str, Any]:
    """The fields of an event that are no arrays, as JSON holds them: what it lacks (NaN, infinities) becomes null."""
    values = {field.name: getattr(event, field.name) for field in fields(event)}
    return {name: _json_value(value) for name, value in values.items() if not isinstance(value, np.ndarray)}


def _json_value(value: Any) -> Any:
    if isinstance(value, Message):
        return value.to_json()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def append(path: Path, event: Event) -> None:
    """Put the frame of an event at the end of a log, or nothing: raises `OSError` where the disk has no room for it."""
    frame = encode(event)
    with open(path, "ab", buffering=0) as file:
        before = file.tell()
        if file.write(frame) < len(frame):  # half a frame would spoil all that come after it
            file.truncate(before)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


def frames(data: bytes) -> Iterator[bytes]:
    """The bodies of the whole frames in `data`, in order."""
    offset = 0
    while offset + 4 <= len(data):
        (length,) = struct.unpack_from("<I", data, offset)
        if offset + 4 + length > len(data):
            return
        yield data[offset + 4 : offset + 4 + length]
        offset += 4 + length


def whole(data: bytes) -> int:
    """How many bytes of `data` are whole frames."""
    return sum(4 + len(body) for body in frames(data))


def decode(data: bytes) -> Iterator[Event]:
    """The events of the whole frames in `data`. Raises `ValueError` for bytes that are no log, and `NewerSchema`."""
    for body in frames(data):
        yield from _events(body)


def _events(body: bytes) -> Iterator[Event]:
    """The event of a frame, nothing for one of a kind that this version does not know."""
    (length,) = struct.unpack_from("<I", body)
    header = json.loads(body[4 : 4 + length])
    check_schema(header.get("schema", 1))
    arrays, offset = {}, 4 + length
    for name, dtype, shape in header.get("arrays", ()):
        if dtype not in DTYPES:
            raise ValueError(f"the log holds an array of type {dtype!r}")
        count = math.prod(shape)
        arrays[name] = np.frombuffer(body, dtype, count, offset).reshape(shape)
        offset += count * np.dtype(dtype).itemsize
    cls = KINDS.get(header["kind"])
    if cls:
        yield read_fields(cls, header, arrays)


def read_fields(
    cls: type[Kind], stored_fields: Mapping[str, Any], arrays: Mapping[str, np.ndarray] = MappingProxyType({})
) -> Kind:
    """An event from the fields that are stored of it, with the values of absence for the others."""
    sizes: dict[str, int] = {}
    for field in fields(cls):
        if field.name in arrays:
            sizes |= zip(field.metadata["shape"], arrays[field.name].shape)
    values = {}
    for field in fields(cls):
        if field.metadata:
            array = arrays.get(field.name)
            values[field.name] = _absent(field.metadata, sizes) if array is None else array
        else:
            values[field.name] = _typed_value(
                str(getattr(field.type, "__name__", field.type)), stored_fields.get(field.name)
            )
    return cls(**values)


def _absent(metadata: Mapping[str, Any], sizes: Mapping[str, int]) -> np.ndarray:
    """A column that is not stored, as long as the others of its event."""
    shape = [sizes.get(size, 0) if isinstance(size, str) else size for size in metadata["shape"]]
    return np.full(shape, np.nan if metadata["dtype"][0] == "f" else 0, metadata["dtype"])


def _typed_value(kind: str, value: Any) -> Any:
    """A JSON value as the field's annotation says; null, or nothing, becomes the value of absence of its kind."""
    if kind == "Message":
        return Message.from_json(value) if isinstance(value, list) else from_sentence(value or "")
    if kind == "float":
        return math.nan if value is None else float(value)
    if kind.startswith("tuple"):
        return tuple(value or ())
    return {"str": "", "int": 0}[kind] if value is None else value
