"""Long work with one face: its watchers get news of how far it is, partial results and the result.

A `Job` is a key and a function. An executor says where it runs: `Inline` in the threads of those who watch it,
`Threads` aside, `Processes` in Python processes of their own; `playground.runs.executor` has the cluster. All share
a job by its key, can stop it, bound what waits, and raise in every watcher what the job has raised.
"""

from playground.jobs.executors import Executor, Inline, Threads
from playground.jobs.job import Job, Progress, Stopped, Unfinished, finish
from playground.jobs.process import Lost, Processes
from playground.jobs.reports import with_progress
from playground.jobs.running import Running

__all__ = [
    "Executor",
    "Inline",
    "Job",
    "Lost",
    "Processes",
    "Progress",
    "Running",
    "Stopped",
    "Threads",
    "Unfinished",
    "finish",
    "with_progress",
]
