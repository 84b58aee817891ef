"""Random streams: everything random in a computation is drawn from its spec's seed, in a stream of its own."""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, purpose: str) -> np.random.Generator:
    """The generator for one purpose, independent of those for others and of the order of asking."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])
