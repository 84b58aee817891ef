"""What workers import before they take work, so that the first run need not wait for it."""

import torch._dynamo  # noqa: F401  (torch loads it, for most of a second, when the first optimizer is made)

from playground.engine.training.data_splits import image_set
from playground.runs.engine import Training

IMAGES = image_set(Training().data, lambda text, share: None)
