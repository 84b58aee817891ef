"""The modules that PyTorch lacks, or has with random numbers that cannot be passed in."""

from __future__ import annotations

import functools
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def in_channels_last(x: Tensor) -> bool:
    """Whether these are pictures whose channels lie side by side in memory."""
    return x.dim() == 4 and x.is_contiguous(memory_format=torch.channels_last)


def keep_mask(like: Tensor, drop: float, generator: torch.Generator) -> Tensor:
    """0 with probability `drop` (to one part in 65,536) and else 1, in the shape, memory order and type of `like`.

    Four are cut from each random number of 64 bits, which takes a tenth of the time of `bernoulli_` on a processor.
    """
    count = like.numel()
    bits = torch.empty((count + 3) // 4, dtype=torch.int64, device=like.device)
    bits.random_(-(2**63), None, generator=generator)
    flat = bits.view(torch.int16)[:count].ge_(round(drop * 65536) - 32768).to(like.dtype)
    if in_channels_last(like):
        b, c, h, w = like.shape
        return flat.view(b, h, w, c).permute(0, 3, 1, 2)
    return flat.view(like.shape)


class InvertedDropout(nn.Module):
    """y = x m / (1 - p) while training, y = x in use; m is 1 with probability 1 - p.

    Reference: Srivastava et al., Dropout, 2014, section 10.
    """

    live: ClassVar[dict[str, str]] = {"dropout": "p"}  # settings that may change while it trains

    def __init__(self, p: float, masks: torch.Generator) -> None:
        super().__init__()
        self.p, self.masks = p, masks

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        return x * keep_mask(x, self.p, self.masks).mul_(1 / (1 - self.p))


class VanillaDropout(InvertedDropout):
    """y = x m while training, y = (1 - p) x in use; m is 1 with probability 1 - p.

    Reference: Srivastava et al., Dropout, 2014, section 4.
    """

    def forward(self, x: Tensor) -> Tensor:
        if self.p == 0:
            return x
        return x * keep_mask(x, self.p, self.masks) if self.training else x * (1 - self.p)


DROPOUTS = {"inverted": InvertedDropout, "vanilla": VanillaDropout}


def dropped(weight: Tensor, p: float, masks: torch.Generator) -> Tensor:
    """The weights m W / (1 - p) of DropConnect (Wan et al., 2013, eq. (1))."""
    return weight * keep_mask(weight, p, masks).mul_(1 / (1 - p))


class Conv(nn.Conv2d):
    """A convolution. One of single pixels takes every `stride`-th pixel first, which comes to the same: oneDNN as of
    PyTorch 2.13 writes past its memory in the backward pass of such a one with fewer than 8 input channels, where the
    processor has AVX2 and no AVX-512."""

    def forward(self, x: Tensor) -> Tensor:
        return self.convolved(x, self.weight)

    def convolved(self, x: Tensor, weight: Tensor) -> Tensor:
        rows, columns = self.stride
        if (*self.kernel_size, *self.padding) == (1, 1, 0, 0):
            return F.conv2d(x[:, :, ::rows, ::columns], weight, self.bias)
        return F.conv2d(x, weight, self.bias, self.stride, self.padding)


class DropConnectConv(Conv):
    """A convolution some of whose weights are silenced in every batch while it trains."""

    p: float
    masks: torch.Generator

    def forward(self, x: Tensor) -> Tensor:
        return self.convolved(x, dropped(self.weight, self.p, self.masks) if self.training else self.weight)


class DropConnectLinear(nn.Linear):
    """A dense layer some of whose weights are silenced in every batch while it trains."""

    p: float
    masks: torch.Generator

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, dropped(self.weight, self.p, self.masks) if self.training else self.weight, self.bias)


class BatchNorm1d(nn.BatchNorm1d):
    """Batch normalization of vectors that also takes a batch of one image, which PyTorch refuses.

    There every number is its own mean: only the offset is left, and the running statistics stay as they are.
    """

    def forward(self, x: Tensor) -> Tensor:
        return (x - x) * self.weight + self.bias if self.training and len(x) == 1 else super().forward(x)


class Maxout(nn.Module):
    """y_i = max over k of x_(k c + i): (b, pieces c, ...) -> (b, c, ...).

    Reference: Goodfellow et al., Maxout networks, 2013, eq. (1).
    """

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.pieces = pieces

    def forward(self, x: Tensor) -> Tensor:
        return functools.reduce(torch.maximum, x.chunk(self.pieces, 1))


class FractionalPool(nn.Module):
    """Max pooling over 2 x 2 squares, each 1 or 2 further on in a pseudo-random order, drawn for each training image.

    In use the order is the same for all images: that of the middle of the range.

    Reference: Graham, Fractional max-pooling, 2014, section 2; the squares are those of PyTorch, all of the same size,
    while the paper's overlapping regions have sides of 2 or 3.
    """

    def __init__(self, size: tuple[int, int], masks: torch.Generator) -> None:
        super().__init__()
        self.size, self.masks = size, masks

    def forward(self, x: Tensor) -> Tensor:
        b, c = x.shape[:2]
        if self.training:
            where = torch.rand(b, 1, 2, generator=self.masks, device=x.device)
        else:
            where = torch.full((b, 1, 2), 0.5, device=x.device)
        where = where.expand(b, c, 2).to(x.dtype)
        y = F.fractional_max_pool2d(x, 2, output_size=self.size, _random_samples=where)
        # PyTorch's answer has its own memory order, in which all later layers would be slower.
        return y.contiguous(memory_format=torch.channels_last) if in_channels_last(x) else y


class Pad(nn.Module):
    """Every `stride`-th pixel, and behind the channels so many more of zeros as to make `channels`.

    Reference: He et al., Deep residual learning, 2016, section 3.3, option A.
    """

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.channels, self.stride = channels, stride

    def forward(self, x: Tensor) -> Tensor:
        x = x[:, :, :: self.stride, :: self.stride]
        return F.pad(x, (0, 0, 0, 0, 0, self.channels - x.shape[1]))


class Residual(nn.Module):
    """y = x' + body(x), with x' = shortcut(x); the whole body is skipped with probability `drop` in training.

    In use the body counts with its probability to survive. Where the body has `pieces` sums for each unit, each of
    them has x' added.

    Reference: He et al., Deep residual learning, 2016, eqs. (1) and (2); Huang et al., Deep networks with stochastic
    depth, 2016, eqs. (2) and (5).
    """

    def __init__(self, body: nn.Module, shortcut: nn.Module, pieces: int, drop: float, masks: torch.Generator) -> None:
        super().__init__()
        self.body, self.shortcut, self.pieces, self.drop, self.masks = body, shortcut, pieces, drop, masks

    def forward(self, x: Tensor) -> Tensor:
        past = self.shortcut(x)
        if self.pieces > 1:
            past = torch.cat([past] * self.pieces, 1)
        if not self.drop:
            return past + self.body(x)
        if not self.training:
            return past + (1 - self.drop) * self.body(x)
        stays = torch.rand((), generator=self.masks, device=x.device) >= self.drop
        if x.device.type == "cuda":  # asking for the number would wait for the GPU
            return past + stays * self.body(x)
        # A copy, because the activation that follows writes over what it gets.
        return past + self.body(x) if stays else past.clone()


class Scale(nn.Module):
    """y = factor x."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return x * self.factor


class Mean(nn.Module):
    """The mean over the picture: (b, c, h, w) -> (b, c)."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean((2, 3))
