"""The race engine against `torch.optim`, and the size of what goes to the browser."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import numpy as np

import playground as pg
from playground.engine.race import ends_of
from playground.view.player import ground, payload

STEPS = 500
START = (-1.5, 2.0)
TEN = {
    "sgd": ("SGD", {}),
    "momentum": ("SGD", {"momentum": 0.9}),
    "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "adagrad": ("Adagrad", {}),
    "rmsprop": ("RMSprop", {}),
    "adadelta": ("Adadelta", {}),
    "adam": ("Adam", {}),
    "adamw": ("AdamW", {}),
    "adamax": ("Adamax", {}),
    "nadam": ("NAdam", {}),
}
FRESH = """
import time; t = time.perf_counter()
import playground as pg
pg.run(pg.Race(racers=[pg.Racer(optimizer=pg.optimizers[name]()) for name in {names}], steps={steps}))
print(time.perf_counter() - t)
"""


def medians(repeat: int, **calls) -> dict[str, float]:
    """Median seconds of each call, interleaved."""
    spent: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(repeat):
        for name, call in calls.items():
            begin = time.perf_counter()
            call()
            spent[name].append(time.perf_counter() - begin)
    return {name: statistics.median(times) for name, times in spent.items()}


def ten_racers() -> pg.Race:
    """Ten optimizers on Rosenbrock from one start."""
    racers = tuple(pg.Racer(optimizer=pg.optimizers[name]()) for name in TEN)
    return pg.Race(racers=racers, starts=(START,), steps=STEPS)


def torch_race(torch) -> list[np.ndarray]:
    """The same with torch.optim and autograd, one optimizer at a time, positions and losses recorded."""
    paths = []
    for name, (kind, options) in TEN.items():
        x = torch.tensor(START, dtype=torch.float64, requires_grad=True)
        optimizer = getattr(torch.optim, kind)([x], lr=pg.optimizers[name]().rate, **options)
        path = [START]
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
            loss.backward()
            optimizer.step()
            path.append((*x.tolist(), loss.item())[:2])
        paths.append(np.array(path))
    return paths


def many_starts() -> tuple[pg.Race, np.ndarray]:
    """Adam on Himmelblau from 256 x 256 starts."""
    adam = pg.Racer(optimizer=pg.optimizers.make("adam", lr=0.05))
    grid = np.stack(np.meshgrid(np.linspace(-5, 5, 256), np.linspace(-5, 5, 256)), axis=-1).reshape(-1, 2)
    return pg.Race(surface=pg.surfaces["himmelblau"](), racers=(adam,), steps=STEPS), grid


def torch_many(torch, grid: np.ndarray, precision: str = "float64") -> np.ndarray:
    """The same with torch.optim.Adam on one parameter that holds all starts."""
    x = torch.tensor(grid, dtype=getattr(torch, precision), requires_grad=True)
    optimizer = torch.optim.Adam([x], lr=0.05)
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = ((x[:, 0] ** 2 + x[:, 1] - 11) ** 2 + (x[:, 0] + x[:, 1] ** 2 - 7) ** 2).sum()
        loss.backward()
        optimizer.step()
    return x.detach().numpy()


def fresh_process() -> float:
    """Seconds from the import to the record of ten racers in a new process."""
    code = FRESH.format(names=list(TEN), steps=STEPS)
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


def rows() -> list[tuple[str, str, str]]:
    """Rows of the table: what, measured, bar."""
    import torch

    race, paths = ten_racers(), torch_race(torch)
    own_paths = pg.run(race).positions[:, 0]
    for name, path, own_path in zip(TEN, paths, own_paths):
        # torch keeps NAdam's product of momenta in single precision
        assert abs(path - own_path).max() < 1e-4, f"{name} is not the optimizer that torch runs"
    race_seconds = medians(7, ours=lambda: pg.run(race), torch=lambda: torch_race(torch))
    many, grid = many_starts()
    gaps = abs(ends_of(many, grid)[0, :, :2] - torch_many(torch, grid)).max(axis=1)
    # on the borders of the basins the last bit decides where a start goes
    assert np.quantile(gaps, 0.999) < 1e-9, "the two do not compute the same"
    crowd_seconds = medians(5, ours=lambda: ends_of(many, grid), torch=lambda: torch_many(torch, grid))
    fresh = statistics.median(fresh_process() for _ in range(5))
    eight = pg.run(pg.Race(racers=race.racers[:8], steps=STEPS))
    size = len(ground(eight.terrain)) + len(payload(eight))
    ratio_one, ratio_many = race_seconds["torch"] / race_seconds["ours"], crowd_seconds["torch"] / crowd_seconds["ours"]
    return [
        ("10 optimizers x 500 steps x 1 start, states recorded, against `torch.optim` with autograd",
         f"{ratio_one:.0f}x faster", "at least 100x"),
        ("the same, time", f"{race_seconds['ours'] * 1e3:.1f} ms", "at most 10 ms"),
        ("the same in a fresh process, imports and derivation included", f"{fresh:.2f} s", "at most 0.8 s"),
        ("65,536 starts x 500 steps of Adam on Himmelblau, against `torch.optim.Adam` on one batched parameter",
         f"{ratio_many:.1f}x faster", "at least 2x"),
        ("the same, time", f"{crowd_seconds['ours']:.2f} s", "at most 0.6 s"),
        ("bytes sent to the browser, 8 racers x 500 steps", f"{size / 1000:.0f} kB", "at most 200 kB"),
    ]  # fmt: skip
