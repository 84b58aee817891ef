"""Images of the user's own: a zip with one folder per class, read once into an array in the cache folder.

What comes in a zip is not trusted: its directory is checked before anything is unpacked, nothing of it is ever
written to the disk under a name of its own, and sizes, counts and pixels are bounded.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import stat
import threading
import unicodedata
import zipfile
from collections import Counter
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from playground.data.cache import cache_folder, replacing, set_aside, trim
from playground.data.images import SIDE, DataError, ImageSet, OnProgress, ignore
from playground.messages import NOTHING, Message, listed, marked
from playground.numbers import quoted
from playground.registry import ChoiceError

DIGEST = re.compile(r"[0-9a-f]{64}")
DIGEST_TEXT = marked("the 64 hexadecimal digits that stand for a zip")
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")  # Pillow's other readers stay out of reach
PARTS = {"train": "train", "training": "train", "test": "test", "testing": "test"}
PARTS |= {"val": "val", "valid": "val", "validation": "val"}  # the test when there is no other, else training
TEST_SHARE = 6  # without a test folder, one image of so many is kept for the test
SYSTEM = ("__macosx", "thumbs.db", "desktop.ini")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What is accepted, so that one visitor cannot fill memory or disk or keep the processor."""

    zip_bytes: int = 256 << 20
    directory_bytes: int = 16 << 20  # of the list of entries in the zip
    images: int = 100_000
    classes: int = 100
    per_class: int = 5  # at least, for training, validation and test
    file_bytes: int = 32 << 20  # unpacked
    unpacked_bytes: int = 1 << 30
    ratio: int = 100  # unpacked to packed, for files of more than a megabyte
    pixels: int = 25_000_000  # of one image
    all_pixels: int = 4_000_000_000
    kept_bytes: int = 2 << 30  # of all zips in the cache; those used longest ago go first


LIMITS = Limits()


def check_digest(text: str) -> None:
    """Raises `ChoiceError` for a text that is neither empty nor a SHA-256 in hexadecimal digits."""
    if text and not DIGEST.fullmatch(text):
        value = quoted(text)
        raise ChoiceError(
            "Your own images: digest is {value}, but must be {allowed}.", value=value, allowed=Message(DIGEST_TEXT)
        )


def stored_path(digest: str) -> Path:
    """Where the images of the zip with this digest lie, or would lie."""
    return cache_folder() / "own" / f"{digest}.npz"


def missing(digest: str) -> Message:
    """Why these images cannot be loaded; empty when they can."""
    if not digest:
        return Message("No images of your own yet: send a zip with one folder of images per class.")
    if not stored_path(digest).exists():
        return Message("The zip {digest} is not on this machine: send the zip again.", digest=digest[:12])
    return NOTHING


def keep(source: bytes | str | Path, progress: OnProgress = ignore, title: str = "", limits: Limits = LIMITS) -> str:
    """Checks a zip (its bytes or its path), reads all images into the cache, and returns its SHA-256.

    The zip has one folder of images per class, also below `train/` and `test/`, also all in one folder more; without
    a `test/`, one image of six is set apart by its name. Images are made RGB, then shortened to their middle square
    and scaled to 32 x 32. `title` (or the file's name) names the set on figures. Raises `DataError` for all it refuses.
    """
    if not isinstance(source, bytes):
        title = title or Path(source).stem
    progress(Message("Checking your zip"), 0.0)
    data = _bytes_of(source, limits)
    digest = hashlib.sha256(data).hexdigest()
    path = stored_path(digest)
    if path.exists():
        os.utime(path)
        return digest
    archive = _archive(data, limits)
    classes, training, test = _arrange(_entries(archive, limits), limits)
    images = _decode(archive, [info for info, _ in training + test], progress, limits)
    labels = np.array([classes.index(name) for _, name in training + test], np.uint8)
    progress(Message("Keeping your images"), 1.0)
    try:
        with replacing(path) as temporary, open(temporary, "wb") as file:
            np.savez(
                file,
                title=np.array(_title(title)),
                classes=np.array(classes),
                images=images[: len(training)],
                labels=labels[: len(training)],
                test_images=images[len(training) :],
                test_labels=labels[len(training) :],
            )
        trim(path.parent, limits.kept_bytes, newest=path)
    except OSError as problem:
        why = str(problem.strerror or problem)
        raise DataError("Your images could not be kept in {path} ({why}).", path=str(path.parent), why=why) from problem
    return digest


def load(digest: str, progress: OnProgress = ignore) -> ImageSet:
    """The images that `keep` put into the cache; raises `DataError` when they are not there any more."""
    problem = missing(digest)
    if problem:
        raise DataError(problem)
    path = stored_path(digest)
    progress(Message("Reading your images"), 0.0)
    try:
        os.utime(path)  # used now, so that others make room first
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as file_arrays:
            arrays = {name: file_arrays[name] for name in ("images", "labels", "test_images", "test_labels")}
            return ImageSet(title=str(file_arrays["title"]), classes=tuple(map(str, file_arrays["classes"])), **arrays)
    except FileNotFoundError:
        raise DataError(missing(digest)) from None
    except Exception as error:  # a changed byte makes NumPy's and the zip's readers raise a dozen kinds of errors
        aside = set_aside(path)
        raise DataError(
            "{path} is damaged, but must be as it was written: it was set aside as {aside}; send the zip again.",
            path=str(path),
            aside=aside.name,
        ) from error


def _title(name: str) -> str:
    name = "".join(c for c in name if c.isprintable()).strip()[:60]
    return f"{name} (own images)" if name else "Own images"


def _bytes_of(source: bytes | str | Path, limits: Limits) -> bytes:
    try:
        size = len(source) if isinstance(source, bytes) else Path(source).stat().st_size
        if size > limits.zip_bytes:
            raise DataError("The zip has {n:bytes}, but must have at most {most:bytes}.", n=size, most=limits.zip_bytes)
        return source if isinstance(source, bytes) else Path(source).read_bytes()
    except OSError as problem:
        raise DataError("{path} cannot be read ({why}).", path=str(source), why=problem.strerror) from problem


class _Stream(io.BytesIO):
    """Bytes of which at most `most` are read at once, because `ZipFile` reads a directory as large as it claims."""

    most: int | None = None

    def read(self, size: int | None = -1) -> bytes:
        if self.most is not None and size is not None and size > self.most:
            raise DataError(
                "The zip's list of entries has {n:bytes}, but must have at most {most:bytes}.", n=size, most=self.most
            )
        return super().read(size)


def _archive(data: bytes, limits: Limits) -> zipfile.ZipFile:
    stream = _Stream(data)
    stream.most = limits.directory_bytes
    try:
        archive = zipfile.ZipFile(stream)
    except DataError:
        raise
    except Exception as problem:  # whatever else a file that is no zip makes of the reader
        raise DataError("What was sent is not a zip that can be read ({why}).", why=str(problem)) from problem
    stream.most = None
    return archive


def _name(info: zipfile.ZipInfo) -> str:
    """The entry's name; older packers wrote UTF-8 without saying so, and some write letters as two signs."""
    name = info.filename
    if not info.flag_bits & 0x800:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def _entries(archive: zipfile.ZipFile, limits: Limits) -> list[tuple[zipfile.ZipInfo, tuple[str, ...]]]:
    """All files of the zip that count, with the parts of their paths; raises `DataError` for what is not accepted."""
    entries, total = [], 0
    for info in archive.infolist():
        name = _name(info)
        parts = tuple(part for part in name.split("/") if part not in ("", "."))
        total += info.file_size
        problem = _refusal(info, name, parts, limits)
        if problem:
            raise DataError("{name} in the zip {problem}.", name=quoted(name), problem=problem)
        if not info.is_dir() and parts and not any(p.startswith(".") or p.lower() in SYSTEM for p in parts):
            entries.append((info, parts))
    if total > limits.unpacked_bytes:
        most = limits.unpacked_bytes
        raise DataError("The zip unpacks to {n:bytes}, but must stay below {most:bytes}.", n=total, most=most)
    return entries


def _refusal(info: zipfile.ZipInfo, name: str, parts: tuple[str, ...], limits: Limits) -> Message:
    """Why an entry is not accepted, as the rest of a sentence; empty when it is."""
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in parts:
        return Message("leads out of its folder, but must be a path inside of it")
    if stat.S_ISLNK(info.external_attr >> 16):
        return Message("is a link, but must be a file")
    if info.flag_bits & 0x41:
        return Message("is encrypted, but must be readable without a password")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return Message("is packed in an unusual way: use a plain zip")
    if info.file_size > limits.file_bytes:
        most = limits.file_bytes
        return Message("unpacks to {n:bytes}, but must stay below {most:bytes}", n=info.file_size, most=most)
    if info.file_size > max(1 << 20, limits.ratio * info.compress_size):
        return Message(
            "unpacks to more than {ratio} times its size ({n:bytes}), as only a zip bomb does",
            ratio=limits.ratio,
            n=info.file_size,
        )
    if name.lower().endswith((".zip", ".7z", ".rar", ".tar", ".gz", ".tgz")):
        return Message("is an archive itself, but must be an image")
    return NOTHING


Placed = list[tuple[zipfile.ZipInfo, str]]


def _arrange(
    entries: list[tuple[zipfile.ZipInfo, tuple[str, ...]]], limits: Limits
) -> tuple[list[str], Placed, Placed]:
    """Classes, training images and test images, from the folders; entries as `_entries` gives them."""
    images = [parts for _, parts in entries if parts[-1].lower().endswith(SUFFIXES)]
    if not images:
        raise DataError("The zip holds no image, but must hold one folder of images (.png, .jpg, ...) per class.")
    if len(images) > limits.images:
        most = limits.images
        raise DataError("The zip holds {n:count} images, but must hold at most {most:count}.", n=len(images), most=most)
    top = 0  # folders that all images share hold no class
    while min(map(len, images)) > top + 2 and len({parts[top] for parts in images}) == 1:
        top += 1
    divided = all(parts[top].lower() in PARTS for parts in images)
    entries_by_part: dict[str, Placed] = {"train": [], "val": [], "test": []}
    for info, parts in sorted(entries, key=lambda entry: entry[1]):
        image = parts[-1].lower().endswith(SUFFIXES)
        part = PARTS.get(parts[top].lower(), "") if divided and len(parts) > top else "train"
        folders = parts[top + divided : -1]
        if not folders and not image:
            continue  # a text beside the folders
        if not folders or not part:
            raise DataError("{name} in the zip lies in no folder that names its class.", name=quoted("/".join(parts)))
        if not image:
            name, kinds = quoted("/".join(parts)), " ".join(SUFFIXES)
            raise DataError("{name} in the zip must be an image ({kinds}).", name=name, kinds=kinds)
        entries_by_part[part].append((info, folders[0]))
    entries_by_part["train" if entries_by_part["test"] else "test"] += entries_by_part["val"]
    return _check(entries_by_part["train"], entries_by_part["test"], limits)


def _check(training: Placed, test: Placed, limits: Limits) -> tuple[list[str], Placed, Placed]:
    """Refuses what cannot be learned from; sets a test apart where there is none."""
    counts = Counter(name for _, name in training)
    classes = sorted(counts)
    for name in {*classes, *(name for _, name in test)}:
        if len(name) > 40 or not name.isprintable():
            raise DataError("The class {name} must have a name of at most 40 letters.", name=quoted(name))
        if name not in counts:
            raise DataError(
                "The class {name} has images for the test, but must have some for training too.", name=quoted(name)
            )
        if counts[name] < limits.per_class:
            raise DataError(
                "The class {name} has {n} images, but must have {least}.",
                name=quoted(name),
                n=counts[name],
                least=limits.per_class,
            )
    if not 2 <= len(classes) <= limits.classes:
        most = limits.classes
        if len(classes) == 1:
            only = quoted(classes[0])
            raise DataError("The zip has 1 class (only {only}), but must have 2 to {most}.", only=only, most=most)
        raise DataError("The zip has {n} classes, but must have 2 to {most}.", n=len(classes), most=most)
    if not test:
        for name in classes:
            class_entries = sorted((entry for entry in training if entry[1] == name), key=_draw)
            test += class_entries[: max(len(class_entries) // TEST_SHARE, 1)]
        apart = {id(info) for info, _ in test}
        training = [entry for entry in training if id(entry[0]) not in apart]
    return classes, training, test


def _draw(entry: tuple[zipfile.ZipInfo, str]) -> bytes:
    """A number that depends on the file's name only, so that the same images are set apart every time."""
    return hashlib.sha256(entry[0].filename.encode()).digest()


def _decode(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], progress: OnProgress, limits: Limits) -> np.ndarray:
    """All images: (n, 3, 32, 32) uint8. Two threads, as much of the time goes into Python's own lock."""
    images = np.empty((len(infos), 3, SIDE, SIDE), np.uint8)
    pixel_counts: list[int] = []  # pixels of the images that are done
    stop = threading.Event()

    def some(at: range) -> None:
        for i in at:
            if stop.is_set():
                return
            images[i], pixels = _picture(archive, infos[i], limits)
            pixel_counts.append(pixels)

    with ThreadPoolExecutor(2) as pool:
        waiting = {pool.submit(some, range(at, min(at + 100, len(infos)))) for at in range(0, len(infos), 100)}
        try:
            while waiting:
                message = Message("Reading your images: {n:count} of {all:count}", n=len(pixel_counts), all=len(infos))
                progress(message, len(pixel_counts) / len(infos))
                finished_futures, waiting = wait(waiting, timeout=0.1, return_when=FIRST_EXCEPTION)
                for future in finished_futures:
                    future.result()
                if sum(pixel_counts) > limits.all_pixels:
                    raise DataError(
                        "The images have more than {most:amount} pixels in all, which is the limit: make them smaller.",
                        most=limits.all_pixels,
                    )
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)
    return images


def _picture(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: Limits) -> tuple[np.ndarray, int]:
    """One image, (3, 32, 32) uint8, and how many pixels it had."""
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(archive.read(info)), formats=FORMATS) as image:
            width, height = image.size
            if width * height > limits.pixels:
                raise Image.DecompressionBombError
            image.draft("RGB", (4 * SIDE, 4 * SIDE))  # a large photograph is decoded smaller at once
            picture = _square(_rgb(ImageOps.exif_transpose(image)))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DataError(
            "{name} in the zip has too many pixels: at most {most:amount} are read.",
            name=quoted(_name(info)),
            most=limits.pixels,
        ) from None
    except Exception as problem:  # Pillow's readers raise a dozen kinds of errors for damaged images
        raise DataError(
            "{name} in the zip cannot be read as an image, but must be one of {formats}.",
            name=quoted(_name(info)),
            formats=listed(FORMATS),
        ) from problem
    return np.asarray(picture).transpose(2, 0, 1), width * height


def _rgb(image: Any) -> Any:
    """The Pillow image in three channels of 8 bits; what is transparent becomes white."""
    from PIL import Image

    if image.mode.startswith(("I", "F")):  # 16 and 32 bits: the range that is there becomes 0 to 255
        grey = np.asarray(image, np.float64)
        span = max(float(np.ptp(grey)), 1e-9)
        return Image.fromarray(((grey - grey.min()) * (255 / span)).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(ground, image).convert("RGB")
    return image.convert("RGB")


def _square(image: Any) -> Any:
    """The middle square of a Pillow image at 32 x 32 pixels."""
    from PIL import Image

    if image.size == (SIDE, SIDE):
        return image
    width, height = image.size
    side = min(width, height)
    box = ((width - side) / 2, (height - side) / 2, (width + side) / 2, (height + side) / 2)
    return image.resize((SIDE, SIDE), Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)
