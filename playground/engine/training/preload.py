"""What workers import before they take trainings, so that the first run need not wait for it."""

import torch._dynamo  # noqa: F401  (torch loads it, for most of a second, when the first optimizer is made)

from playground.engine.training import test_set, trainer  # noqa: F401
from playground.engine.training.data_splits import image_set
from playground.specs.training import Training

IMAGES = image_set(Training().data, lambda text, share: None)
