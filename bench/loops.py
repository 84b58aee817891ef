"""One training loop in a process of its own: `python -m bench.loops KIND convnetjs|four SECONDS`.

Prints images a second, from the first steps on. KIND is ours, ours_bfloat16, torch or keras; with `probing`, what the
probes cost as a share of the speed without them. All train the same net with the same batches of 128 from the
same images in memory, in float32, with plain SGD with momentum. `ours` is the engine as the app runs it: probes and
live curves on, every event encoded for the log. `torch` is the loop of PyTorch's own tutorial, with a Dataset and a
DataLoader (in the process itself, which is fastest on two cores). `keras` is `Model.fit` on JAX.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from playground.engine.training.trainer import Trainer
    from playground.specs.training import Training

BATCH, IMAGES = 128, 8_000
CLASSES = 10
TURNS = 12  # with probes, and as many without

# Layers as (kind, channels, kernel side): what all three build.
NETS: dict[str, list[tuple[Any, ...]]] = {
    "convnetjs": [("conv", 16, 5), ("pool",), ("conv", 20, 5), ("pool",), ("conv", 20, 5), ("pool",), ("dense",)],
    "four": [
        ("conv_bn", 32, 3), ("conv_bn", 32, 3), ("pool",), ("conv_bn", 64, 3), ("conv_bn", 64, 3), ("pool",), ("dense",)
    ],
}  # fmt: skip


def images() -> tuple[np.ndarray, np.ndarray]:
    """(n, 3, 32, 32) uint8 and labels: what they show does not matter for speed."""
    draws = np.random.default_rng(0)
    return draws.integers(0, 256, (IMAGES, 3, 32, 32), np.uint8), draws.integers(0, CLASSES, IMAGES).astype(np.uint8)


def _engine_ticks(spec: Training, device: str = "auto") -> Iterator[tuple[Trainer, float, int]]:
    """The engine with what it is asked, after each tick: time and step."""
    from playground.data.images import ImageSet
    from playground.engine.training.trainer import Trainer
    from playground.record import Tick
    from playground.runs.log import encode
    from playground.runs.work import keep_memory

    keep_memory()
    pictures, labels = images()
    names = tuple(f"class {k}" for k in range(CLASSES))
    data = ImageSet(
        title="random",
        classes=names,
        images=pictures,
        labels=labels,
        test_images=pictures[:10],
        test_labels=labels[:10],
    )
    trainer = Trainer(spec, data=data, device=device)
    for event in trainer.events():
        encode(event)
        if isinstance(event, Tick) and event.step > 20:
            yield trainer, time.perf_counter(), event.step


def engine_speed(net: str, seconds: float, precision: str = "float32") -> dict[str, float]:
    """From the first tick to the last."""
    from bench.nets import spec_of

    return {"images": speed_of(spec_of(net, precision), seconds)}


def speed_of(spec: Training, seconds: float, device: str = "auto") -> float:
    """Images a second from the first tick to the last."""
    ticks = _engine_ticks(spec, device)
    _, start, first = next(ticks)
    now, step = next((now, step) for _, now, step in ticks if now - start > seconds)
    return (step - first) * spec.batch / (now - start)


def probing(net: str, seconds: float) -> dict[str, float]:
    """Turns with probes and without, in one run, so that what else the machine does meets both alike."""
    from bench.nets import spec_of

    ticks = _engine_ticks(spec_of(net))
    trainer, start, first = next(ticks)
    speeds: dict[bool, list[float]] = {True: [], False: []}
    for _, now, step in ticks:
        if now - start > seconds / 2:
            speeds[trainer.probes].append((step - first) / (now - start))
            trainer.probes, start, first = not trainer.probes, now, step
        if len(speeds[False]) == TURNS:
            break
    return {"share": 1 - statistics.median(speeds[True]) / statistics.median(speeds[False])}


def torch_loop(net: str, seconds: float) -> dict[str, float]:
    """A plain loop over a DataLoader."""
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, Dataset

    class Pictures(Dataset):
        def __init__(self):
            self.images, self.labels = images()
            self.mean = torch.tensor([0.4914, 0.4822, 0.4465]).view(3, 1, 1)
            self.std = torch.tensor([0.2470, 0.2435, 0.2616]).view(3, 1, 1)

        def __len__(self):
            return len(self.labels)

        def __getitem__(self, i):
            return (torch.from_numpy(self.images[i]).float() / 255 - self.mean) / self.std, int(self.labels[i])

    layers: list[nn.Module] = []
    channels, side = 3, 32
    for kind, *shape in NETS[net]:
        if kind.startswith("conv"):
            layers.append(nn.Conv2d(channels, shape[0], shape[1], padding=shape[1] // 2))
            channels = shape[0]
            layers += [nn.BatchNorm2d(channels)] if kind == "conv_bn" else []
            layers.append(nn.ReLU())
        elif kind == "pool":
            layers.append(nn.MaxPool2d(2))
            side //= 2
        else:
            layers += [nn.Flatten(), nn.Linear(channels * side * side, CLASSES)]
    model = nn.Sequential(*layers)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    count, start = 0, time.perf_counter()
    while True:
        for x, y in DataLoader(Pictures(), batch_size=BATCH, shuffle=True, drop_last=True):
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            loss.item()
            count += len(y)
            if time.perf_counter() - start > seconds:
                parameters = sum(parameter.numel() for parameter in model.parameters())
                return {"images": count / (time.perf_counter() - start), "parameters": parameters}


def keras_fit(net: str, seconds: float) -> dict[str, float]:
    """`Model.fit`, compiled by XLA; its first epoch, which compiles, is not counted."""
    import os

    os.environ["KERAS_BACKEND"] = "jax"
    import keras

    pictures, labels = images()
    x = (pictures.transpose(0, 2, 3, 1).astype(np.float32) / 255 - 0.47) / 0.25
    layers = [keras.Input((32, 32, 3))]
    for kind, *shape in NETS[net]:
        if kind.startswith("conv"):
            layers.append(keras.layers.Conv2D(shape[0], shape[1], padding="same"))
            layers += [keras.layers.BatchNormalization()] if kind == "conv_bn" else []
            layers.append(keras.layers.ReLU())
        elif kind == "pool":
            layers.append(keras.layers.MaxPooling2D())
        else:
            layers += [keras.layers.Flatten(), keras.layers.Dense(CLASSES)]
    model = keras.Sequential(layers)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.SGD(0.01, momentum=0.9), loss=loss, metrics=["accuracy"])
    model.fit(x[: 8 * BATCH], labels[: 8 * BATCH], batch_size=BATCH, epochs=1, verbose=0)
    count = int(min(IMAGES, max(8, seconds * 700 // BATCH) * BATCH))
    start = time.perf_counter()
    model.fit(x[:count], labels[:count], batch_size=BATCH, epochs=1, verbose=0)
    speed = count / (time.perf_counter() - start)
    trained = sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)
    return {"images": speed, "parameters": trained}


KINDS = {
    "ours": engine_speed,
    "ours_bfloat16": lambda net, seconds: engine_speed(net, seconds, "bfloat16"),
    "probing": probing,
    "torch": torch_loop,
    "keras": keras_fit,
}

if __name__ == "__main__":
    kind, net, seconds = sys.argv[1:4]
    print(json.dumps(KINDS[kind](net, float(seconds))))
