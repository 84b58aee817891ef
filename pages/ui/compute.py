"""The only way from a page to the engine: one cached function per computation, keyed by the spec's key."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any
from urllib.parse import parse_qsl

import streamlit as st

import playground as pg
from pages.ui import language
from playground import messages
from playground.messages import tr
from playground.record import Anatomy, BasinRecord, RaceRecord
from playground.spec import Question, Spec
from playground.view import basins, player

PATIENCE = 0.25  # seconds, after which a coarse map is better than none

BRISK = 1.0  # seconds that need no bar


@st.cache_resource(max_entries=48, show_spinner=False)
def _record(key: str, _spec: Spec) -> Any:
    return pg.run(_spec)


def record(spec: Spec) -> Any:
    """The record of a race, or of another question; shared by all sessions.

    One in which a process was lost is not kept, so that the next run of the page tries again.
    """
    if not any(racer.optimizer.alone for racer in getattr(spec, "racers", ())):
        return _record(spec.key, spec)
    with st.spinner(tr("Computing with torch")):
        found = _record(spec.key, spec)
    if _is_lost(found):
        _record.clear(spec.key, spec)
    return found


def _is_lost(record: Any) -> bool:
    """Whether a process was lost before it had answered for a racer."""
    return any("failed" in ends for ends in getattr(record, "ends", ()))


@st.cache_resource(max_entries=96, show_spinner=False)
def _anatomy(key: str, _spec: pg.Step) -> Anatomy:
    return pg.run(_spec)


def anatomy(spec: pg.Race, chosen: int, step: int, start: int) -> Anatomy:
    """One step of a race from one of its starts; kept apart from the records, which it would push out."""
    asked = pg.Step.of(spec, chosen=chosen, step=min(step, spec.steps), starts=(spec.starts[start],))
    found = _anatomy(asked.key, asked)
    if found.lost:
        _anatomy.clear(asked.key, asked)
    return found


def record_by_racer(spec: Question) -> Any:
    """The same of a spec whose engine keeps each racer's part; a bar says how far it is, once it takes a while."""
    begin, bar = time.monotonic(), st.empty()
    for done, racer in enumerate(spec.race.racers):
        pg.run(spec.with_race(racers=(racer,)))
        spent = time.monotonic() - begin
        if spent * len(spec.race.racers) > BRISK * (done + 1):
            ran = tr("{n} of {all} racers have run", n=done + 1, all=len(spec.race.racers))
            bar.progress((done + 1) / len(spec.race.racers), ran)
    bar.empty()
    return record(spec)


@st.cache_resource(max_entries=48, show_spinner=False)
def _later(key: str, _spec: pg.BasinMap) -> Future:
    return _aside().submit(pg.run, _spec)


@st.cache_resource
def _aside() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2, thread_name_prefix="maps")


def map_so_far(spec: pg.BasinMap) -> tuple[BasinRecord, bool]:
    """A basin map, and whether it is the whole one: else a coarse one, while the other is being computed aside."""
    whole = _later(spec.key, spec)
    done, _ = wait([whole], PATIENCE)
    if not done:
        return record(spec.coarse()), False
    if whole.exception():
        _later.clear(spec.key, spec)  # so that the next run of the page tries again
    return whole.result(), True


@st.cache_resource(max_entries=48, show_spinner=False)
def _map_payload(key: str, language: str, start: int, whole: bool, _maps: BasinRecord, _race: RaceRecord) -> bytes:
    return basins.payload(_maps, _race, start, whole)


def map_payload(maps: BasinRecord, race: RaceRecord, start: int, whole: bool) -> bytes:
    """What the maps draw."""
    return _map_payload(f"{maps.key} {race.key}", messages.language(), start, whole, maps, race)


@st.cache_resource(max_entries=48, show_spinner=False)
def _payload(key: str, language: str, compact: bool, start: int, knobs: bool, _record: RaceRecord) -> bytes:
    return player.payload(_record, compact=compact, start=start, knobs=knobs)


def payload(record: RaceRecord, *, compact: bool = False, start: int = 0, knobs: bool = False) -> bytes:
    """What the player draws."""
    if _is_lost(record):  # the same key will stand for the whole race
        return player.payload(record, compact=compact, start=start, knobs=knobs)
    return _payload(record.key, messages.language(), compact, start, knobs, record)


def query_pairs(spec: Spec) -> list[tuple[str, str]]:
    """The spec's link as (name, value) pairs, with the visitor's language."""
    return [*parse_qsl(spec.to_query()), *language.pairs()]
