"""Racers that libraries compute, through the process that has torch, against the same loop on torch itself."""

from __future__ import annotations

import subprocess
import sys

import playground as pg
from bench.engine import START, STEPS, TEN, medians, torch_race

NAMES = ("to_sgd", "to_adagrad", "to_rmsprop", "to_adadelta", "to_adam", "to_adamw", "to_adamax", "to_nadam")
FRESH = """
import time
import playground as pg
spec = pg.Race(racers=[pg.Racer(optimizer=pg.optimizers["to_adam"]())], steps=500)
begin = time.perf_counter(); pg.run(spec); print(time.perf_counter() - begin)
"""


def rows() -> list[tuple[str, str, str]]:
    """What was measured, and the bar it has to reach."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    racers = tuple(pg.Racer(optimizer=pg.optimizers.make(name, lr=1e-3)) for name in NAMES)
    spec = pg.Race(racers=racers, starts=(START,), steps=STEPS)
    pg.run(spec)  # the process is there
    spent = medians(5, ours=lambda: pg.run(spec), torch=lambda: torch_race(torch))
    torch.set_num_threads(threads)
    ratio = spent["torch"] / len(TEN) / (spent["ours"] / len(NAMES))
    first = [
        float(subprocess.run([sys.executable, "-c", FRESH], capture_output=True, text=True, check=True).stdout)
        for _ in range(3)
    ]
    return [
        (
            "one optimizer of `torch.optim` x 500 steps through the process that has torch, states recorded, against "
            "`torch.optim` with autograd in the same process",
            f"{ratio:.1f}x faster",
            "at least 1x",
        ),
        ("first race of a library's optimizer in a fresh process", f"{sorted(first)[1]:.1f} s", "5 s"),
    ]
