"""The test part, looked at once somebody asks."""

from __future__ import annotations

import math

import numpy as np
import torch

from playground.data.images import ImageSet, OnProgress, ignore
from playground.engine.training.data_splits import image_set, prepare
from playground.engine.training.evaluate import confusion, worst
from playground.engine.training.train_state import TrainState
from playground.record import Validation
from playground.specs.training import Training


def test(
    spec: Training,
    weights: dict[str, np.ndarray],
    *,
    data: ImageSet | None = None,
    pause: OnProgress = ignore,
) -> Validation:
    """What the weights of a run of `spec` make of the test images, in the fields of a validation.

    `pause(text, share)` receives the progress of loading, and may raise.
    """
    data = data or image_set(spec.data, pause)
    splits = prepare(spec, data, pause)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train_state = TrainState(spec, splits, device, None, fresh=False)
    train_state.net.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    train_state.hold(data.test_images, data.test_labels)
    scores = train_state.score(len(data.test_labels))
    places, guesses, probabilities = worst(scores.probabilities, data.test_labels)
    return Validation(
        step=0,
        epoch=math.nan,
        seconds=math.nan,
        loss=scores.loss,
        accuracy=scores.accuracy,
        average_loss=math.nan,
        average_accuracy=math.nan,
        confusion=confusion(scores.probabilities, data.test_labels, len(data.classes)),
        mistakes=np.ascontiguousarray(data.test_images[places].transpose(0, 2, 3, 1)),
        labels=data.test_labels[places],
        guesses=guesses,
        probabilities=probabilities,
    )
