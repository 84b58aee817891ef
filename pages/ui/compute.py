"""The only way from a page to the engine: one cached function per computation, keyed by the spec's key."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import streamlit as st

import playground as pg
from playground.record import Anatomy, RaceRecord
from playground.spec.text import Linked
from playground.view import player


@st.cache_resource(max_entries=48, show_spinner=False)
def _record(key: str, _spec: Linked) -> Any:
    return pg.run(_spec)


def record(spec: Linked) -> Any:
    """The record of a race, or of another question; shared by all sessions.

    One in which a process was lost is not kept, so that the next run of the page tries again.
    """
    if not any(racer.optimizer.alone for racer in getattr(spec, "racers", ())):
        return _record(spec.key, spec)
    with st.spinner("Computing with torch"):
        found = _record(spec.key, spec)
    if any("failed" in ends for ends in getattr(found, "ends", ())):
        _record.clear(spec.key, spec)
    return found


@st.cache_resource(max_entries=96, show_spinner=False)
def _anatomy(key: str, _spec: pg.Step) -> Anatomy:
    return pg.run(_spec)


def anatomy(spec: pg.Race, chosen: int, step: int, start: int) -> Anatomy:
    """One step of a race from one of its starts; kept apart from the records, which it would push out."""
    asked = pg.Step.of(spec, chosen=chosen, step=min(step, spec.steps), starts=(spec.starts[start],))
    return _anatomy(asked.key, asked)


@st.cache_resource(max_entries=48, show_spinner=False)
def _payload(key: str, compact: bool, start: int, _record: RaceRecord) -> bytes:
    return player.payload(_record, compact=compact, start=start)


def payload(record: RaceRecord, *, compact: bool = False, start: int = 0) -> bytes:
    """What the player draws."""
    return _payload(record.key, compact, start, record)


def query_pairs(spec: Linked) -> list[tuple[str, str]]:
    """The spec's link as (name, value) pairs."""
    return parse_qsl(spec.to_query())
