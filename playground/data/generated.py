"""Generated shapes: ten classes of 32 x 32 colour pictures, drawn from a seed in a second.

How a picture is made: a ground that runs from one colour to another, some blobs and bars that mean nothing, then one
shape at a random place, in a random size and turn, in a colour apart from the ground, in one picture of two a bar
across it, and noise. Each class leans a little to a colour and most shapes are brighter than their ground, so that a
linear classifier finds something; what makes the class is the outline or the pattern inside, wherever it is.
A mirrored or turned picture is of the same class.

How hard it is: trained on 4,000 pictures, validated on 2,000, without regularization (Adam, batches of 64):

| net | epochs | training | validation |
| --- | --- | --- | --- |
| softmax regression | 20 | 51 % | 31 % |
| fully connected, 128 and 64 hidden units | 20 | 99 % | 45 % |
| three convolutions of 5 x 5 (16, 20, 20) with max pooling | 12 | 89 % | 76 % |
| three convolutions of 3 x 3 (24, 32, 48) with batch normalization and max pooling | 12 | 100 % | 80 % |
"""

from __future__ import annotations

import math

import numpy as np

from playground.data.images import SIDE, ImageSet, OnProgress, ignore
from playground.messages import Message

TITLE = "Generated shapes"
CLASSES = ("disc", "ring", "square", "triangle", "star", "cross", "crescent", "heart", "stripes", "checker")

# A shape is a function of coordinates (x to the right, y up, both about -1 to 1): negative inside, and away from
# zero about the distance to the outline.


def disc(x, y, radius=0.85):
    """Within `radius` of the centre."""
    return np.sqrt(x * x + y * y) - np.float32(radius)


def ring(x, y):
    """Between two circles."""
    return np.abs(disc(x, y, 0.7)) - np.float32(0.22)


def square(x, y, half=0.78):
    """A square of side 2 `half`."""
    return np.maximum(np.abs(x), np.abs(y)) - np.float32(half)


def triangle(x, y):
    """Three sides at the same distance from the centre."""
    slope = np.float32(math.sqrt(3) / 2) * np.abs(x) + np.float32(0.5) * y
    return np.maximum(slope, -y) - np.float32(0.52)


def star(x, y):
    """Five points: one half of one point, repeated around by folding the angle."""
    fifth = 2 * math.pi / 5
    angle = np.abs(np.mod(np.arctan2(x, y) + np.float32(fifth / 2), np.float32(fifth)) - np.float32(fifth / 2))
    far = np.sqrt(x * x + y * y)
    tip, notch = (1.05, 0.0), (0.46 * math.cos(fifth / 2), 0.46 * math.sin(fifth / 2))
    edge = (notch[0] - tip[0], notch[1] - tip[1])
    normal = np.array([edge[1], -edge[0]], np.float32) / np.float32(math.hypot(*edge))
    return (far * np.cos(angle) - np.float32(tip[0])) * normal[0] + far * np.sin(angle) * normal[1]


def cross(x, y):
    """Two bars over each other."""
    x, y = np.abs(x), np.abs(y)
    return np.maximum(np.maximum(x, y) - np.float32(0.95), np.minimum(x, y) - np.float32(0.3))


def crescent(x, y):
    """A disc without another disc."""
    return np.maximum(disc(x, y, 0.95), -disc(x - np.float32(0.5), y, 0.75))


def heart(x, y):
    """A square on its corner with a half disc on each upper side."""
    half, x = 0.55, np.abs(x)
    lifted = y + np.float32(0.1)
    corner = np.float32(half / math.sqrt(2))
    diamond = (x + np.abs(lifted)) * np.float32(math.sqrt(0.5)) - np.float32(half)
    return np.minimum(diamond, disc(x - corner, lifted - corner, half))


def patch(x, y):
    """The outline of the patterns: between a disc and a square."""
    return np.sqrt(np.sqrt(x**4 + y**4)) - np.float32(0.88)


SHAPES = (disc, ring, square, triangle, star, cross, crescent, heart, patch, patch)

# The plane of colour without brightness, as two directions in (red, green, blue).
HUES = np.array([[1.0, -0.5, -0.5], [0.0, math.sqrt(0.75), -math.sqrt(0.75)]]) / math.sqrt(1.5)
COLUMN = np.arange(SIDE, dtype=np.float32) - np.float32((SIDE - 1) / 2)  # pixels from the middle
ROW = -COLUMN[:, None]  # y points up


def generate(images: int, seed: int, progress: OnProgress = ignore) -> ImageSet:
    """`images` for training and a third as many for the test, classes as evenly as the number allows.

    The same seed gives the same pictures, and for a larger number others.
    """
    generator = np.random.default_rng(seed)
    parts = []
    for offset, count in ((0, images), (images, max(images // 3, len(CLASSES)))):
        labels = generator.permutation(np.arange(count) % len(CLASSES)).astype(np.uint8)
        pictures = np.empty((count, 3, SIDE, SIDE), np.uint8)
        for label, name in enumerate(CLASSES):
            progress(
                Message("Drawing generated shapes: {name}", name=name),
                (offset + count * label / len(CLASSES)) / (images * 4 / 3),
            )
            members = np.flatnonzero(labels == label)
            for few in np.array_split(members, len(members) // 256 + 1):  # what fits into the processor's cache
                pictures[few] = draw(label, len(few), generator)
        parts += [pictures, labels]
    return ImageSet(
        title=TITLE, classes=CLASSES, images=parts[0], labels=parts[1], test_images=parts[2], test_labels=parts[3]
    )


def draw(label: int, count: int, generator: np.random.Generator) -> np.ndarray:
    """`count` pictures of one class: (count, 3, 32, 32) uint8."""
    level = generator.uniform(50, 150, count)
    canvas = _ground(level, generator)
    for _ in range(2):
        _paint(canvas, _blob(count, generator), _colour(level + generator.normal(0, 45, count), 30, generator))
    for _ in range(2):
        _paint(canvas, _bar(count, generator), _colour(level + generator.normal(0, 45, count), 30, generator))

    apart = generator.uniform(40, 100, count) * np.where(generator.random(count) < 0.8, 1, -1)
    lean = 26 * np.array([math.cos(math.tau * label / len(CLASSES)), math.sin(math.tau * label / len(CLASSES))])
    colour = _colour(level + apart, 30, generator, lean)
    cover, x, y, radius = _random_shape(SHAPES[label], count, generator)
    if CLASSES[label] in ("stripes", "checker"):
        second = _colour(level - 0.6 * apart, 30, generator, lean)
        _paint(canvas, cover, second)
        cover *= _pattern(x, y, radius, CLASSES[label] == "checker", generator)
    _paint(canvas, cover, colour)

    hidden = _bar(count, generator) * (generator.random(count) < 0.5)[:, None, None]
    _paint(canvas, hidden.astype(np.float32), _colour(level + generator.normal(0, 45, count), 30, generator))
    canvas += np.float32(12) * generator.standard_normal(canvas.shape, np.float32)
    return np.clip(canvas, 0, 255, out=canvas).astype(np.uint8)


def _column(values: np.ndarray) -> np.ndarray:
    """One number per picture, ready to meet its pixels: (n, 1, 1) float32."""
    return np.asarray(values, np.float32)[:, None, None]


def _colour(
    level: np.ndarray, spread: float, generator: np.random.Generator, lean: np.ndarray | float = 0.0
) -> np.ndarray:
    """Colours around grey `level`s: (n, 3) float32."""
    hue = generator.normal(0, spread, (len(level), 2)) + lean
    return np.clip(level[:, None] + hue @ HUES, 0, 255).astype(np.float32)


def _ground(level: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """From one colour to another in some direction, with clouds: (n, 3, 32, 32) float32."""
    count = len(level)
    first, last = (_colour(level + generator.normal(0, 18, count), 25, generator) for _ in range(2))
    angle = generator.uniform(0, math.tau, count)
    run = (COLUMN * _column(np.cos(angle)) + ROW * _column(np.sin(angle))) / np.float32(SIDE) + np.float32(0.5)
    canvas = first[:, :, None, None] + (last - first)[:, :, None, None] * run[:, None]
    corners = np.linspace(0, 4, SIDE, dtype=np.float32)[:, None] - np.arange(5, dtype=np.float32)
    weights = np.maximum(0, 1 - np.abs(corners))  # linear interpolation from 5 to 32 points
    canvas += (weights @ generator.normal(0, 18, (count, 5, 5)).astype(np.float32) @ weights.T)[:, None]
    return canvas


def _paint(canvas: np.ndarray, cover: np.ndarray, colour: np.ndarray) -> None:
    """Lays (n, 3) `colour` over the canvas where (n, 32, 32) `cover` is 1, mixed in between, in place."""
    for channel in range(3):
        part = canvas[:, channel]
        part += cover * (_column(colour[:, channel]) - part)


def _coordinates(count: int, generator: np.random.Generator, away: float, turn: float):
    """Coordinates in pixels around a random middle, half of them mirrored, turned by up to `turn` either way."""
    x = COLUMN - _column(generator.uniform(-away, away, count))
    y = ROW - _column(generator.uniform(-away, away, count))
    x *= _column(generator.choice([-1, 1], count))
    angle = generator.uniform(-turn, turn, count)
    cos, sin = _column(np.cos(angle)), _column(np.sin(angle))
    return cos * x + sin * y, cos * y - sin * x


def _soft(distance: np.ndarray) -> np.ndarray:
    """Share of a pixel that lies inside, from its distance to the outline in pixels."""
    return np.clip(np.float32(0.5) - distance, 0, 1)


def _random_shape(shape, count: int, generator: np.random.Generator):
    """A shape in random sizes, places and turns: cover, coordinates in pixels, radius."""
    x, y = _coordinates(count, generator, 4.5, 0.5)
    radius = _column(generator.uniform(7.0, 13.0, count))
    return _soft(shape(x / radius, y / radius) * radius), x, y, radius


def _blob(count: int, generator: np.random.Generator) -> np.ndarray:
    """Small ellipses: cover."""
    x, y = _coordinates(count, generator, 15.0, math.pi)
    width, height = (_column(generator.uniform(1.5, 4.5, count)) for _ in range(2))
    return _soft(disc(x / width, y / height, 1.0) * np.minimum(width, height))


def _bar(count: int, generator: np.random.Generator) -> np.ndarray:
    """Bars that cross the picture: cover."""
    x, y = _coordinates(count, generator, 14.0, math.pi)
    return _soft(np.maximum(np.abs(x) - _column(generator.uniform(0.5, 1.8, count)), np.abs(y) - np.float32(14)))


def _pattern(x, y, radius, both: bool, generator: np.random.Generator) -> np.ndarray:
    """Bands across x, or with `both` fields across x and y: cover."""
    period = radius * _column(generator.uniform(0.5, 0.85, len(x)))  # of the wave; two bands
    wave = np.cos(x * (np.float32(math.tau) / period) + _column(generator.uniform(0, math.tau, len(x))))
    if both:
        wave = wave * np.cos(y * (np.float32(math.tau) / period) + _column(generator.uniform(0, math.tau, len(x))))
    return np.clip(np.float32(0.5) + 2 * wave, 0, 1)
