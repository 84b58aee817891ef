"""Trainings: speed against other libraries, what probes and augmentations cost, what is learnt in two minutes."""

from __future__ import annotations

import itertools
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.engine import medians

ROOT = Path(__file__).parents[1]
ROUNDS, SECONDS = 5, 4.0
KINDS = ("ours", "ours_bfloat16", "ours_shared", "torch", "keras")
TITLES = {"convnetjs": "ConvNetJS demo net", "four": "batch-norm net of four convolutions"}
BARS = {"convnetjs": (1.8, 3.0), "four": (1.5, 3.0)}
BATCH = 128
Row = tuple[str, str, str]


def speeds(net: str) -> dict[str, float]:
    """Median images a second of every loop, interleaved."""
    speeds_by_kind: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for _ in range(ROUNDS):
        for kind in KINDS:
            speeds_by_kind[kind].append(_loop(kind, net)["images"])
    return {kind: statistics.median(values) for kind, values in speeds_by_kind.items()}


def _loop(kind: str, net: str) -> dict[str, float]:
    """What a loop finds, in the environment that the app gives its own.

    Keras needs `pip install -r bench/requirements.txt`; `BENCH_KERAS` may name another Python that has it.
    """
    from playground.runs.cluster import environment

    python = os.environ.get("BENCH_KERAS", sys.executable) if kind == "keras" else sys.executable
    others = kind in ("torch", "keras")
    more = {} if others else environment(os.cpu_count() or 1, crowded=kind == "ours_shared")
    process = subprocess.run(
        [python, "-m", "bench.loops", kind.removesuffix("_shared"), net, str(SECONDS)],
        cwd=ROOT,
        env=os.environ | more,
        capture_output=True,
        text=True,
    )
    if process.returncode:
        raise RuntimeError(f"{kind}: {process.stderr[-2000:]}")
    return json.loads(process.stdout.splitlines()[-1])


def speed_rows() -> list[Row]:
    """Images a second against PyTorch and Keras; and what the probes cost."""
    rows, shares = [], []
    for net, title in TITLES.items():
        net_speeds = speeds(net)
        heading = f"{title}, batch 128, probes and live curves on"
        torch_bar, keras = BARS[net]
        rows += [
            (
                f"{heading}: images a second in float32 (bfloat16; float32 where two runs may share the cores)",
                f"{net_speeds['ours']:,.0f} ({net_speeds['ours_bfloat16']:,.0f}; {net_speeds['ours_shared']:,.0f})",
                "",
            ),
            (
                "the same against a plain PyTorch loop with a DataLoader in float32",
                _times(net_speeds, "torch"),
                f"at least {torch_bar}x",
            ),
            ("the same against Keras on JAX", _times(net_speeds, "keras"), f"at least {keras:g}x"),
        ]
        shares.append(_loop("probing", net)["share"])
    rows.append(
        (
            "probing every layer four times a second, mean of both",
            f"{100 * statistics.mean(shares):.1f} %",
            "at most 3 %",
        )
    )
    return rows


def _times(net_speeds: dict[str, float], other: str) -> str:
    ratio, low, shared = (net_speeds[kind] / net_speeds[other] for kind in ("ours", "ours_bfloat16", "ours_shared"))
    return f"{ratio:.1f}x ({low:.1f}x; {shared:.1f}x)"


def augmentation_rows() -> list[Row]:
    """Milliseconds for a batch of 128."""
    import torch

    import playground as pg
    from playground.engine.training.augment import Augmenter
    from playground.runs.work import keep_memory

    keep_memory()
    images = torch.randint(0, 256, (8000, 3, 32, 32), dtype=torch.uint8).contiguous(memory_format=torch.channels_last)
    augmentation_names = {
        "flip and crop": ("flip", "crop"),
        "all twelve together": tuple(pg.augmentations),
    }
    norms: dict[str, Any] = {"mean": torch.full((3, 1, 1), 120.0), "scale": torch.full((3, 1, 1), 1 / 64)}
    draws = torch.Generator().manual_seed(0)
    batches = itertools.cycle(torch.randperm(8000, generator=draws)[: 62 * BATCH].split(BATCH))
    calls = {}
    for title, names in augmentation_names.items():
        augment = Augmenter(tuple(pg.augmentations[name]() for name in names), generator=draws, **norms)
        calls[title] = lambda augment=augment: augment(images, next(batches))
    spent = medians(300, **calls)
    bars = {"flip and crop": 0.7, "all twelve together": 6.0}
    return [
        (f"augmentation of a batch of 128, {title}", f"{1e3 * spent[title]:.2f} ms", f"at most {bars[title]:g} ms")
        for title in augmentation_names
    ]


LEARN = """
import json, sys
from playground.engine.training.test_set import test
from playground.engine.training.trainer import Trainer
from playground.presets import TRAININGS
spec = next(one for one in TRAININGS if one.name == "cifar-10").comparison().runs[0]
trainer = Trainer(spec)
*_, end = trainer.events()
found = test(spec, trainer.weights())
print(json.dumps({"seconds": end.seconds, "accuracy": found.accuracy, "images": int(found.confusion.sum())}))
"""


def learning_rows() -> list[Row]:
    """The preset of two minutes on the exact part of CIFAR-10, where it is at hand."""
    from playground.runs.cluster import environment

    folder = Path(os.environ.get("PLAYGROUND_DATA_DIR", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        return [("small VGG on a part of CIFAR-10", "not measured: no images here", "at least 70 % within 120 s")]
    more = environment(os.cpu_count() or 1, crowded=False) | {"PLAYGROUND_DATA_DIR": str(folder)}
    process = subprocess.run(
        [sys.executable, "-c", LEARN], cwd=ROOT, env=os.environ | more, capture_output=True, text=True, check=True
    )
    result = json.loads(process.stdout.splitlines()[-1])
    heading = (
        f"the preset `cifar-10` on 8,068 images of CIFAR-10: accuracy on its {result['images']:,} test images, and time"
    )
    return [(heading, f"{100 * result['accuracy']:.1f} %, {result['seconds']:.0f} s", "at least 70 % within 120 s")]


def rows() -> list[Row]:
    """Rows of the table: what, measured, bar."""
    return [*speed_rows(), *augmentation_rows(), *learning_rows()]
