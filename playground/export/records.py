"""Records of any kind as NPZ, and tables of numbers as CSV, each with the configuration in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from playground.messages import Message
from playground.record.base import Answer


def arrays(record: Any) -> bytes:
    """A record as NPZ: every field and property by its name, those of one inside it as `<field>_<name>`, no None."""
    buffer = io.BytesIO()
    arrays_by_name: dict[str, Any] = dict(_named_arrays(record))
    np.savez_compressed(buffer, **arrays_by_name)
    return buffer.getvalue()


def _render(value: Any) -> Any:
    """A message as its text, also within tuples."""
    if isinstance(value, tuple):
        return tuple(map(_render, value))
    return str(value) if isinstance(value, Message) else value


def _names(record: Any) -> list[str]:
    """The fields of a record, and instead of its spec what follows from that."""
    kinds = [kind for kind in reversed(type(record).__mro__) if isinstance(record, Answer)]
    derived = dict.fromkeys(name for kind in kinds for name, item in vars(kind).items() if isinstance(item, property))
    return [*derived, *(field.name for field in fields(record) if field.name != "spec")]


def _named_arrays(record: Any, before: str = "") -> Iterable[tuple[str, np.ndarray]]:
    for field in _names(record):
        value, name = _render(getattr(record, field)), before + field
        if is_dataclass(value):
            yield from _named_arrays(value, f"{name}_")
        elif isinstance(value, tuple) and any(isinstance(part, dict) for part in value):
            yield from ((f"{name}_{i}_{key}", array) for i, part in enumerate(value) for key, array in part.items())
        elif isinstance(value, tuple) and any(is_dataclass(part) for part in value):
            for i, part in enumerate(value):
                yield from _named_arrays(part, f"{name}_{i}_")
        elif value is not None:
            yield name, np.array(value)


def table(stamp: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows as CSV behind a line with the configuration; numbers have all their digits, NaN is left empty."""
    out = io.StringIO()
    out.write(f"# {stamp}\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([["" if value != value else value for value in row] for row in rows])
    return out.getvalue().encode()
