"""A net on images it does not learn from."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

CHUNK = 512  # images at a time
MISTAKES, GUESSES = 12, 3


class Scored(NamedTuple):
    """The losses and class probabilities of a set of images."""

    loss: float
    accuracy: float
    probabilities: Tensor  # (n, C) float32, on the CPU


@torch.no_grad()
def score(net: nn.Module, scores_of: Callable[[int, int], Tensor], labels: Tensor, pause: Callable[[], None]) -> Scored:
    """The net in use (no dropout, running statistics) on all images.

    `scores_of(first, last)`: the net's scores (last - first, C) for that range; `labels` (n,) int64; `pause()` is
    called between two chunks and may raise.
    """
    was_training = net.training
    net.eval()
    parts = []
    try:
        for first in range(0, len(labels), CHUNK):
            pause()
            parts.append(scores_of(first, min(first + CHUNK, len(labels))))
    finally:
        net.train(was_training)
    scores = torch.cat(parts)
    loss = F.cross_entropy(scores, labels).item()
    accuracy = (scores.argmax(1) == labels).float().mean().item()
    return Scored(loss, accuracy, scores.softmax(1).cpu())


def confusion(probabilities: Tensor, labels: np.ndarray, classes: int) -> np.ndarray:
    """(C, C) uint16: how many images of the row's class were taken for the column's."""
    guesses = probabilities.argmax(1).numpy()
    counts = np.bincount(labels.astype(np.int64) * classes + guesses, minlength=classes * classes)
    return np.minimum(counts, 65535).astype(np.uint16).reshape(classes, classes)


def worst(probabilities: Tensor, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The mistakes of which the net was surest.

    Returns their places (m,), the three most probable classes (m, 3) uint8 and these probabilities (m, 3) float32.
    """
    guesses = min(GUESSES, probabilities.shape[1])
    top = probabilities.topk(guesses, dim=1)
    wrong = np.flatnonzero(top.indices[:, 0].numpy() != labels)
    sure = wrong[np.argsort(-top.values[:, 0].numpy()[wrong], kind="stable")][:MISTAKES]
    return sure, top.indices.numpy()[sure].astype(np.uint8), top.values.numpy()[sure].astype(np.float32)
