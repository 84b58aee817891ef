"""Basin maps: the compiled kernel against `torch.optim`, and how soon something is there."""

from __future__ import annotations

import statistics
import subprocess
import sys
from dataclasses import replace

import numpy as np

import playground as pg
from bench.engine import STEPS, many_starts, medians, torch_many
from playground.engine.basins import one_map
from playground.engine.race import ends_of
from playground.presets import BASINS

FRESH = """
import time; t = time.perf_counter()
import playground as pg
pg.run(pg.BasinMap.from_query({query!r}).coarse())
print(time.perf_counter() - t)
"""


def adam_map() -> pg.BasinMap:
    """Adam on Himmelblau from 256 x 256 starts, in single precision."""
    adam = pg.Racer(optimizer=pg.optimizers.make("adam", lr=0.05))
    return pg.BasinMap.of(surface=pg.surfaces["himmelblau"](), racers=[adam], steps=STEPS, precision="single")


def fresh_process(spec: pg.BasinMap) -> float:
    """Seconds from the import to the first, coarse answer in a new process."""
    code = FRESH.format(query=spec.to_query())
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


def rows() -> list[tuple[str, str, str]]:
    """Rows of the table: what, measured, bar."""
    import torch

    single = adam_map()
    double = replace(single, precision="double")
    single_map, double_map = pg.run(single), pg.run(double)
    assert (single_map.reached == double_map.reached).mean() > 0.995, "single precision draws another map"
    starts = np.stack(np.meshgrid(single_map.xs, single_map.ys), axis=-1).reshape(-1, 2)
    gaps = abs(ends_of(many_starts()[0], starts)[0, :, :2] - torch_many(torch, starts, "float32")).max(axis=1)
    assert np.quantile(gaps, 0.99) < 1e-3, "the two do not compute the same"
    spent = medians(
        7,
        single=lambda: one_map.__wrapped__(single),
        double=lambda: one_map.__wrapped__(double),
        torch=lambda: torch_many(torch, starts, "float32"),
    )
    first, page = (statistics.median(fresh_process(spec) for _ in range(5)) for spec in (single, BASINS[0].race()))
    return [
        ("basin map of Adam on Himmelblau, 65,536 starts x 500 steps in float32, minima reached and steps needed, warm",
         f"{spent['single'] * 1e3:.0f} ms", "at most 60 ms"),
        ("the same against `torch.optim.Adam` on one batched parameter in float32, which only finds the ends",
         f"{spent['torch'] / spent['single']:.0f}x faster", "at least 5x"),
        ("the same in float64, with the bits of the race from every start", f"{spent['double'] * 1e3:.0f} ms", ""),
        ("first answer to the same (coarse) in a fresh process, imports and derivation included",
         f"{first:.2f} s", "at most 1 s"),
        ("the same for the four racers with which the page opens", f"{page:.2f} s", ""),
    ]  # fmt: skip
