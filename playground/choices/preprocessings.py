"""Preprocessing: what is done to every image before the net sees it, with statistics of the training part only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playground.registry import Choice, Registry, knob

preprocessings: Registry[Preprocessing] = Registry("preprocessing")

FLOOR = 1.0  # grey levels: the least deviation that is divided by, so that a constant pixel stays finite
CHUNK = 2048  # images at a time, so that 60,000 of them are never in memory as floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Transform:
    """A fitted preprocessing: y = (x - mean) scale, then y matrix if there is one, for x from 0 to 255.

    `mean` and `scale` are float32 and broadcast to (3, 32, 32); `matrix` is (3072, 3072) float32, meets the flattened
    image from the right, and its result is shaped like an image again.
    """

    mean: np.ndarray
    scale: np.ndarray
    matrix: np.ndarray | None = None

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """(n, 3, 32, 32) uint8 to float32 of the same shape."""
        y = (images.astype(np.float32) - self.mean) * self.scale
        return y if self.matrix is None else (y.reshape(len(y), -1) @ self.matrix).reshape(y.shape)


class Preprocessing(Choice):
    """Base of all preprocessings."""

    def fit(self, images: np.ndarray) -> Transform:
        """The transform for all images, from the (n, 3, 32, 32) uint8 ones of the training part, n at least 1."""
        raise NotImplementedError


def per_channel(value: float) -> np.ndarray:
    """The same number for all three channels: (3, 1, 1) float32."""
    return np.full((3, 1, 1), value, np.float32)


def mean_image(images: np.ndarray) -> np.ndarray:
    """Mean of every pixel: (3, 32, 32) float64."""
    return images.mean(0, dtype=np.float64)


def deviation_image(images: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Root mean square distance of every pixel from its mean: (3, 32, 32) float64."""
    total = np.zeros(mean.shape)
    for at in range(0, len(images), CHUNK):
        total += np.square(images[at : at + CHUNK] - mean).sum(0)
    return np.sqrt(total / len(images))


def principal_axes(images: np.ndarray, mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Variances along the principal axes of x / 255, falling, (3072,), and the axes in columns, (3072, 3072); float32.

    Each axis points to where its largest entry is positive, as the sign is left open by the mathematics.
    """
    import scipy.linalg  # not at the top, as `import playground` stays light; half the time of NumPy's eigh

    mean, size = mean.astype(np.float32).ravel(), mean.size
    covariance = np.zeros((size, size), np.float32)
    for at in range(0, len(images), CHUNK):
        x = (images[at : at + CHUNK].reshape(-1, size) - mean) / np.float32(255)
        covariance += x.T @ x
    covariance /= np.float32(len(images))
    variances, axes = scipy.linalg.eigh(covariance, driver="evd", overwrite_a=True, check_finite=False)
    variances, axes = np.maximum(variances[::-1], 0), axes[:, ::-1]
    largest = axes[np.abs(axes).argmax(0), np.arange(size)]
    return variances, np.ascontiguousarray(axes * np.where(largest < 0, np.float32(-1), np.float32(1)))


@preprocessings("none", "None")
class NoPreprocessing(Preprocessing):
    """Grey levels from 0 to 1.

    Formula: x / 255.

    Watch: all inputs are positive, so that all gradients of one unit's weights have the same sign: it zigzags.

    Reference: LeCun et al., Efficient backprop, 1998, section 4.3.
    """

    def fit(self, images):
        return Transform(mean=per_channel(0), scale=per_channel(1 / 255))


@preprocessings("centre", "Zero centre")
class Centre(Preprocessing):
    """The mean image is taken away.

    Formula: (x - mean of that pixel) / 255.

    Watch: compare the first epochs with no preprocessing, with a plain SGD.

    Reference: Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional neural networks,
    2012, section 2.
    """

    def fit(self, images):
        return Transform(mean=mean_image(images).astype(np.float32), scale=per_channel(1 / 255))


@preprocessings("channel_normalise", "Normalise per channel")
class ChannelNormalise(Preprocessing):
    """Mean 0 and deviation 1 over all pixels of red, of green and of blue.

    Formula: (x - mean of the channel) / standard deviation of the channel.

    Watch: three means and three deviations are enough, because all pixels of a photograph have about the same.

    Reference: LeCun et al., Efficient backprop, 1998, section 4.3.
    """

    def fit(self, images):
        pixels = mean_image(images)
        mean = pixels.mean((1, 2), keepdims=True)
        deviation = np.sqrt(
            np.square(deviation_image(images, pixels)).mean((1, 2), keepdims=True)
            + np.square(pixels - mean).mean((1, 2), keepdims=True)
        )
        return normalised(mean, deviation)


@preprocessings("pixel_normalise", "Normalise per pixel")
class PixelNormalise(Preprocessing):
    """Mean 0 and deviation 1 for every pixel by itself.

    Formula: (x - mean of that pixel) / standard deviation of that pixel, which counts as one grey level at least.

    Watch: with few images the means are noisy, and the net gets that noise with every image.

    Reference: Stanford CS231n, notes on neural networks 2, data preprocessing.
    """

    def fit(self, images):
        mean = mean_image(images)
        return normalised(mean, deviation_image(images, mean))


def normalised(mean: np.ndarray, deviation: np.ndarray) -> Transform:
    """The transform to this mean and deviation, float64, as float32."""
    return Transform(mean=mean.astype(np.float32), scale=(1 / np.maximum(deviation, FLOOR)).astype(np.float32))


@preprocessings("pca", "PCA decorrelation")
class PCA(Preprocessing):
    """The image in coordinates along its principal axes, the one of the largest variance first: no two correlate.

    Formula: U^T (x - mean image) / 255, with U the eigenvectors of the covariance of the training images.

    Watch: the result has no neighbouring pixels any more: fully connected nets gain, convolutions lose their meaning.

    Reference: Stanford CS231n, notes on neural networks 2, PCA and whitening.
    """

    def fit(self, images):
        mean = mean_image(images)
        _, axes = principal_axes(images, mean)
        return Transform(mean=mean.astype(np.float32), scale=per_channel(1 / 255), matrix=axes)


@preprocessings("zca", "ZCA whitening")
class ZCA(Preprocessing):
    """All directions get the same variance, and the result is as like the image as that allows.

    Formula: U (L + epsilon)^(-1/2) U^T (x - mean image) / 255, with L the variances along the principal axes U.

    Watch: edges stay and slow changes of brightness go. A small epsilon amplifies noise, more so with few images.

    Reference: Krizhevsky, Learning multiple layers of features from tiny images, 2009, appendix A; Bell and
    Sejnowski, The independent components of natural scenes are edge filters, 1997.
    """

    epsilon: float = knob(
        0.01, 1e-5, 10.0, log=True, symbol=r"\varepsilon", help="added to each variance of x / 255 before the root"
    )

    def fit(self, images):
        mean = mean_image(images)
        variances, axes = principal_axes(images, mean)
        matrix = (axes / np.sqrt(variances + np.float32(self.epsilon))) @ axes.T
        return Transform(mean=mean.astype(np.float32), scale=per_channel(1 / 255), matrix=matrix)
