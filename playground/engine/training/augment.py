"""Batches: gathered from the one tensor of images, changed at random, normalised."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from playground.choices.augmentations import EDGE, SIDE, Augmentation, Rows
from playground.choices.augmentations import augmentations as registered

Drawn = Mapping[type[Augmentation] | None, Tensor]
UNMOVED: Rows = (1, 0, 0), (0, 1, 0)


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
        self.chosen = sorted(augmentations, key=lambda augmentation: order.index(type(augmentation)))
        self.doing = {
            hook: [
                augmentation
                for augmentation in self.chosen
                if getattr(type(augmentation), hook) is not getattr(Augmentation, hook)
            ]
            for hook in ("matrix", "bend", "colours", "seen", "own")
        }
        self.kinds, self.counts = (None, *order), [1, *(cls.draws for cls in order)]
        self.generator, self.device = generator, torch.device(device)
        self.mean, self.scale = self._whole(mean), self._whole(scale)
        self.shift = -self.mean * self.scale
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

        Slow unless `images` is channels last too.
        """
        return self.apply(images, index, self.draw(len(index)) if self.chosen else {})

    def draw(self, count: int) -> Drawn:
        """Numbers uniform in [0, 1), (draws, count), for every augmentation there is; under None, for the partners.

        Those not chosen are drawn too, so that choosing one does not change what the others do.
        """
        source = self.generator
        assert source is not None  # an augmentation comes with a generator
        u = torch.rand(sum(self.counts), count, generator=source, device=source.device)
        return dict(zip(self.kinds, u.to(self.device, non_blocking=True).split(self.counts)))

    def apply(self, images: Tensor, index: Tensor, numbers: Drawn) -> tuple[Tensor, Mix | None]:
        """The same, changed as the numbers `numbers` say."""
        x = self._move(images, index, numbers).float()
        for augmentation in self.doing["colours"]:
            matrix, offset = augmentation.colours(numbers[type(augmentation)], x.mean((2, 3)).unsqueeze(2))
            x = torch.baddbmm(offset, matrix, x.flatten(2)).view(x.shape).clamp_(0, 255)
        x = x.contiguous(memory_format=torch.channels_last)
        torch.addcmul(self.shift, x, self.scale, out=x)
        for augmentation in self.doing["seen"]:
            mask = augmentation.seen(numbers[type(augmentation)])
            if mask is not None:
                x.mul_(mask[:, None])
        own = [augmentation.own(numbers[type(augmentation)]).float() for augmentation in self.doing["own"]]
        if not own:
            return x, None
        weight, partner = functools.reduce(operator.mul, own), numbers[None][0].argsort()
        return torch.lerp(gather(x, partner), x, weight[:, None]), Mix(partner, weight.mean((1, 2)))

    def restore(self, x: Tensor) -> Tensor:
        """The pixels (b, 32, 32, 3), uint8, that normalisation made into `x`."""
        return (x / self.scale + self.mean).round_().clamp_(0, 255).to(torch.uint8).permute(0, 2, 3, 1)

    def _move(self, images: Tensor, index: Tensor, numbers: Drawn) -> Tensor:
        """The images at `index` with each pixel taken from where the moves and the lens, after them, look it up."""
        moves, lenses = self.doing["matrix"], self.doing["bend"]
        if not moves and not lenses:
            return gather(images, index)
        rows = functools.reduce(_product, [move.matrix(numbers[type(move)]) for move in moves], UNMOVED)
        if all(augmentation.whole_pixels for augmentation in (*moves, *lenses)):
            return self._pick(images, index, rows)
        matrix = self._stack(len(index), *(entry for row in rows for entry in row)).T.view(-1, 2, 3)
        matrix = matrix / EDGE  # the outermost pixels lie at +-1 for grid_sample
        parts = [matrix, *(length.bend(numbers[type(length)])[:, None, None] * matrix[:, :, :2] for length in lenses)]
        weights = torch.cat(parts, 2)
        grid = (weights.flatten(0, 1) @ self.places[: weights.shape[2]]).view(-1, 2, SIDE, SIDE).permute(0, 2, 3, 1)
        batch = gather(images, index).float()
        return functional.grid_sample(batch, grid, padding_mode="reflection", align_corners=True)

    def _stack(self, count: int, *entries: Tensor | float) -> Tensor:
        """(entries, count) float32; a number is filled in, because copying it would wait for the GPU."""
        whole = (
            entry if isinstance(entry, Tensor) else torch.full((count,), float(entry), device=self.device)
            for entry in entries
        )
        return torch.stack(list(whole))

    def _pick(self, images: Tensor, index: Tensor, rows: Rows) -> Tensor:
        """The pixels at places that are whole, which needs no weights: only mirrored axes and whole steps."""
        (across, _, right), (_, down, below) = rows
        slope, shift = self._stack(len(index), across, down, right, below).view(2, 2, -1, 1)
        steps = torch.addcmul(shift + EDGE, slope, self.across).int()
        column, row = SIDE - 1 - steps.abs_().sub_(SIDE - 1).abs_()  # mirrored about the outermost pixels
        indices = torch.add((index[:, None] * SIDE**2).int(), row, alpha=SIDE)[:, :, None] + column[:, None]
        pixels = images.permute(0, 2, 3, 1).reshape(-1, 3).index_select(0, indices.flatten())
        return pixels.view(-1, SIDE, SIDE, 3).permute(0, 3, 1, 2)


def _product(first: Rows, second: Rows) -> Rows:
    """The map that looks up where `first` says and then where `second` says: what happens last to an image is first.

    Most entries are the numbers 0 and 1, for which nothing is computed.
    """
    columns = list(zip(*second, (0, 0, 1)))
    return tuple(tuple(_dot(row, column) for column in columns) for row in first)


def _dot(row: Iterable[Tensor | float], column: Iterable[Tensor | float]) -> Tensor | float:
    terms = [b if _is(a, 1) else a if _is(b, 1) else a * b for a, b in zip(row, column) if not (_is(a, 0) or _is(b, 0))]
    return functools.reduce(operator.add, terms) if terms else 0


def _is(entry: Tensor | float, number: int) -> bool:
    return not isinstance(entry, Tensor) and entry == number


def gather(images: Tensor, index: Tensor) -> Tensor:
    """`images[index]` in the memory order of `images`: rows are copied whole, ten times as fast as pixel by pixel."""
    rows = images.permute(0, 2, 3, 1)
    if rows.is_contiguous():
        return rows.flatten(1).index_select(0, index).unflatten(1, rows.shape[1:]).permute(0, 3, 1, 2)
    return images.index_select(0, index)
