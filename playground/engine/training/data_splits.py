"""What a training works on: images, labels and how they are preprocessed, all in memory and drawn from the seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playground.choices.datasets import Dataset
from playground.choices.preprocessings import Transform
from playground.data.images import ImageSet, OnProgress
from playground.data.split import split, subset
from playground.engine.streams import stream
from playground.messages import Message
from playground.specs.training import Training


@dataclass(frozen=True, kw_only=True, eq=False)
class DataSplits:
    """The images of a training: those learned from, and those validated with."""

    title: str
    classes: tuple[str, ...]
    images: np.ndarray  # (n, 3, 32, 32) uint8
    labels: np.ndarray  # (n,) uint8
    validation_images: np.ndarray  # (m, 3, 32, 32) uint8
    validation_labels: np.ndarray  # (m,) uint8
    transform: Transform  # fitted to `images`


_last_set: dict[Dataset, ImageSet] = {}


def image_set(data: Dataset, progress: OnProgress) -> ImageSet:
    """The images of a data set; the last one stays in memory, since a class trains on the same ones."""
    images = _last_set.get(data)
    if images is None:
        images = data.load(progress)
        _last_set.clear()
        _last_set[data] = images
    return images


def prepare(spec: Training, data: ImageSet | None, progress: OnProgress) -> DataSplits:
    """Load, choose the subset, split, and fit the preprocessing to the training part."""
    data = data or image_set(spec.data, progress)
    progress(Message("choosing images"), float("nan"))
    indices = subset(data.labels, spec.images, stream(spec.seed, "subset"))
    train, validation = split(data.labels[indices], spec.validation, stream(spec.seed, "split"))
    train, validation = indices[train], indices[validation]
    images = data.images[train]
    progress(Message("fitting the preprocessing"), float("nan"))
    return DataSplits(
        title=data.title,
        classes=data.classes,
        images=images,
        labels=data.labels[train],
        validation_images=data.images[validation],
        validation_labels=data.labels[validation],
        transform=spec.preprocessing.fit(images),
    )
