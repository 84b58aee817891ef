"""What the process that computes racers with torch loads before its first job, so that none has to wait for it."""

import pytorch_optimizer  # noqa: F401
import torch

import playground.engine.torch_points  # noqa: F401

torch.set_num_threads(1)
