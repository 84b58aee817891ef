"""Batches: gathered from the one tensor of images, changed at random, normalised."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from playground.choices.augmentations import EDGE, SIDE, Augmentation
from playground.choices.augmentations import augmentations as registered

Drawn = Mapping[type[Augmentation] | None, Tensor]


class Mix(NamedTuple):
    """Image i keeps the part `share[i]`, also of its label, and image `partner[i]` of the batch has the rest.

    Both are (b,). The loss is share loss(y) + (1 - share) loss(y[partner]).
    """

    partner: Tensor
    share: Tensor


class Augmenter:
    """Makes batches; `mean` and `scale`, broadcastable to (3, 32, 32), give (x - mean) scale for x in 0 to 255.

    All that moves pixels is composed into one map and looked up once, because each resampling blurs. Outside the
    image lies its mirror image: a black corner would tell the net by how much the image was turned.

    Nothing here waits for a GPU. `generator` may live on the processor all the same, and then gives the same numbers
    as without one; it is not used, and may be None, when nothing is chosen.
    """

    def __init__(
        self,
        augmentations: Iterable[Augmentation],
        *,
        scale: Tensor,
        mean: Tensor,
        generator: torch.Generator | None,
        device: torch.device | str = "cpu",
    ) -> None:
        order = list(registered.values())
        self.chosen = sorted(augmentations, key=lambda one: order.index(type(one)))
        self.generator, self.device = generator, torch.device(device)
        self.mean, self.scale = self._whole(mean), self._whole(scale)
        self.across = torch.arange(SIDE, device=self.device) - EDGE
        y, x = (v.flatten() for v in torch.meshgrid(self.across, self.across, indexing="ij"))
        r2 = (x * x + y * y) / (2 * EDGE**2)
        self.places = torch.stack((x, y, torch.ones_like(x), x * r2, y * r2))

    def _whole(self, statistic: Tensor) -> Tensor:
        """(1, 3, 32, 32) in the order of a batch in memory: one long inner loop instead of one over three colours."""
        spread = torch.as_tensor(statistic, dtype=torch.float32, device=self.device).expand(1, 3, SIDE, SIDE)
        return spread.contiguous(memory_format=torch.channels_last)

    def __call__(self, images: Tensor, index: Tensor) -> tuple[Tensor, Mix | None]:
        """The images (N, 3, 32, 32), uint8, at `index` (b,), int64, as a net's input: float32, channels last.

        It is quickest when `images` is channels last too.
        """
        return self.apply(gather(images, index), self.draw(len(index)) if self.chosen else {})

    def draw(self, count: int) -> Drawn:
        """Numbers uniform in [0, 1), (draws, count), for every augmentation there is; under None, for the partners.

        Those not chosen are drawn too, so that choosing one does not change what the others do.
        """
        draws = {None: 1, **{cls: cls.draws for cls in registered.values()}}
        source = self.generator
        u = torch.rand(sum(draws.values()), count, generator=source, device=source.device)
        return dict(zip(draws, u.to(self.device, non_blocking=True).split(list(draws.values()))))

    def apply(self, batch: Tensor, drawn: Drawn) -> tuple[Tensor, Mix | None]:
        """The batch (b, 3, 32, 32), uint8, changed as the numbers say, normalised and mixed."""
        x = self._move(batch, drawn)
        for one in self._doing("colours"):
            matrix, offset = one.colours(drawn[type(one)], x.mean((2, 3)).unsqueeze(2))
            x = torch.baddbmm(offset, matrix, x.flatten(2)).view(x.shape).clamp_(0, 255)
        x = x.contiguous(memory_format=torch.channels_last).sub_(self.mean).mul_(self.scale)
        for one in self._doing("seen"):
            seen = one.seen(drawn[type(one)])
            if seen is not None:
                x.mul_(seen[:, None])
        own = [one.own(drawn[type(one)]).float() for one in self._doing("own")]
        if not own:
            return x, None
        weight, partner = math.prod(own), drawn[None][0].argsort()
        return torch.lerp(gather(x, partner), x, weight[:, None]), Mix(partner, weight.mean((1, 2)))

    def restore(self, x: Tensor) -> Tensor:
        """The pixels (b, 32, 32, 3), uint8, that normalisation made into `x`."""
        return (x / self.scale + self.mean).round_().clamp_(0, 255).to(torch.uint8).permute(0, 2, 3, 1)

    def _doing(self, what: str) -> list[Augmentation]:
        """Those chosen that override the method `what`."""
        return [one for one in self.chosen if getattr(type(one), what) is not getattr(Augmentation, what)]

    def _move(self, batch: Tensor, drawn: Drawn) -> Tensor:
        """The batch as float32 with each pixel taken from where the moves and the lens, after them, look it up."""
        moves, lenses = self._doing("matrix"), self._doing("bend")
        if not moves and not lenses:
            return batch.float()
        matrix = self._compose([one.matrix(drawn[type(one)]) for one in moves], len(batch))
        if all(one.whole_pixels for one in (*moves, *lenses)):
            return self._pick(batch, matrix).float()
        matrix /= EDGE  # the outermost pixels lie at +-1 for grid_sample
        parts = [matrix, *(one.bend(drawn[type(one)])[:, None, None] * matrix[:, :, :2] for one in lenses)]
        weights = torch.cat(parts, 2)
        grid = (weights.flatten(0, 1) @ self.places[: weights.shape[2]]).view(-1, 2, SIDE, SIDE).permute(0, 2, 3, 1)
        return functional.grid_sample(batch.float(), grid, padding_mode="reflection", align_corners=True)

    def _compose(self, moves: list[tuple], count: int) -> Tensor:
        """Rows (count, 2, 3) of the product of all maps: what happens last to an image looks up first."""
        eye = torch.eye(3, device=self.device)
        whole, *others = eye.repeat(max(len(moves), 1), count, 1, 1)
        for map_, rows in zip((whole, *others), moves):
            for i, row in enumerate(rows):
                for j, entry in enumerate(row):
                    if isinstance(entry, Tensor) or entry != (i == j):
                        map_[:, i, j] = entry
        for other in others:
            whole = whole @ other
        return whole[:, :2]

    def _pick(self, batch: Tensor, matrix: Tensor) -> Tensor:
        """The pixels at places that are whole, which needs no weights: only mirrored axes and whole steps."""
        steps = (matrix.diagonal(dim1=1, dim2=2)[:, :, None] * self.across + matrix[:, :, 2:] + EDGE).int()
        column, row = (SIDE - 1 - (SIDE - 1 - steps.abs()).abs()).unbind(1)  # mirrored about the outermost pixels
        first = torch.arange(0, len(batch) * SIDE**2, SIDE**2, dtype=torch.int32, device=self.device)
        place = (first[:, None] + row * SIDE)[:, :, None] + column[:, None]
        pixels = batch.permute(0, 2, 3, 1).reshape(-1, 3).index_select(0, place.flatten())
        return pixels.view(-1, SIDE, SIDE, 3).permute(0, 3, 1, 2)


def gather(images: Tensor, index: Tensor) -> Tensor:
    """`images[index]` in the memory order of `images`: rows are copied whole, ten times as fast as pixel by pixel."""
    rows = images.permute(0, 2, 3, 1)
    if rows.is_contiguous():
        return rows.flatten(1).index_select(0, index).unflatten(1, rows.shape[1:]).permute(0, 3, 1, 2)
    return images.index_select(0, index)
