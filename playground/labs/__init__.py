"""The labs: a module of this folder declares one, as `LAB`. Navigation, commands, downloads and Home follow."""

from __future__ import annotations

from functools import cache
from typing import Any

from playground.figures import style_of
from playground.formats import format_of
from playground.labs.lab import Lab, asked_by
from playground.record import ComparisonRecord, TrainingRecord
from playground.registry import declared

__all__ = ["Lab", "asked_by", "draw", "lab_of", "labs"]


@cache
def labs() -> dict[str, Lab]:
    """Every lab by its name, in the order of the menus."""
    return {lab.name: lab for lab in declared(__name__, "LAB")}


def lab_of(item: Any) -> Lab:
    """The lab of a spec, or of a record."""
    return next(lab for lab in labs().values() if type(item) in (lab.spec, lab.record))


def draw(
    record: Any, kind: str = "svg", figure: str = "", *, view: dict[str, Any] | None = None, **style: Any
) -> bytes:
    """A record as a file: `kind` is one of the formats, `figure` one of its lab's figures (the first if left out),
    `style` has `size` ("1920x1080"), `scale` of letters and lines, and `theme` (light, dark, transparent); `view` is
    what is shown of the record, such as `{"start": 1}`. Raises `ChoiceError`.
    """
    if isinstance(record, TrainingRecord):
        record = ComparisonRecord(key=record.key, query=record.query, labels=("",), runs=(record,))
    lab = lab_of(record)
    return format_of(kind).write(lab.figure(figure), record, style_of(style), view or {})
