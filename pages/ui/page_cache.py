"""The only way from a page to the engine: jobs, whose results are shared by all sessions."""

from __future__ import annotations

import time
from contextlib import closing
from typing import Any
from urllib.parse import parse_qsl

import streamlit as st

import playground as pg
from pages.ui import language
from playground import messages
from playground.jobs import Inline, Job, Threads
from playground.messages import tr
from playground.record import BasinRecord, RaceRecord, StepRecord
from playground.specs import Spec
from playground.view import basins, player

PATIENCE = 0.25  # seconds, after which a coarse map is better than none
BRISK = 1.0  # seconds that need no bar


def _is_whole(record: Any) -> bool:
    """Whether no process was lost before it had answered for a racer; else the next run of the page tries again."""
    return not getattr(record, "lost", False) and not any("failed" in ends for ends in getattr(record, "ends", ()))


RECORDS = Inline(kept=48, keeps=_is_whole)
ANATOMIES = Inline(kept=96, keeps=_is_whole)  # apart, because they would push out the records
MAPS = Threads(2, name="maps", kept=48)


def record(spec: Spec) -> Any:
    """The record of a race, or of another question; shared by all sessions."""
    if not any(racer.optimizer.alone for racer in getattr(spec, "racers", ())):
        return RECORDS.run(pg.job(spec))
    with st.spinner(tr("Computing with torch")):
        return RECORDS.run(pg.job(spec))


def inspected_step(spec: pg.Race, chosen: int, step: int, start: int) -> StepRecord:
    """One step of a race from one of its starts."""
    inspection = pg.StepInspection.of(spec, chosen=chosen, step=min(step, spec.steps), starts=(spec.starts[start],))
    return ANATOMIES.run(pg.job(inspection))


def watch(job: Job) -> Any:
    """The result of a job, shared by all sessions; a bar says how far it is, once it takes a while."""
    begin, bar = time.monotonic(), st.empty()
    with closing(RECORDS.watch(job)) as news:
        for progress in news:
            spent = time.monotonic() - begin
            if not progress.done and spent > BRISK * progress.share:
                bar.progress(progress.share, str(progress.message))
    bar.empty()
    return progress.result


def map_so_far(spec: pg.BasinMap) -> BasinRecord:
    """A basin map, or a coarse one while the whole one is being computed aside."""
    whole = MAPS.submit(pg.job(spec))
    if whole.wait(PATIENCE):
        return whole.result()
    return record(spec.coarse())


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
    if not _is_whole(record):  # the same key will stand for the whole race
        return player.payload(record, compact=compact, start=start, knobs=knobs)
    return _payload(record.key, messages.language(), compact, start, knobs, record)


@st.cache_resource(max_entries=48, show_spinner=False)
def _ground(key: str, _record: RaceRecord | BasinRecord) -> bytes:
    return player.ground(_record.terrain)


def ground(record: RaceRecord | BasinRecord) -> bytes:
    """The losses below the paths of a race, or below maps."""
    return _ground(record.key, record)


@st.cache_resource(max_entries=24, show_spinner=False)
def _fates(key: str, _record: BasinRecord) -> bytes:
    return basins.fates(_record)


def fates(record: BasinRecord) -> bytes:
    """What becomes of the starts of maps."""
    return _fates(record.key, record)


def query_pairs(spec: Spec) -> list[tuple[str, str]]:
    """The spec's link as (name, value) pairs, with the visitor's language."""
    return [*parse_qsl(spec.to_query()), *language.pairs()]
