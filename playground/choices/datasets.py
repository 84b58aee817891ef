"""Data sets: where the images come from."""

from __future__ import annotations

from playground.data import ImageSet, OnProgress, cifar10, generated, ignore, own
from playground.messages import NOTHING, Message
from playground.registry import Choice, Registry, knob

datasets: Registry[Dataset] = Registry("dataset")


class Dataset(Choice):
    """Base of all data sets."""

    def load(self, progress: OnProgress = ignore) -> ImageSet:
        """The images, in memory; may fetch them. `progress` is called often and may raise, which cancels.

        Raises `DataError` (one sentence) for damaged data, and when there is no network to fetch them.
        """
        raise NotImplementedError

    def missing(self) -> Message:
        """Empty when `load` needs neither the network nor the user, else what it needs."""
        return NOTHING


@datasets("generated", "Generated shapes")
class Generated(Dataset):
    """Ten shapes and patterns on busy grounds, drawn in a second; always there.

    Formula: a ground, clutter, one shape (disc, ring, square, triangle, star, cross, crescent, heart, stripes or
    checker) at a random place, size, turn and colour, a bar across every second one, noise of 12 grey levels.

    Watch: with 4,000 images to train on, softmax regression gets about 30 % of the validation images right, a net of
    two hidden layers 45 % while it memorises its training images, and a small convolutional net 75 to 80 %.

    Reference: drawn by this program (`playground/data/generated.py`); no result on it is one on CIFAR-10.
    """

    images: int = knob(
        6000, 500, 30_000, label="Images drawn", help="to train and validate on; a third as many are for the test"
    )
    seed: int = knob(0, 0, 2**31 - 1, help="another seed draws other images of the same kind")

    def load(self, progress=ignore):
        return generated.generate(self.images, self.seed, progress)


@datasets("cifar10", "CIFAR-10")
class CIFAR10(Dataset):
    """Photographs of four vehicles and six animals; the set that most small nets are compared on.

    Formula: 50,000 images to train on and 10,000 for the test, ten classes of the same size.

    Watch: a linear classifier gets about 40 % of the test images right, a net of fully connected layers 55 to 60 %, a
    small convolutional net 70 to 80 % in minutes, and people 94 %.

    Reference: Krizhevsky, Learning multiple layers of features from tiny images, 2009; the figure for people is
    Karpathy's own trial, Lessons learned from manually classifying CIFAR-10, 2011.
    """

    def load(self, progress=ignore):
        return cifar10.load(progress)

    def missing(self):
        return cifar10.missing()


@datasets("own", "Your own images")
class OwnImages(Dataset):
    """Your images, from a zip with one folder per class.

    Formula: the middle square of each image, scaled to 32 x 32; a `test/` folder or one image of six is the test.

    Watch: at this size, what you cannot tell apart in the grid of images, a net will hardly learn.

    Reference: you.
    """

    digest: str = knob(
        "", check_text=own.check_digest, text=own.DIGEST_TEXT, help="which zip; it is filled in when one is sent"
    )

    def load(self, progress=ignore):
        return own.load(self.digest, progress)

    def missing(self):
        return own.missing(self.digest)
