"""What the runs need of the engine, in the one place that loads torch; the name of this module can be exchanged."""

from playground.engine.training.test_set import test
from playground.engine.training.trainer import Interrupted, Trainer
from playground.specs.training import Training

__all__ = ["Interrupted", "Trainer", "Training", "test"]
