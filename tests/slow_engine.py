"""A trainer without a net, for the tests of the runs: it takes its time, and its spec's batch says how it misbehaves.

Batch 1: no memory; 2: dies at its third step; 3: one step of a minute; 4: a programming error at its third step.
$SLOW_ENGINE: seconds for a step.
"""

import json
import math
import os
import signal
import time

import numpy as np

from playground.engine import training as engine
from playground.jobs import Stopped
from playground.messages import Message
from playground.record import Change, End, Preparation, Samples, Start, Tick, Validation

PER_EPOCH = 10
PRELOAD, SMALLER = "slow_engine", engine.SMALLER
read, check, collect, progress = engine.read, engine.check, engine.collect, engine.progress
__all__ = ["PRELOAD", "SMALLER", "begin", "check", "collect", "progress", "read", "test"]


class Trainer:
    def __init__(self, spec, *, threads=0, interrupted=None):
        self.spec, self.interrupted = spec, interrupted
        self.steps, self.step, self.best_step, self.settled = spec.epochs * PER_EPOCH, 0, 0, False
        self.rate, self.place, self.fresh = 0.1, float(spec.seed + 1), True

    def events(self):
        yield Preparation(text=Message("process {n}", n=os.getpid()), share=math.nan)
        if self.fresh:
            yield self._start()
            none = np.zeros(0, np.uint8)
            yield Samples(
                step=0, images=none.reshape(0, 32, 32, 3), labels=none, partners=none, shares=np.zeros(0, "f4")
            )
        self.settled = True
        while self.step < self.steps:
            self._misbehave(self.step + 1)
            time.sleep(float(os.environ.get("SLOW_ENGINE", 0)))
            events = [*self._one_step()]
            for number, event in enumerate(events, 1):
                self.settled = number == len(events)
                yield event
        yield End(
            word="finished",
            sentence=Message("Done."),
            step=self.step,
            seconds=self.step / 10,
            best_step=self.best_step,
            layer="",
        )

    def _start(self):
        spec = self.spec
        return Start(
            key=spec.key, query=spec.to_query(), title="Nothing", stamp="", classes=("a", "b"), layers=("scores",),
            parameters=1, operations=1, images=10, validation_images=2, batch=1, steps=self.steps,
            steps_per_epoch=PER_EPOCH, device="cpu", threads=1, precision="float32", bounded=(False,), initial_loss=1.0,
        )  # fmt: skip

    def _one_step(self):
        for switch in self.spec.switches:
            if switch.step == self.step + 1:
                self.rate = switch.value
                yield Change(step=self.step, field=switch.field, value=switch.value)
        self.step += 1
        self.place -= self.rate * math.sin(self.place * self.step)
        values = np.array([self.place], np.float32)
        yield Tick(
            step=self.step, epoch=self.step / PER_EPOCH, seconds=self.step / 10, rate=self.rate, loss=self.place,
            accuracy=0.5, speed=1.0, losses=values, accuracies=values,
        )  # fmt: skip
        if self.step % PER_EPOCH == 0:
            self.best_step = self.step
            yield validation(self.step, self.place)

    def _misbehave(self, step):
        batch = self.spec.batch
        if batch == 1:
            raise MemoryError
        if batch == 2 and step == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        if batch == 4 and step == 3:
            raise ZeroDivisionError("one by none")
        for _ in range(3000 if batch == 3 and step == 3 else 0):
            time.sleep(0.02)
            if self.interrupted():
                raise Stopped

    def state(self):
        assert self.settled
        return json.dumps([self.step, self.place, self.rate, self.best_step]).encode()

    def load(self, state):
        self.step, self.place, self.rate, self.best_step = json.loads(state)
        self.fresh = False

    def weights(self):
        return {"place": np.array([self.place])}


begin = Trainer


def validation(step, place):
    none = np.zeros(0, np.uint8)
    return Validation(
        step=step, epoch=step / PER_EPOCH, seconds=step / 10, loss=place, accuracy=0.5, average_loss=math.nan,
        average_accuracy=math.nan, confusion=np.eye(2, dtype=np.uint16), mistakes=none.reshape(0, 32, 32, 3),
        labels=none, guesses=none.reshape(0, 3), probabilities=np.zeros((0, 3), np.float32),
    )  # fmt: skip


def test(spec, weights):
    return validation(0, float(weights["place"][0]))
