"""Which images are trained on and which validate, drawn from a generator."""

from __future__ import annotations

import numpy as np


def stratified_order(labels: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """A random order of all images in which every beginning holds the classes in their shares: (n,) int64.

    Image k of a class of size m, in a random order of its own, stands at (k + u) / m with u uniform in [0, 1).
    """
    order = np.empty(len(labels))
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        order[generator.permutation(members)] = np.arange(len(members)) / len(members)
        order[members] += generator.random(len(members)) / len(members)
    return np.argsort(order, kind="stable")


def subset(labels: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray:
    """`count` images (all, if there are fewer), classes in their shares: sorted indices, int64.

    From generators in the same state, a larger subset holds every smaller one.
    """
    return np.sort(stratified_order(labels, generator)[:count])


def split(labels: np.ndarray, share: float, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(training, validation): sorted indices, int64, classes in their shares in both.

    Validation gets `share` of the images, but at least one when `share` is not 0, and training at least one.
    """
    order = stratified_order(labels, generator)
    count = min(max(round(share * len(labels)), 1 if share > 0 else 0), max(len(labels) - 1, 0))
    return np.sort(order[count:]), np.sort(order[:count])
