"""CIFAR-10 in its binary form: found, or fetched once and kept; never a pickle.

A file is a row of records: one byte for the label, then 1,024 bytes each of red, green and blue, row by row. Files
may be shortened to their first records.

Reference: Krizhevsky, Learning multiple layers of features from tiny images, 2009;
https://www.cs.toronto.edu/~kriz/cifar.html.
"""

from __future__ import annotations

import gzip
import os
import re
import tarfile
import zlib
from pathlib import Path

import numpy as np

from playground.data.cache import cache_folder, file_lock, replacing, set_aside
from playground.data.fetch import Source, fetch
from playground.data.images import PIXELS, SIDE, DataError, ImageSet, OnProgress, ignore
from playground.messages import NOTHING, Message, listed

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
FOLDER = "cifar-10-batches-bin"
TRAINING = tuple(f"data_batch_{n}.bin" for n in range(1, 6))
TEST = "test_batch.bin"
FILES = (*TRAINING, TEST)
RECORD = 1 + PIXELS
RECORDS = 10_000  # of an official file
SUMS = "checksums.txt"  # CRC-32 of the unpacked files; written last, when they came from the checked archive
OFFICIAL = Source(
    title="CIFAR-10",
    url="https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
    md5="c32a1d4ab5d03f1284b67883e8d87530",
    size=170_052_171,
)


def own_folder() -> Path | None:
    """The folder below $PLAYGROUND_DATA_DIR that holds CIFAR-10 files, if there is one.

    Raises `DataError` when the variable names no folder.
    """
    folder_name = os.environ.get("PLAYGROUND_DATA_DIR")
    if not folder_name:
        return None
    base = Path(folder_name).expanduser()
    if not base.is_dir():
        raise DataError("PLAYGROUND_DATA_DIR is '{path}', but must be a folder.", path=folder_name)
    return next((at for at in (base, base / FOLDER) if any((at / name).exists() for name in FILES)), None)


def kept_folder() -> Path | None:
    """The folder in the cache, once all files are in it."""
    folder = cache_folder() / FOLDER
    return folder if all((folder / name).exists() for name in FILES) else None


def missing() -> Message:
    """What `load` would have to fetch or would refuse for want of a file; empty when all is there."""
    try:
        own = own_folder()
    except DataError as problem:
        return problem.message
    if own:
        lacking = [name for name in FILES if not (own / name).exists()]
        return _lacking(own / lacking[0]) if lacking else NOTHING
    if kept_folder():
        return NOTHING
    return Message(
        "CIFAR-10 is not on this machine: it is fetched once ({n:bytes}), or found where PLAYGROUND_DATA_DIR says.",
        n=OFFICIAL.size,
    )


def _lacking(path: Path) -> Message:
    return Message("{path} is missing, but all of {files} must be in that folder.", path=str(path), files=listed(FILES))


def load(progress: OnProgress = ignore, source: Source = OFFICIAL) -> ImageSet:
    """The set from $PLAYGROUND_DATA_DIR, else from the cache folder, else from `source`, which fills the cache.

    Raises `DataError` for a damaged or missing file; one in the cache is set aside and fetched again next time.
    """
    own = own_folder()
    if own:
        return read(own, progress)
    base = cache_folder()
    try:
        if not kept_folder():
            with file_lock(
                base / "cifar-10.lock", lambda: progress(Message("Another process is fetching CIFAR-10"), 0.0)
            ):
                if not kept_folder():
                    archive = fetch(source, base, progress)
                    unpack(archive, base / FOLDER, progress)
                    archive.unlink()
    except OSError as problem:
        why = str(problem.strerror or problem)
        raise DataError("CIFAR-10 could not be kept in {path} ({why}).", path=str(base), why=why) from problem
    return read(base / FOLDER, progress, in_cache=True)


def read(folder: Path, progress: OnProgress = ignore, in_cache: bool = False) -> ImageSet:
    """The set in `folder`; with `in_cache` (in the cache) a damaged file is set aside."""
    sums = {}
    if in_cache and (folder / SUMS).exists():
        sums = dict(re.findall(r"(\S+) ([0-9a-f]{8})\n", (folder / SUMS).read_text()))
    parts = []
    for number, name in enumerate(FILES):
        progress(Message("Reading CIFAR-10"), number / len(FILES))
        parts.append(_records(folder / name, sums.get(name), in_cache))
    images, labels = _join(parts[:-1])
    test_images, test_labels = _join(parts[-1:])
    return ImageSet(
        title=_title(len(labels), len(test_labels)),
        classes=CLASSES,
        images=images,
        labels=labels,
        test_images=test_images,
        test_labels=test_labels,
    )


def _join(parts: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels of (n, 3073) records, each contiguous."""
    count = sum(map(len, parts))
    images, labels = np.empty((count, PIXELS), np.uint8), np.empty(count, np.uint8)
    at = 0
    for part in parts:
        labels[at : at + len(part)] = part[:, 0]
        images[at : at + len(part)] = part[:, 1:]
        at += len(part)
    return images.reshape(-1, 3, SIDE, SIDE), labels


def _title(training: int, test: int) -> str:
    """What is shown of a shortened set says so."""
    whole = len(TRAINING) * RECORDS
    if training < whole:
        return f"CIFAR-10 ({training:,} of {whole:,} images)"
    return "CIFAR-10" if test == RECORDS else f"CIFAR-10 ({test:,} of {RECORDS:,} test images)"


def _records(path: Path, checksum: str | None, in_cache: bool) -> np.ndarray:
    """The records of one file: (n, 3073) uint8; raises `DataError` for what is no such file."""
    try:
        size = path.stat().st_size
        problem = NOTHING
        if size % RECORD or not 0 < size <= RECORDS * RECORD:
            problem = Message(
                "has {n:count} bytes, but must have a multiple of {record:count}, up to {most:count} times",
                n=size,
                record=RECORD,
                most=RECORDS,
            )
        else:
            rows = np.fromfile(path, np.uint8).reshape(-1, RECORD)
            highest = rows[:, 0].argmax()
            if rows[highest, 0] >= len(CLASSES):
                problem = Message(
                    "has the label {label} in record {record}, but must have labels from 0 to 9",
                    label=int(rows[highest, 0]),
                    record=int(highest),
                )
            elif checksum and checksum != f"{zlib.crc32(rows.data):08x}":
                problem = Message("is not as it was when it was fetched")
    except FileNotFoundError:
        raise DataError(_lacking(path)) from None
    except OSError as error:
        raise DataError("{path} cannot be read ({why}).", path=str(path), why=error.strerror) from error
    if not problem:
        return rows
    if not in_cache:
        raise DataError("{path} {problem}.", path=str(path), problem=problem)
    raise DataError(
        "{path} {problem}: it was set aside as {aside}, and the next start fetches it anew.",
        path=str(path),
        problem=problem,
        aside=set_aside(path).name,
    )


def unpack(archive: Path, folder: Path, progress: OnProgress) -> None:
    """The six files out of the .tar.gz, whatever else is in it, each written at once or not at all.

    Nothing else of the archive reaches the disk: names are compared with the known ones, links and other special
    members are not followed, and sizes are bounded. Raises `DataError` for an archive that lacks a file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SUMS).unlink(missing_ok=True)
    sums: dict[str, str] = {}
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for _ in range(100):  # the official archive has 9 members
                member = tar.next()
                if member is None or member.size > RECORDS * RECORD:
                    break
                base, _, name = member.name.rpartition("/")
                if base == FOLDER and name in FILES and member.isreg():
                    progress(Message("Unpacking CIFAR-10: {name}", name=name), len(sums) / len(FILES))
                    file = tar.extractfile(member)
                    assert file is not None  # as of every regular file
                    content = file.read()
                    with replacing(folder / name) as temporary:
                        temporary.write_bytes(content)
                    sums[name] = f"{zlib.crc32(content):08x}"
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as problem:
        raise DataError("{path} is no readable archive ({why}).", path=str(archive), why=str(problem)) from problem
    missing = [name for name in FILES if name not in sums]
    if missing:
        raise DataError(
            "{path} holds no usable {missing}, but must hold all of {files}.",
            path=str(archive),
            missing=f"{FOLDER}/{missing[0]}",
            files=listed(FILES),
        )
    with replacing(folder / SUMS) as temporary:
        temporary.write_text("".join(f"{name} {value}\n" for name, value in sums.items()))
