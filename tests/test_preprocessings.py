"""Preprocessings against NumPy in float64, and what whitening promises."""

import functools

import numpy as np
import pytest

from playground.choices.preprocessings import ZCA, preprocessings
from playground.data import generated

SMALL = generated.generate(500, 3).images
EPSILON = 1e-4


@functools.cache
def fitted(name, **knobs):
    """The transform from the small set; principal axes take seconds."""
    return preprocessings[name](**knobs).fit(SMALL)


@pytest.fixture(scope="module")
def noisy():
    """4,000 images with so much noise that no direction is empty."""
    images = generated.generate(4000, 0).images.astype(np.int16)
    images += np.random.default_rng(0).integers(-60, 60, images.shape, np.int16)
    return np.clip(images, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def white(noisy):
    return ZCA(epsilon=EPSILON).fit(noisy)(noisy).reshape(len(noisy), -1)


# Mean and scale by NumPy in float64, without our chunks.
X = SMALL.astype(np.float64)
BY_NUMPY = {
    "none": (0.0, 1 / 255),
    "centre": (X.mean(0), 1 / 255),
    "channel_normalise": (X.mean((0, 2, 3))[:, None, None], 1 / X.std((0, 2, 3))[:, None, None]),
    "pixel_normalise": (X.mean(0), 1 / X.std(0)),
}


@pytest.mark.parametrize("name", BY_NUMPY)
def test_against_numpy(name):
    mean, scale = BY_NUMPY[name]
    transform = fitted(name)
    assert transform.matrix is None and transform.mean.dtype == transform.scale.dtype == np.float32
    assert np.broadcast_shapes(transform.mean.shape, transform.scale.shape, (3, 32, 32)) == (3, 32, 32)
    y = transform(SMALL)
    assert y.dtype == np.float32 and y.shape == SMALL.shape
    assert np.allclose(y, (X - mean) * scale, atol=1e-5)


def test_what_normalising_promises():
    centred, channels, pixels = (fitted(n)(SMALL) for n in ("centre", "channel_normalise", "pixel_normalise"))
    assert np.abs(centred.mean(0, dtype=float)).max() < 1e-6
    assert np.abs(channels.mean((0, 2, 3), dtype=float)).max() < 1e-5
    assert np.allclose(channels.std((0, 2, 3), dtype=float), 1, atol=1e-5)
    assert np.abs(pixels.mean(0, dtype=float)).max() < 1e-5
    assert np.allclose(pixels.std(0, dtype=float), 1, atol=1e-5)


@pytest.mark.parametrize("name", preprocessings)
def test_statistics_come_from_the_training_part_only(name):
    """The transform of an image does not depend on the images it is transformed with."""
    transform = fitted(name)
    others = generated.generate(500, 4).images
    assert np.allclose(transform(others)[:2], transform(others[:2]), atol=1e-4)
    assert name == "none" or np.abs(transform(others[:100]).mean(0)).max() > 0.05


@pytest.mark.parametrize("name", [name for name in preprocessings if name != "pca"])  # its axes are those of zca
def test_images_that_are_all_the_same_stay_finite(name):
    same = np.repeat(SMALL[:1], 3, 0)
    y = preprocessings[name]().fit(same)(SMALL)
    assert np.isfinite(y).all() and np.abs(y).max() < 300


def test_whitening_gives_the_identity_covariance(noisy, white):
    x = noisy.reshape(len(noisy), -1) / np.float32(255)
    x -= x.mean(0)
    before, after = x.T @ x / len(x), white.T @ white / len(x)
    variances = np.diag(after)
    assert variances.min() > 0.85 and variances.max() < 1 and np.abs(after - np.diag(variances)).max() < 0.05
    assert np.abs(white.mean(0)).max() < 1e-3
    # Exactly: covariance (covariance + epsilon)^-1, checked without eigenvectors.
    assert np.abs(after @ (before + EPSILON * np.eye(3072, dtype=np.float32)) - before).max() < 1e-3 * before.max()


def test_fewer_images_than_dimensions_are_whitened_in_their_span():
    """As many directions as images less one have variance 1, the others 0."""
    y = fitted("zca", epsilon=1e-5)(SMALL).reshape(len(SMALL), -1).astype(float)
    values = np.linalg.eigvalsh(y @ y.T / len(y))  # of the covariance, apart from zeros
    assert abs(values[0]) < 1e-6 and np.allclose(values[1:], 1, atol=0.05)


def test_zca_keeps_the_image_recognisable():
    x, y = fitted("centre")(SMALL), fitted("zca")(SMALL)
    alike = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(x, y)]
    assert np.median(alike) > 0.4
    matrix = fitted("zca").matrix
    assert np.abs(matrix - matrix.T).max() < 1e-3 * np.abs(matrix).max()


def test_pca_is_a_rotation_to_uncorrelated_falling_variances():
    rotated = fitted("pca")
    y = rotated(SMALL).reshape(len(SMALL), -1).astype(float)
    covariance = y.T @ y / len(y)
    variances = np.diag(covariance)
    assert np.all(np.diff(variances) < 1e-4)
    assert np.abs(covariance - np.diag(variances)).max() < 1e-5 * variances[0]
    assert np.abs(rotated.matrix.T @ rotated.matrix - np.eye(3072)).max() < 1e-4
    x = fitted("centre")(SMALL)
    assert np.allclose((y**2).sum(1), (x.astype(float) ** 2).sum((1, 2, 3)), rtol=1e-4), "lengths stay"


def test_the_default_epsilon_does_not_blow_up_unseen_images():
    other = generated.generate(500, 4).images
    transform = fitted("zca")
    assert 0.2 < transform(SMALL).std() < transform(other).std() < 1.5
    assert ZCA().epsilon == 0.01


@pytest.mark.parametrize("name", preprocessings)
def test_docstring_gives_formula_and_reference(name):
    doc = preprocessings[name].__doc__
    assert all(word in doc for word in ("Formula:", "Watch:", "Reference:"))
