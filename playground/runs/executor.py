"""The cluster as an executor of jobs: runs go on in its processes, and watchers follow their files."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from playground.engine import resumable
from playground.jobs import Inline, Job, Progress
from playground.jobs.job import Steps
from playground.registry import ChoiceError
from playground.runs.local import PAUSE, Tail, finished
from playground.runs.runner import Runner

UNDER_WAY = ("queued", "starting", "running")


class Cluster(Inline):
    """The jobs of single runs (`playground.job`) in the processes of `runner`, which shares and bounds them for all.

    A run that nobody watches any more stops at a checkpoint, and is gone on with when somebody asks for it again.
    """

    def __init__(self, runner: Runner, visitor: str, **bounds: Any) -> None:
        super().__init__(**bounds)
        self.runner, self.visitor = runner, visitor

    def _steps(self, job: Job) -> Steps:
        spec, _, _, growing = job.arguments
        module = resumable(spec)
        runner, tail, last = self.runner, Tail(self.runner.store, spec.key), Progress()
        try:
            runner.submit(spec, self.visitor)
            while runner.status(spec.key).state in UNDER_WAY:
                runner.store.watch(spec.key, self.visitor)
                if tail.read():
                    partial = module.collect(tail.events, {}) if growing else None
                    last = replace(module.progress(tail.events), partial=partial)
                yield last
                time.sleep(PAUSE)
        finally:
            runner.leave(spec.key, self.visitor)
        if runner.problem:
            raise ChoiceError(runner.problem)
        return finished(spec, runner.store)
