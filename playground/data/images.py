"""What every data set becomes: uint8 images of 32 x 32 pixels in memory, with labels and the names of the classes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from playground.messages import Message
from playground.registry import ChoiceError

OnProgress = Callable[[Message, float], None]
"""Called with what is being done and the share of it that is done, from 0 to 1; it may raise, which cancels."""

SIDE = 32
PIXELS = 3 * SIDE * SIDE


class DataError(ChoiceError):
    """Images that cannot be had or must not be used; its text is one sentence that names the file and what to do."""


def ignore(text: Message, share: float) -> None:
    """The progress that nobody watches."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ImageSet:
    """A data set in memory. The test part is for the end of an experiment: validation images come from `images`.

    `title` names the set on every figure, and says so when it is not the whole of what its name stands for.
    """

    title: str
    classes: tuple[str, ...]
    images: np.ndarray  # (n, 3, 32, 32) uint8, training part
    labels: np.ndarray  # (n,) uint8
    test_images: np.ndarray  # (m, 3, 32, 32) uint8
    test_labels: np.ndarray  # (m,) uint8

    def __post_init__(self) -> None:
        for images, labels in ((self.images, self.labels), (self.test_images, self.test_labels)):
            assert images.dtype == labels.dtype == np.uint8
            assert images.shape == (len(labels), 3, SIDE, SIDE)
            assert not len(labels) or labels.max() < len(self.classes)
