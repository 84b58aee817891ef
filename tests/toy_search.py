"""Another kind of resumable work than a training, for the tests of the runs: a random search for the lowest value of a
parabola, trial by trial. $SLOW_ENGINE: seconds for a trial."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from playground.jobs import Progress
from playground.messages import Message
from playground.record import End, Event, Preparation
from playground.registry import ChoiceError, knob
from playground.specs import Spec

PRELOAD, SMALLER = "toy_search", Message("try fewer points")


@dataclass(frozen=True, kw_only=True)
class Search(Spec):
    """`trials` random points; the lowest value counts."""

    kind: ClassVar[str] = "search"

    trials: int = knob(100, 1, 10_000, label="Trials", help="how many points are tried")
    seed: int = knob(0, 0, 2**31 - 1, label="Seed", help="which points are tried")


@dataclass(frozen=True, kw_only=True, eq=False)
class Setup(Event):
    key: str
    query: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Trial(Event):
    landmark: ClassVar[bool] = True

    step: int
    seconds: float
    value: float


@dataclass(frozen=True, kw_only=True, eq=False)
class SearchRecord:
    key: str
    values: np.ndarray
    end: End | None
    best: dict[str, np.ndarray]


class Work:
    def __init__(self, spec, *, threads=0, interrupted=None):
        self.spec, self.step, self.best_step, self.best = spec, 0, 0, 1e9
        self.settled, self.is_new = False, True
        self.draws = np.random.default_rng(spec.seed)

    def events(self):
        yield Preparation(text=Message("drawing points"), share=0.5)
        if self.is_new:
            yield Setup(key=self.spec.key, query=self.spec.to_query())
        self.settled = True
        while self.step < self.spec.trials:
            time.sleep(float(os.environ.get("SLOW_ENGINE", 0)))
            value = float(self.draws.normal() ** 2)
            self.step += 1
            if value < self.best:
                self.best_step, self.best = self.step, value
            yield Trial(step=self.step, seconds=self.step / 10, value=value)
        sentence = Message("The lowest of {n} values is {value:digits}.", n=self.step, value=self.best)
        yield End(word="finished", sentence=sentence, step=self.step, seconds=self.step / 10, best_step=self.best_step)

    def state(self):
        return json.dumps([self.step, self.best_step, self.best, self.draws.bit_generator.state]).encode()

    def load(self, state):
        self.step, self.best_step, self.best, self.draws.bit_generator.state = json.loads(state)
        self.is_new = False

    def weights(self):
        return {"best": np.array(self.best)}


begin, read = Work, Search.from_query


def check(spec: Search) -> None:
    if spec.seed == 13:
        raise ChoiceError("seed is 13, but must be a lucky number.")


def collect(events: Iterable[Event], weights: dict[str, np.ndarray]) -> SearchRecord | None:
    kinds: dict[type, list] = {}
    for event in events:
        kinds.setdefault(type(event), []).append(event)
    if Setup not in kinds:
        return None
    values = np.array([trial.value for trial in kinds.get(Trial, [])])
    return SearchRecord(key=kinds[Setup][0].key, values=values, end=kinds.get(End, [None])[-1], best=weights)


def progress(events: Sequence[Event]) -> Progress:
    trials = [event for event in events if isinstance(event, Trial)]
    spec = next((Search.from_query(event.query) for event in events if isinstance(event, Setup)), None)
    if not trials or spec is None:
        return Progress(message=Message("drawing points"))
    return Progress(
        share=len(trials) / spec.trials, message=Message("trial {n} of {most}", n=len(trials), most=spec.trials)
    )
