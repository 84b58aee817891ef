"""Normalization of a layer's sums before the activation."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from playground.registry import Choice, Registry, knob

if TYPE_CHECKING:
    from torch import nn

normalizations: Registry[Normalization] = Registry("normalization")


class Normalization(Choice):
    """Base of all normalizations; `shifts`: it has an offset of its own, so that the layer before it needs no bias."""

    shifts: ClassVar[bool] = True

    def count(self, channels: int) -> int:
        """Parameters for so many channels: a scale and an offset each."""
        return 2 * channels

    def module(self, shape: tuple[int, ...]) -> nn.Module:
        """The module for sums of this shape, (channels, height, width) or (units,)."""
        raise NotImplementedError


@normalizations("none", "None")
class NoNormalization(Normalization):
    """The sums as they are.

    Formula: y = x.

    Watch: everything depends on the initial weights.

    Reference: none.
    """

    shifts = False

    def count(self, channels):
        return 0

    def module(self, shape):
        from torch import nn

        return nn.Identity()


@normalizations("batch", "Batch normalization")
class BatchNormalization(Normalization):
    """Every channel gets mean 0 and variance 1 over the batch, and then a scale and an offset that are learned.

    Formula: y = gamma (x - mean) / sqrt(variance + eps) + beta; in use with running means of both.

    Watch: initial weights and learning rate matter far less; with tiny batches the statistics get noisy, and with
    a single image, a dense layer's output is only the offset.

    Reference: Ioffe and Szegedy, Batch normalization, 2015, Algorithm 1.
    """

    momentum: float = knob(0.1, 0.001, 1.0, log=True, help="share of the running statistics renewed by each batch")

    def module(self, shape):
        from torch.nn import BatchNorm2d

        from playground.layers.modules import BatchNorm1d

        kind = BatchNorm2d if len(shape) == 3 else BatchNorm1d
        return kind(shape[0], momentum=self.momentum)


@normalizations("layer", "Layer normalization")
class LayerNormalization(Normalization):
    """Every image gets mean 0 and variance 1 over all units of the layer.

    Formula: y = gamma (x - mean) / sqrt(variance + eps) + beta, gamma and beta for each channel.

    Watch: the same while training and in use, for batches of any size.

    Reference: Ba, Kiros and Hinton, Layer normalization, 2016, eqs. (2) and (3).
    """

    def module(self, shape):
        from torch import nn

        return nn.GroupNorm(1, shape[0])


@normalizations("group", "Group normalization")
class GroupNormalization(Normalization):
    """Every image gets mean 0 and variance 1 over groups of channels.

    Formula: as layer normalization, over each group by itself.

    Watch: for batches too small for batch normalization.

    Reference: Wu and He, Group normalization, 2018, eq. (7).
    """

    groups: int = knob(8, 1, 64, symbol="G", help="groups; fewer where they would not divide the channels")

    def module(self, shape):
        from torch import nn

        groups = next(k for k in range(min(self.groups, shape[0]), 0, -1) if shape[0] % k == 0)
        # One number in each group would be normalised away.
        return nn.GroupNorm(groups if len(shape) == 3 or shape[0] > groups else 1, shape[0])
