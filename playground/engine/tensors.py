"""Rules on torch tensors, for maps on a GPU: where a process has torch loaded and torch sees one.

Nothing here imports torch, so that a server never loads it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from playground.choices.optimizers import Rule
from playground.engine.reference import Problem

HELD = 2**28  # numbers of the trail that the device keeps at once


def device() -> str:
    """The device for maps, or nothing."""
    torch = sys.modules.get("torch")
    return "cuda" if torch and torch.cuda.is_available() else ""


def run_batch(
    rule: Rule,
    problem: Problem,
    starts: np.ndarray,
    factors: Sequence[float],
    minima: np.ndarray,
    scale: np.ndarray,
    where: str,
    precision: str,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """As `compiled.run_batch`, for a rule, on the torch device `where`."""
    torch = sys.modules["torch"]
    number = torch.float32 if precision == "single" else torch.float64
    parts = []
    for some in np.array_split(starts, -(-len(starts) * (problem.steps + 1) * 2 // HELD)):
        positions, sound = _positions(
            torch, rule, problem, torch.as_tensor(some.T.copy(), dtype=number, device=where), factors
        )
        tensors = _settle(
            torch, positions, sound, *(torch.as_tensor(a, dtype=number, device=where) for a in (minima, scale))
        )
        parts.append([tensor.cpu().numpy() for tensor in tensors])
    ends, reached, settled = map(np.concatenate, zip(*parts))
    return ends.astype(float), reached.astype(np.int16), settled.astype(np.int16)


def _positions(torch: Any, rule: Rule, problem: Problem, x: Any, factors: Sequence[float]) -> tuple[Any, Any]:
    """The points (T + 1, 2, S) and which starts stayed finite (S,)."""
    value, exact = (getattr(problem.derived, f"{kind}_function")("torch") for kind in ("value", "gradient"))
    source = problem.source.function(value, exact)
    noise = None if problem.noise is None else torch.as_tensor(problem.noise, dtype=x.dtype, device=x.device)
    state, positions = rule.init(x), torch.empty((problem.steps + 1, *x.shape), dtype=x.dtype, device=x.device)
    total = torch.zeros_like(x[0])
    for k in range(problem.steps + 1):
        loss, *slope = source(x[0], x[1])
        g = torch.stack([part + total * 0 if torch.is_tensor(part) else total * 0 + part for part in slope])
        if noise is not None:
            g = g + noise[k][:, None]
        positions[k] = getattr(state, rule.answer) if rule.answer else x
        loss = value(*positions[k])[0] if rule.answer else loss
        total = total + (loss + g.sum(dim=0) + positions[k].sum(dim=0)) * 0
        if k < problem.steps:
            if problem.decay:
                x = x * (1.0 - rule.rate * factors[k] * problem.decay)
            x, state = rule.step(x, g, state, k + 1, factors[k])
    return positions, total == 0


def _settle(torch: Any, positions: Any, sound: Any, minima: Any, scale: Any) -> tuple[Any, ...]:
    """As `basins.settle`."""
    count, wide = positions.shape[2], scale[:2, None]
    reached = torch.full((count,), -1, dtype=torch.int64, device=positions.device)
    steps = reached.clone()
    if len(minima):
        least, nearest = torch.stack([(((positions[-1] - p[:, None]) * wide) ** 2).sum(dim=0) for p in minima]).min(
            dim=0
        )
        near = sound & (least < scale[2])
        out = ~((((positions - minima[nearest].T) * wide) ** 2).sum(dim=1) < scale[2])
        order = torch.arange(1, len(positions) + 1, device=positions.device)[:, None]
        reached, steps = torch.where(near, nearest, reached), torch.where(near, (out * order).amax(dim=0), steps)
    return positions[-1].T, torch.where(sound, reached, -2), steps
