"""The loss that is trained on, and the gradient of the penalties."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from playground.choices.regularizers import Recipe
from playground.engine.training.augment import Mix


class Outcome(NamedTuple):
    """Of one batch: what is differentiated, and what is shown."""

    objective: Tensor  # scalar, with label smoothing
    loss: Tensor  # scalar, cross-entropy without it
    accuracy: Tensor  # scalar, share of images whose label is the most probable class


def outcome(scores: Tensor, labels: Tensor, mix: Mix | None, smoothing: float) -> Outcome:
    """`scores` (b, C), `labels` (b,) int64; a mixed image is right when it is taken for its own label."""
    target = labels
    if mix is not None:
        share = mix.share.unsqueeze(1)
        kinds = scores.shape[1]
        target = share * F.one_hot(labels, kinds) + (1 - share) * F.one_hot(labels[mix.partner], kinds)
        target = target.to(scores.dtype)
    loss = F.cross_entropy(scores, target)
    objective = F.cross_entropy(scores, target, label_smoothing=smoothing) if smoothing else loss
    accuracy = (scores.detach().argmax(1) == labels).float().mean()
    return Outcome(objective, loss.detach(), accuracy)


@torch.no_grad()
def add_penalties(weights: Sequence[Tensor], recipe: Recipe) -> None:
    """Add the gradients of L1 and L2 to those of the weights."""
    having, grads = [], []
    for weight in weights:
        if weight.grad is not None:
            having.append(weight)
            grads.append(weight.grad)
    if recipe.l2:
        torch._foreach_add_(grads, having, alpha=recipe.l2)
    if recipe.l1:
        torch._foreach_add_(grads, torch._foreach_sign(having), alpha=recipe.l1)


@torch.no_grad()
def penalty(weights: Sequence[Tensor], recipe: Recipe) -> Tensor:
    """What `add_penalties` adds the gradient of: l1 sum |w| + l2 / 2 sum w^2, a scalar."""
    total = torch.zeros((), device=weights[0].device)
    if recipe.l2:
        total = total + recipe.l2 / 2 * sum(weight.square().sum() for weight in weights)
    if recipe.l1:
        total = total + recipe.l1 * sum(weight.abs().sum() for weight in weights)
    return total


@torch.no_grad()
def clip(parameters: Sequence[Tensor], recipe: Recipe) -> None:
    """Shorten the gradient to the recipe's limits: first each component, then the whole."""
    grads = [parameter.grad for parameter in parameters if parameter.grad is not None]
    if recipe.clip_value < float("inf"):
        torch._foreach_clamp_max_(grads, recipe.clip_value)
        torch._foreach_clamp_min_(grads, -recipe.clip_value)
    if recipe.clip_norm < float("inf"):
        norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(grads)))
        torch._foreach_mul_(grads, (recipe.clip_norm / norm.clamp_min(1e-30)).clamp_max(1.0))
