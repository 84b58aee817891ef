"""Toy: how fast a geometric series gets to its sum. A whole lab in one file, for a test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from playground.figures import Figure
from playground.labs.lab import SURFACES, Lab
from playground.messages import Message, marked
from playground.presets import Preset
from playground.record.base import Answer
from playground.registry import knob
from playground.specs import Spec
from playground.view.chart import chart


@dataclass(frozen=True, kw_only=True)
class Toy(Spec):
    """The series 1 + q + q² + ..."""

    kind: ClassVar[str] = "toy"

    terms: int = knob(20, 2, 200, label=marked("Terms"), help=marked("how many are added"))
    ratio: float = knob(0.5, -0.9, 0.9, label=marked("Ratio"), help=marked("of each term to the one before"))


@dataclass(frozen=True, kw_only=True, repr=False)
class ToyRecord(Answer):
    """Partial sums of a series."""

    title: Message
    sums: np.ndarray  # (terms,)


def series(spec: Toy) -> ToyRecord:
    """Adds up."""
    sums, title = np.cumsum(spec.ratio ** np.arange(spec.terms)), Message("A series of ratio {q:digits}", q=spec.ratio)
    return ToyRecord(spec=spec, title=title, sums=sums)


def drawn(record: ToyRecord, theme: str) -> dict[str, Any]:
    """Sum against terms."""
    rows = [{"terms": n, "sum": float(value)} for n, value in enumerate(record.sums, 1)]
    axes = {name: {"field": field, "type": "quantitative"} for name, field in (("x", "terms"), ("y", "sum"))}
    body = {"data": {"values": rows}, "mark": "line", "encoding": axes, "width": "container", "height": 300}
    about = Message("The sum of {n} terms is {last:digits}.", n=len(rows), last=record.sums[-1])
    return chart(body, theme, about=str(about), heading=str(record.title))


def lines(record: ToyRecord) -> Iterator[Message]:
    """The last sum."""
    yield Message("The sum of {n} terms is {last:digits}.", n=len(record.sums), last=record.sums[-1])


LAB = Lab(
    name="toy",
    title=marked("Toy"),
    section=marked(SURFACES),
    about=marked("a geometric series"),
    spec=Toy,
    record=ToyRecord,
    run=series,
    lines=lines,
    place=100,
    questions=(Preset(name="toy-half", question=marked("Is it two?"), look=marked("It is, nearly."), make=Toy),),
    figures=(Figure(name="sums", title=marked("Toy"), draw=drawn),),
)
