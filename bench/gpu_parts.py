"""One part of `python -m bench gpu` in a process of its own: `python -m bench.gpu_parts PART cuda|cpu [--small]`.

Each row is printed as soon as it is measured, as a line of JSON, so that a part that is stopped has told what it knew.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

Row = tuple[str, str, str]
LEVELS = (0.90, 0.94)
MANY = 4_000_000


def training(device: str, small: bool) -> Iterator[Row]:
    """The preset `airbench` on all images: seconds to 90 % and 94 %, with probes and without."""
    from playground.presets import TRAININGS
    from playground.presets.training import training as changed

    images = os.environ.get("BENCH_IMAGES", "CIFAR-10")
    spec = next(preset for preset in TRAININGS if preset.name == "airbench").comparison().runs[0]
    if small:
        spec = changed(spec, data="generated", images=600, network="softmax", batch=100, epochs=2)
    _train(replace(spec, epochs=1), device, True)  # the first kernels, and the images
    title = f"the preset `airbench` on {images}"
    for probes, word in ((True, "on"), (False, "off")):
        runs = [_train(replace(spec, seed=seed), device, probes) for seed in (0, 1)]
        mean = [statistics.mean(run[part] for run in runs) for part in ("seconds", "test", "speed")]
        yield (f"{title}, probes {word}: training, test accuracy, images a second",
               f"{mean[0]:.2f} s, {100 * mean[1]:.2f} %, {mean[2]:,.0f}", "")  # fmt: skip
        yield f"the same: {_levels_named()} of the validation images", _levels(runs), ""
    longer = _train(replace(spec, epochs=spec.epochs * 4), device, True)
    yield f"the same in {4 * spec.epochs} epochs: {_levels_named()} of the validation images", _levels([longer]), ""


def _levels_named() -> str:
    return "seconds to " + " and ".join(f"{100 * level:.0f} %" for level in LEVELS)


def _train(spec, device: str, probes: bool) -> dict:
    """Seconds, accuracy on the test part and the validations of one training."""
    from playground.engine.training.test_set import test
    from playground.engine.training.trainer import Trainer
    from playground.record import Validation

    trainer, looks = Trainer(spec, device=device, probes=probes), []
    for event in trainer.events():
        if isinstance(event, Validation):
            looks.append((event.seconds, np.nanmax([event.accuracy, event.average_accuracy])))
        seconds = getattr(event, "seconds", 0.0)  # at last those of the end
    speed = trainer.step * trainer.train_state.batch / seconds
    return {"seconds": seconds, "speed": speed, "looks": looks, "test": test(spec, trainer.weights()).accuracy}


def _levels(runs: list[dict]) -> str:
    """When the validation first reached each level, as the mean of the runs, or how far it came."""
    parts = []
    for level in LEVELS:
        firsts = [next((seconds for seconds, share in run["looks"] if share >= level), math.inf) for run in runs]
        best = max(share for run in runs for _, share in run["looks"])
        all_reached = math.inf not in firsts
        parts.append(f"{statistics.mean(firsts):.2f} s" if all_reached else f"not reached ({100 * best:.2f} %)")
    return ", ".join(parts)


def nets(device: str, small: bool) -> Iterator[Row]:
    """Images a second of the presets' nets, probes and live curves on."""
    from bench.loops import speed_of
    from bench.nets import spec_of

    titles = {
        "convnetjs": "ConvNetJS demo net", "four": "four convolutions with batch norm", "vgg": "small VGG",
        "resnet": "small ResNet", "airbench": "airbench-shaped net",
    }  # fmt: skip
    for net in ("convnetjs",) if small else titles:
        batch = 1024 if net == "airbench" else 128
        speeds = [
            speed_of(replace(spec_of(net, precision), batch=batch), 0.5 if small else 5.0, device)
            for precision in ("bfloat16", "float32")
        ]
        yield (
            f"{titles[net]}, batch {batch}: images a second in bfloat16, float32",
            "{:,.0f}, {:,.0f}".format(*speeds),
            "",
        )


def maps(device: str, small: bool) -> Iterator[Row]:
    """The map with which the page Basins opens, without a GPU and with it; and very many starts."""
    from playground.engine import basins, tensors
    from playground.presets import BASINS

    spec = BASINS[0].race()
    spec = replace(spec, side=96 if small else spec.side)
    units = [basins._unit(spec, racer) for racer in spec.race.racers]
    offered = tensors.device
    tensors.device = lambda: ""
    without = _warm(lambda: [basins.one_map.__wrapped__(unit) for unit in units])
    import torch  # a map goes to the device once torch is loaded

    tensors.device = offered if device == "cuda" else lambda: "cpu"
    there = _warm(lambda: [basins.one_map.__wrapped__(unit) for unit in units])
    size = f"{spec.side}² starts x {spec.race.steps} steps x {len(units)}"
    title = f"the map with which the page Basins opens, {size}, warm: with the GPU (without)"
    yield title, f"{there:.2f} s ({without:.2f} s)", "never slower with than without"
    count = 10_000 if small else MANY
    race = replace(units[2].race, steps=500)
    unit = replace(units[2], precision="single", race=race)
    (left, right, bottom, top), (minima, _) = race.surface.window, basins.places(race.surface, race.penalty)
    starts = np.random.default_rng(0).uniform((left, bottom), (right, top), (count, 2))
    scale = np.array([1 / (right - left), 1 / (top - bottom), unit.radius**2])
    spent = _warm(lambda: basins.run_batch(unit, starts, minima, scale))
    yield f"{count:,} starts x 500 steps of Adam in float32", f"{spent:.2f} s", "at most 0.2 s"
    if device == "cuda":
        yield "most memory of the GPU for it", f"{torch.cuda.max_memory_allocated() / 2**30:.1f} GiB", ""


def _warm(call: Callable[[], object]) -> float:
    """Median seconds of three calls after a first."""
    spent = []
    for _ in range(4):
        start = time.perf_counter()
        call()
        spent.append(time.perf_counter() - start)
    return statistics.median(spent[1:])


PARTS = {"training": training, "nets": nets, "maps": maps}

if __name__ == "__main__":
    for row in PARTS[sys.argv[1]](sys.argv[2], "--small" in sys.argv):
        print(json.dumps(row), flush=True)
