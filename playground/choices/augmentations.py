"""Augmentations: what happens to an image at random each time a training batch is drawn.

They are written, and listed in menus, in the order in which they happen to an image.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, ClassVar

from playground.registry import Choice, Registry, knob

if TYPE_CHECKING:
    from torch import Tensor

augmentations: Registry[Augmentation] = Registry("augmentation")

SIDE = 32  # pixels of an image's side
EDGE = (SIDE - 1) / 2  # centre of the last pixel, in pixels from the middle of the image
LUMA = (0.299, 0.587, 0.114)  # weights of red, green and blue in grey, as in ITU-R BT.601


Rows = tuple[tuple[Any, ...], ...]  # two of three entries, numbers or (b,)


class Augmentation(Choice):
    """Base of all augmentations; each overrides the methods of what it does.

    `u` is a tensor (draws, b) of numbers uniform in [0, 1): one column for each of b images. Places are pixels from
    the middle of the image, x to the right and y down, so that the outermost pixels lie at +-15.5.
    """

    draws: ClassVar[int] = 1  # uniform numbers for each image, always so many, so that none shifts another's
    whole_pixels: ClassVar[bool] = True  # every place that is looked up is the centre of a pixel

    def matrix(self, u: Tensor) -> Rows:
        """Where the pixel at (x, y) is looked up: rows (a, b, c), (d, e, f) for (ax + by + c, dx + ey + f).

        Entries are numbers or (b,).
        """
        raise NotImplementedError

    def bend(self, u: Tensor) -> Tensor:
        """k (b,): places are looked up farther from the middle by 1 + k r^2, where r is 1 in the corners."""
        raise NotImplementedError

    def colours(self, u: Tensor, average: Tensor) -> tuple[Tensor, Tensor]:
        """M (b, 3, 3) and v (b, 3, 1) for new colours M x + v, in 0 to 255; `average` (b, 3, 1) is the image's."""
        raise NotImplementedError

    def seen(self, u: Tensor) -> Tensor | None:
        """(b, 32, 32): false where the input of the net becomes 0; None where that is nowhere."""
        raise NotImplementedError

    def own(self, u: Tensor) -> Tensor:
        """(b, 1, 1) or (b, 32, 32): the image's own weight in the mixture with its partner."""
        raise NotImplementedError


def _centres(u: Tensor) -> Tensor:
    """Places (32,) of the pixels of a row or column."""
    import torch

    return torch.arange(SIDE, device=u.device) - EDGE


def _inside(x: Tensor, y: Tensor, half: Tensor | float) -> Tensor:
    """(b, 32, 32): true within `half` of (x, y), each (b,); half open, so that whole sizes cover whole pixels."""
    across, down = (_centres(c) - c[:, None] for c in (x, y))
    half = half if isinstance(half, (int, float)) else half[:, None]
    across, down = ((-half <= d) & (d < half) for d in (across, down))
    return down[:, :, None] & across[:, None, :]


def _factor(u: Tensor, amount: float) -> Tensor:
    """From 1 / (1 + amount) to 1 + amount, as often below 1 as above."""
    return (1 + amount) ** (2 * u - 1)


@functools.cache
def _beta_quantiles(alpha: float, device) -> Tensor:
    """4,097 quantiles of Beta(alpha, alpha), evenly spaced in probability, float32."""
    import numpy as np
    import torch
    from scipy.special import betaincinv

    return torch.from_numpy(betaincinv(alpha, alpha, np.linspace(0, 1, 4097)).astype("float32")).to(device)


def _beta(u: Tensor, alpha: float) -> Tensor:
    """Beta(alpha, alpha) numbers from uniform ones: exactly one for one, where rejection would take a random count."""
    table = _beta_quantiles(alpha, u.device)
    position = u * (len(table) - 1)
    left = position.long()
    return table[left].lerp(table[left + 1], position - left)


@functools.cache
def _colour_axes(device) -> Tensor:
    """(3, 9): the matrices that give grey, colour minus grey, and the latter turned by a right angle.

    The turn is about the grey axis in the YIQ space of American television, whose Y keeps what the eye takes for
    brightness.
    """
    import numpy as np
    import torch

    yiq = np.array([LUMA, (0.596, -0.274, -0.322), (0.211, -0.523, 0.312)])
    turn = np.array([(0, 0, 0), (0, 0, -1), (0, 1, 0)])
    grey = np.array([LUMA] * 3)
    axes = np.stack([grey, np.eye(3) - grey, np.linalg.inv(yiq) @ turn @ yiq])
    return torch.from_numpy(axes.reshape(3, 9).astype("float32")).to(device)


@augmentations("flip", "Flip")
class Flip(Augmentation):
    """Left and right swapped.

    Formula: x <- -x with the given probability.

    Watch: it doubles the data where a mirrored object is the same object, and teaches nonsense where it is not, as
    with letters.

    Reference: Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional networks, 2012,
    section 4.1.
    """

    probability: float = knob(0.5, 0.0, 1.0, symbol="p", help="share of the images that are mirrored")

    def matrix(self, u):
        return (1.0 - 2 * (u[0] < self.probability), 0, 0), (0, 1, 0)


@augmentations("scale", "Scale")
class Scale(Augmentation):
    """Nearer or farther.

    Formula: (x, y) <- (x, y) / f with f = (1 + amount)^U(-1, 1); f > 1 enlarges.

    Watch: objects that fill the image lose their outline when enlarged; details vanish when shrunk.

    Reference: Ciresan, Meier and Schmidhuber, Multi-column deep neural networks for image classification, 2012.
    """

    whole_pixels = False

    amount: float = knob(0.2, 0.0, 1.0, symbol="a", help="0.2 is up to 1.2 times as large or as small")

    def matrix(self, u):
        shrunk = 1 / _factor(u[0], self.amount)
        return (shrunk, 0, 0), (0, shrunk, 0)


@augmentations("stretch", "Stretch")
class Stretch(Augmentation):
    """Wider and flatter, or narrower and taller; the area stays.

    Formula: (x, y) <- (x / f, y f) with f = (1 + amount)^U(-1, 1).

    Watch: a little is a change of viewpoint; a lot makes another object.

    Reference: Szegedy et al., Going deeper with convolutions, 2015, section 6 (random aspect ratios).
    """

    whole_pixels = False

    amount: float = knob(0.1, 0.0, 1.0, symbol="a", help="0.1 is up to 1.1 times as wide or as high")

    def matrix(self, u):
        factor = _factor(u[0], self.amount)
        return (1 / factor, 0, 0), (0, factor, 0)


@augmentations("shear", "Shear")
class Shear(Augmentation):
    """A shear along both axes, like letters in italics.

    Formula: (x, y) <- (x + s y, t x + y) with s and t from U(-amount, amount).

    Watch: squares become diamonds; with an amount near 1 they may become lines.

    Reference: Simard, Steinkraus and Platt, Best practices for convolutional neural networks, 2003, section 2.
    """

    draws = 2
    whole_pixels = False

    amount: float = knob(0.1, 0.0, 0.9, symbol="a", help="pixels sideways for each pixel up")

    def matrix(self, u):
        s, t = self.amount * (2 * u - 1)
        return (1, s, 0), (t, 1, 0)


@augmentations("rotation", "Rotation")
class Rotation(Augmentation):
    """Turned about the middle.

    Formula: (x, y) <- (x cos a - y sin a, x sin a + y cos a) with a from U(-degrees, degrees); a > 0 turns the
    picture to the left.

    Watch: 15 degrees is a tilted camera; at 180 the net can no longer use that the sky is above.

    Reference: Simard, Steinkraus and Platt, Best practices for convolutional neural networks, 2003, section 2.
    """

    whole_pixels = False

    degrees: float = knob(15.0, 0.0, 180.0, symbol=r"\theta", help="largest angle to either side")

    def matrix(self, u):
        angle = (2 * u[0] - 1).mul(self.degrees).deg2rad()
        cos, sin = angle.cos(), angle.sin()
        return (cos, -sin, 0), (sin, cos, 0)


@augmentations("translation", "Translation")
class Translation(Augmentation):
    """A shift by any distance, fractions of a pixel included.

    Formula: (x, y) <- (x - 32 s, y - 32 t) with s and t from U(-amount, amount).

    Watch: fractions of a pixel blur the image a little; the random crop moves by whole pixels and does not.

    Reference: Simard, Steinkraus and Platt, Best practices for convolutional neural networks, 2003, section 2.
    """

    draws = 2
    whole_pixels = False

    amount: float = knob(0.1, 0.0, 0.5, symbol="a", help="largest distance, as a share of the image's side")

    def matrix(self, u):
        right, down = self.amount * SIDE * (2 * u - 1)
        return (1, 0, -right), (0, 1, -down)


@augmentations("crop", "Random crop")
class Crop(Augmentation):
    """A window of 32 x 32 pixels anywhere in the image with a border.

    Formula: (x, y) <- (x + i, y + j) with whole i and j from -pad to pad, all equally likely.

    Watch: "reflect" continues the image by its mirror image, so that no edge gives the shift away; "zero" leaves a
    border at 0 after preprocessing, as in the paper.

    Reference: He et al., Deep residual learning, 2016, section 4.2 (4 pixels, zeros).
    """

    draws = 2

    pad: int = knob(4, 0, 16, symbol="n", help="pixels of border on each side")
    border: str = knob("reflect", options=("reflect", "zero"), help="what the border is filled with")

    def _shift(self, u):
        return (u * (2 * self.pad + 1)).floor() - self.pad

    def matrix(self, u):
        right, down = self._shift(u)
        return (1, 0, right), (0, 1, down)

    def seen(self, u):
        right, down = -self._shift(u)
        return _inside(right, down, SIDE / 2) if self.border == "zero" else None


@augmentations("lens", "Lens distortion")
class Lens(Augmentation):
    """Straight lines bent by the lens, outwards (barrel) or inwards (pincushion).

    Formula: (x, y) <- (x, y) (1 + k r^2) with k from U(-amount, amount) and r the distance from the middle, 1 in the
    corners; k > 0 is a barrel.

    Watch: the middle stays as it is, and the corners move by a share k of their distance.

    Reference: Brown, Decentering distortion of lenses, 1966 (its first radial term); as augmentation: Wu et al.,
    Deep Image, 2015.
    """

    whole_pixels = False

    amount: float = knob(0.15, 0.0, 0.3, symbol="a", help="largest k; from 1/3 on the corners would fold over")

    def bend(self, u):
        return self.amount * (2 * u[0] - 1)


@augmentations("jitter", "Colour jitter")
class Jitter(Augmentation):
    """Another light and another camera: brightness, contrast, saturation and hue.

    Formula: with Y the grey of a pixel, m the mean grey of the image and C = x - Y the colour,
    x <- b (m + c (Y - m) + c s R C), kept in 0 to 255; b, c and s from U(1 - amount, 1 + amount), and R turns C about
    the grey axis by U(-180, 180) degrees times the amount of hue.

    Watch: saturation 1 also gives grey images; much hue takes away what colour tells about the class.

    Reference: Howard, Some improvements on deep convolutional neural network based image classification, 2013; the
    matrices as in Haeberli, Matrix operations for image processing, 1993.
    """

    draws = 4

    brightness: float = knob(0.2, 0.0, 1.0, symbol="a_b", help="amount of brightness")
    contrast: float = knob(0.2, 0.0, 1.0, symbol="a_c", help="amount of contrast")
    saturation: float = knob(0.2, 0.0, 1.0, symbol="a_s", help="amount of saturation")
    hue: float = knob(0.0, 0.0, 1.0, symbol="a_h", help="amount of hue; 1 is the whole circle")

    def colours(self, u, average):
        import torch

        by = 2 * u - 1
        light, contrast, colour = (
            1 + amount * v for amount, v in zip((self.brightness, self.contrast, self.saturation), by)
        )
        angle = torch.pi * self.hue * by[3]
        axes = _colour_axes(u.device)
        weights = torch.stack((torch.ones_like(angle), colour * angle.cos(), colour * angle.sin()), 1)
        matrix = (light * contrast)[:, None] * (weights @ axes)
        grey = average[:, :, 0] @ axes[0].view(3, 3).T
        return matrix.view(-1, 3, 3), ((light * (1 - contrast))[:, None] * grey)[:, :, None]


@augmentations("cutout", "Cutout")
class Cutout(Augmentation):
    """A square hidden, so that no single part decides.

    Formula: x <- 0 after preprocessing (the mean, where it subtracts one) within size / 2 of a point drawn
    anywhere in the image; what sticks out is lost.

    Watch: training accuracy drops below validation accuracy, because the training images are harder.

    Reference: DeVries and Taylor, Improved regularization of convolutional neural networks with cutout, 2017,
    section 3.2 (16 pixels for CIFAR-10).
    """

    draws = 3

    size: int = knob(16, 0, SIDE, symbol="n", help="pixels of the square's side")
    probability: float = knob(1.0, 0.0, 1.0, symbol="p", help="share of the images with a square")

    def seen(self, u):
        x, y = SIDE * (u[1:] - 0.5)
        return ~_inside(x, y, self.size / 2 * (u[0] < self.probability))


@augmentations("mixup", "Mixup")
class Mixup(Augmentation):
    """Two images laid over each other, with both labels in the same proportion.

    Formula: x <- s x + (1 - s) x', loss <- s loss(y) + (1 - s) loss(y'), with s from Beta(alpha, alpha) and x' another
    image of the batch.

    Watch: the loss cannot reach 0 any more, and probabilities become less extreme. With CutMix too, the mixture is
    what the pasted part lies on.

    Reference: Zhang et al., mixup: Beyond empirical risk minimization, 2018, section 1.
    """

    draws = 2

    alpha: float = knob(0.2, 0.05, 8.0, log=True, symbol=r"\alpha", help="small: mostly one image; 1: any proportion")
    probability: float = knob(1.0, 0.0, 1.0, symbol="p", help="share of the images that are mixed")

    def own(self, u):
        return _beta(u[1], self.alpha).masked_fill(u[0] >= self.probability, 1.0)[:, None, None]


@augmentations("cutmix", "CutMix")
class CutMix(Augmentation):
    """A part of one image pasted over another, with both labels in proportion to their areas.

    Formula: x <- M x + (1 - M) x', where M is 0 in a rectangle of sides 32 sqrt(1 - s) about any point, s is from
    Beta(alpha, alpha), and the label's share is the mean of M: what sticks out does not count.

    Watch: as mixup, but every place still looks like a photograph.

    Reference: Yun et al., CutMix: Regularization strategy to train strong classifiers with localizable features, 2019,
    eq. (1) and (2).
    """

    draws = 4

    alpha: float = knob(1.0, 0.05, 8.0, log=True, symbol=r"\alpha", help="1: any area is as likely as any other")
    probability: float = knob(0.5, 0.0, 1.0, symbol="p", help="share of the images that are pasted over")

    def own(self, u):
        x, y = SIDE * (u[2:] - 0.5)
        half = SIDE / 2 * (1 - _beta(u[1], self.alpha)).sqrt()
        return ~_inside(x, y, half * (u[0] < self.probability))
