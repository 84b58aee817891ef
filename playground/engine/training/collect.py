"""From the events of a training to its record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from playground.record import (
    Change,
    End,
    Event,
    Filters,
    Finding,
    Probe,
    Samples,
    Start,
    Tick,
    TrainingRecord,
    Validation,
)

MISTAKES = ("mistakes", "labels", "guesses", "probabilities")


def collect(events: Iterable[Event], weights: dict[str, np.ndarray] | None = None) -> TrainingRecord | None:
    """The record of a training, finished or not; None before it has started."""
    by_kind: dict[type, list[Any]] = {}
    for event in events:
        by_kind.setdefault(type(event), []).append(event)
    if Start not in by_kind:
        return None
    ticks = by_kind.get(Tick, [])
    return TrainingRecord(
        start=by_kind[Start][-1],
        end=by_kind.get(End, [None])[-1],
        ticks=_columns(Tick, ticks, without=("losses", "accuracies")),
        steps={
            name: np.concatenate([getattr(tick, many) for tick in ticks] or [np.zeros(0, np.float32)])
            for name, many in (("loss", "losses"), ("accuracy", "accuracies"))
        },
        validations=_validations(by_kind.get(Validation, [])),
        probes=_columns(Probe, by_kind.get(Probe, [])),
        filters=tuple(by_kind.get(Filters, [])),
        samples=by_kind.get(Samples, [None])[-1],
        changes=tuple(by_kind.get(Change, [])),
        findings=tuple(
            finding
            for finding in {finding.name: finding for finding in by_kind.get(Finding, [])}.values()
            if finding.sentence
        ),
        weights=weights or {},
    )


def events_of(record: TrainingRecord) -> Iterator[Event]:
    """The events that a record is made of, in the order of their steps; of the mistakes only the last ones."""
    yield record.start
    mistakes: dict[str, Any] = {name: record.validations[name] for name in MISTAKES}
    ticks = _rows(record.ticks)
    counts = np.diff([0, *(tick["step"] for tick in ticks)])
    each: dict[str, Any] = {"losses": record.steps["loss"], "accuracies": record.steps["accuracy"]}
    if len(each["losses"]) != counts.sum():  # an old log has none for some of its ticks
        each, counts = {name: np.zeros(0, np.float32) for name in each}, np.zeros(len(ticks), int)
    ends = np.cumsum(counts)
    rest: list[Any] = [
        Tick(**tick, **{name: values[end - count : end] for name, values in each.items()})
        for tick, count, end in zip(ticks, counts, ends)
    ]
    nothing: dict[str, Any] = {name: values[:0] for name, values in mistakes.items()}
    validations = _rows({name: values for name, values in record.validations.items() if name not in MISTAKES})
    for validation in validations:
        last = validation is validations[-1]
        rest.append(Validation(**validation, **(mistakes if last else nothing)))
    rest += [Probe(**probe) for probe in _rows(record.probes)]
    rest += [*record.filters, *([record.samples] if record.samples else []), *record.changes, *record.findings]
    yield from sorted(rest, key=lambda event: event.step)
    if record.end:
        yield record.end


def _rows(columns: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    """The fields of every event of a kind: plain numbers, and arrays."""
    return [
        {name: values[i] if values.ndim > 1 else values[i].item() for name, values in columns.items()}
        for i in range(len(columns["step"]))
    ]


def _columns(kind: type[Event], events: Sequence[Event], without: tuple[str, ...] = ()) -> dict[str, np.ndarray]:
    names = [field.name for field in fields(kind) if field.name not in without]
    return {
        name: np.stack([np.asarray(getattr(event, name)) for event in events]) if events else np.zeros(0)
        for name in names
    }


def _validations(events: list[Validation]) -> dict[str, np.ndarray]:
    columns = _columns(Validation, events, without=MISTAKES)
    last = events[-1] if events else None
    return columns | {name: getattr(last, name) if last else np.zeros(0) for name in MISTAKES}
