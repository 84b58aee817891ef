"""Data sets: what is found, fetched, drawn and sent; and what is refused, in one sentence."""

import contextlib
import hashlib
import http.server
import io
import os
import struct
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from playground.choices.datasets import Generated, OwnImages, datasets
from playground.data import DataError, cache_folder, cifar10, generated, own
from playground.data.cache import file_lock, replacing, trim
from playground.data.fetch import Source
from playground.data.split import split, stratified_order, subset
from playground.registry import ChoiceError

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """A cache of its own for every test, no folder of the user, and no proxy between a test and its server."""
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("PLAYGROUND_DATA_DIR", raising=False)
    monkeypatch.setenv("no_proxy", "*")
    return tmp_path


def refused(call, *parts):
    """Asserts that `call` raises one sentence that holds `parts`."""
    with pytest.raises(DataError) as caught:
        call()
    text = str(caught.value)
    assert text.endswith(".") and "\n" not in text and len(text) < 400, text
    for part in parts:
        assert str(part) in text, text
    return text


# --- the cache folder ---


def test_cache_folder_follows_the_platform(monkeypatch, tmp_path):
    assert cache_folder() == tmp_path / "cache"
    monkeypatch.delenv("PLAYGROUND_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    monkeypatch.setenv("LOCALAPPDATA", "/y")
    for platform, start in (("linux", "/x"), ("win32", "/y"), ("darwin", Path.home() / "Library/Caches")):
        monkeypatch.setattr(sys, "platform", platform)
        assert cache_folder() == Path(start) / "optimizer-playground"


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "f"
    path.write_text("old")
    with pytest.raises(KeyError), replacing(path) as temporary:
        temporary.write_text("half")
        raise KeyError
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_trim_removes_what_was_used_longest_ago(tmp_path):
    for age, name in enumerate("abcd"):
        (tmp_path / name).write_bytes(bytes(100))
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
    trim(tmp_path, 250, newest=tmp_path / "d")
    assert {p.name for p in tmp_path.iterdir()} == {"a", "d"}


def test_a_lock_is_waited_for_and_the_wait_can_be_cancelled(tmp_path):
    def give_up():
        raise KeyboardInterrupt

    with file_lock(tmp_path / "lock", give_up), pytest.raises(KeyboardInterrupt), file_lock(tmp_path / "lock", give_up):
        raise AssertionError
    with file_lock(tmp_path / "lock", give_up):
        pass


# --- CIFAR-10 from files ---


def records(count, seed=0, label=None):
    rows = np.random.default_rng(seed).integers(0, 256, (count, 3073), np.uint8)
    rows[:, 0] = rows[:, 0] % 10 if label is None else label
    return rows


def write(folder, count=7):
    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(cifar10.FILES):
        records(count + seed, seed).tofile(folder / name)
    return folder


@pytest.mark.parametrize("below", ["", cifar10.FOLDER])
def test_files_of_the_user_are_found_and_read_in_order(folders, monkeypatch, below):
    write(folders / "mine" / below)
    monkeypatch.setenv("PLAYGROUND_DATA_DIR", str(folders / "mine"))
    assert not datasets["cifar10"]().missing()
    image_set = datasets["cifar10"]().load()
    assert image_set.title == "CIFAR-10 (45 of 50,000 images)" and image_set.classes[9] == "truck"
    assert image_set.images.shape == (45, 3, 32, 32) and image_set.test_images.shape == (12, 3, 32, 32)
    first = records(7, 0)[0]
    assert image_set.labels[0] == first[0] and image_set.images[0].tobytes() == first[1:].tobytes()
    assert image_set.images[0, 1, 2, 3] == first[1 + 1024 + 2 * 32 + 3]
    assert image_set.labels[7] == records(8, 1)[0, 0]
    assert image_set.test_images.flags.c_contiguous and image_set.test_labels.flags.c_contiguous
    assert not cache_folder().exists()


def test_titles_say_what_is_lacking():
    assert cifar10._title(50_000, 10_000) == "CIFAR-10"
    assert cifar10._title(50_000, 17) == "CIFAR-10 (17 of 10,000 test images)"
    assert cifar10._title(8068, 1017) == "CIFAR-10 (8,068 of 50,000 images)"


DAMAGE = {
    "cut": (lambda path: path.write_bytes(path.read_bytes()[:-1]), "multiple of 3,073"),
    "empty": (lambda path: path.write_bytes(b""), "0 bytes"),
    "too long": (lambda path: path.write_bytes(bytes(3073 * 10_001)), "up to 10,000 times"),
    "a label of 10": (lambda path: records(3, label=10).tofile(path), "the label 10 in record 0"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_file_of_the_user_is_refused_and_stays(folders, monkeypatch, kind):
    folder = write(folders / "mine")
    monkeypatch.setenv("PLAYGROUND_DATA_DIR", str(folder))
    spoil, message = DAMAGE[kind]
    spoil(folder / "data_batch_3.bin")
    refused(cifar10.load, folder / "data_batch_3.bin", message)
    assert sorted(p.name for p in folder.iterdir()) == sorted(cifar10.FILES)


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_file_in_the_cache_is_set_aside(kind):
    folder = write(cache_folder() / cifar10.FOLDER)
    assert len(cifar10.load().labels) == 45
    spoil, message = DAMAGE[kind]
    spoil(folder / "test_batch.bin")
    refused(cifar10.load, "test_batch.bin", message, "test_batch.bin.damaged")
    assert (folder / "test_batch.bin.damaged").exists() and not (folder / "test_batch.bin").exists()
    assert "fetched once" in str(cifar10.missing())


def test_a_missing_file_of_the_user(folders, monkeypatch):
    folder = write(folders / "mine")
    (folder / "data_batch_2.bin").unlink()
    monkeypatch.setenv("PLAYGROUND_DATA_DIR", str(folder))
    text = refused(cifar10.load, folder / "data_batch_2.bin", "is missing")
    assert str(datasets["cifar10"]().missing()) == text


def test_a_folder_of_the_user_that_is_none(folders, monkeypatch):
    monkeypatch.setenv("PLAYGROUND_DATA_DIR", str(folders / "nowhere"))
    text = refused(cifar10.load, "PLAYGROUND_DATA_DIR", "nowhere")
    assert str(cifar10.missing()) == text


def real(name):
    """A folder of real data, where one is: below $PLAYGROUND_DATA_DIR, or beside the checkout."""
    for base in (os.environ.get("PLAYGROUND_DATA_DIR"), SHARED):
        if base and (Path(base) / name).is_dir():
            return Path(base) / name
    return None


REAL = real(cifar10.FOLDER)  # read before the fixture hides the variable
JPEGS = real("cifar-10-jpeg75")


@pytest.mark.skipif(REAL is None, reason="real CIFAR-10 files are neither in PLAYGROUND_DATA_DIR nor in ../shared/data")
def test_the_real_files(monkeypatch):
    monkeypatch.setenv("PLAYGROUND_DATA_DIR", str(REAL))
    image_set = cifar10.load()
    assert len(image_set.labels) == sum((REAL / name).stat().st_size for name in cifar10.TRAINING) // 3073
    assert np.bincount(image_set.labels).min() > 0.08 * len(image_set.labels)
    assert image_set.classes[image_set.labels[0]] == "frog" and image_set.classes[image_set.test_labels[0]] == "cat"
    # Neighbouring pixels of photographs are alike, which they would not be if rows or channels were mixed up.
    x = image_set.images[:500].astype(float)
    for near in (x[..., 1:] - x[..., :-1], x[..., 1:, :] - x[..., :-1, :], x[:, 1:] - x[:, :-1]):
        assert np.abs(near).mean() < 0.4 * np.abs(x[1:] - x[:-1]).mean()


# --- CIFAR-10 from a server ---


def archive(files=None):
    """A small .tar.gz like the official one."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.PAX_FORMAT) as tar:
        names = {f"{cifar10.FOLDER}/{n}": records(40 + i, i).tobytes() for i, n in enumerate(cifar10.FILES)}
        for name, content in {**names, f"{cifar10.FOLDER}/readme.html": b"hello", **(files or {})}.items():
            if content is not None:
                member = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(name)
                body = b"" if member is content else content
                member.size = len(body)
                tar.addfile(member, io.BytesIO(body))
    return out.getvalue()


class Server(http.server.ThreadingHTTPServer):
    """Sends `content`, and does what servers do: `cuts` are byte counts after which connections break, `ranges` whether
    Range is heeded, `no_middle` whether it is an error, `lie` a wrong place, `slow` seconds between pieces, `status` an
    error. `asked` lists the ranges it was asked for."""

    def __init__(self, content):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.cuts, self.ranges, self.slow, self.status, self.asked = content, [], True, 0, 200, []
        self.lie, self.no_middle = "", False

    def source(self, **other):
        facts = {
            "title": "CIFAR-10",
            "url": f"http://127.0.0.1:{self.server_address[1]}/cifar-10-binary.tar.gz",
            "md5": hashlib.md5(self.content).hexdigest(),
            "size": len(self.content),
            "timeout": 5,
            "pause": 0.01,
        }
        return Source(**{**facts, **other})


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        server, byte_range = self.server, self.headers.get("Range")
        server.asked.append(byte_range)
        if server.status != 200 or (byte_range and server.no_middle):
            self.send_error(416 if byte_range else server.status)
            return
        start = int(byte_range.removeprefix("bytes=").removesuffix("-")) if byte_range and server.ranges else 0
        body = server.content[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", server.lie or f"bytes {start}-{start + len(body) - 1}/*")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if server.cuts:
            body = body[: server.cuts.pop(0)]
        for at in range(0, len(body), 50_000):
            self.wfile.write(body[at : at + 50_000])
            if server.slow:
                time.sleep(server.slow)

    def handle(self):
        with contextlib.suppress(ConnectionError):
            super().handle()

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with Server(archive()) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def part():
    return cache_folder() / "cifar-10-binary.tar.gz.part"


def test_fetched_once_and_kept(server):
    reports = []
    image_set = cifar10.load(lambda *at: reports.append(at), server.source())
    assert len(image_set.labels) == 40 + 41 + 42 + 43 + 44 and len(image_set.test_labels) == 45
    assert np.array_equal(image_set.labels[:40], records(40, 0)[:, 0])
    assert all(0 <= share <= 1 for _, share in reports)
    assert {str(text).split()[0] for text, _ in reports} >= {"Fetching", "Checking", "Unpacking", "Reading"}
    again = cifar10.load(source=server.source())
    assert np.array_equal(again.images, image_set.images) and server.asked == [None]
    assert {p.name for p in cache_folder().iterdir()} == {cifar10.FOLDER, "cifar-10.lock"}
    assert {p.name for p in (cache_folder() / cifar10.FOLDER).iterdir()} == {*cifar10.FILES, cifar10.SUMS}


def test_a_changed_bit_in_the_cache_is_noticed_and_the_file_fetched_anew(server):
    cifar10.load(source=server.source())
    path = cache_folder() / cifar10.FOLDER / "data_batch_5.bin"
    content = bytearray(path.read_bytes())
    content[5000] ^= 1
    path.write_bytes(content)
    refused(lambda: cifar10.load(source=server.source()), path, "set aside as data_batch_5.bin.damaged")
    assert len(cifar10.load(source=server.source()).labels) == 210 and len(server.asked) == 2


def test_a_broken_connection_goes_on_where_it_broke(server):
    server.cuts = [100_000, 150_000]
    assert len(cifar10.load(source=server.source()).labels) == 210
    assert server.asked == [None, "bytes=100000-", "bytes=250000-"]


def test_a_server_that_cannot_go_on_in_the_middle(server):
    server.cuts, server.ranges = [100_000], False
    assert len(cifar10.load(source=server.source()).labels) == 210
    assert server.asked == [None, "bytes=100000-"]


def test_a_server_that_goes_on_elsewhere_is_not_believed(server):
    part().parent.mkdir()
    part().write_bytes(server.content[:1000])
    server.lie = "bytes 0-99/*"
    refused(lambda: cifar10.load(source=server.source()), "another place")
    assert part().read_bytes() == server.content[:1000]


def test_resumed_by_a_later_start(server):
    part().parent.mkdir()
    part().write_bytes(server.content[:123_456])
    cifar10.load(source=server.source())
    assert server.asked == ["bytes=123456-"]


def test_a_part_that_is_whole_needs_no_network(server):
    part().parent.mkdir()
    part().write_bytes(server.content)
    cifar10.load(source=server.source())
    assert server.asked == []


def test_a_part_that_the_server_cannot_continue_is_begun_anew(server):
    part().parent.mkdir()
    part().write_bytes(server.content[:1000])
    server.no_middle = True
    assert len(cifar10.load(source=server.source()).labels) == 210
    assert server.asked == ["bytes=1000-", None]


def test_always_the_same_break_ends_in_a_sentence(server):
    server.cuts, server.ranges = [100_000] * 20, False
    refused(lambda: cifar10.load(source=server.source()), "lost after 100 kB of ", "goes on from there")
    assert len(server.asked) == 4


def test_a_wrong_checksum(server):
    refused(lambda: cifar10.load(source=server.source(md5="0" * 32)), "0" * 32, "expected", "tar.gz.damaged")
    assert not part().exists() and (cache_folder() / "cifar-10-binary.tar.gz.damaged").exists()
    assert cifar10.kept_folder() is None
    assert len(cifar10.load(source=server.source()).labels) == 210


def test_a_page_of_another_size_is_not_fetched(server):
    """As the login page of a hotel's network."""
    refused(lambda: cifar10.load(source=replace(server.source(), size=170_052_171)), "170,052,171")
    assert not part().exists()


def test_no_network(server):
    server.status = 503
    refused(lambda: cifar10.load(source=server.source()), server.source().url, "Service Unavailable")
    refused(lambda: cifar10.load(source=server.source(url="http://127.0.0.1:9/x.tar.gz")), "127.0.0.1:9", "network")


def test_a_cache_that_cannot_be_written(folders, server):
    (folders / "cache").write_text("a file in the way")
    refused(lambda: cifar10.load(source=server.source()), folders / "cache", "could not be kept")


def test_cancelled_while_the_server_is_silent_then_resumed(server):
    server.slow = 3
    began = time.monotonic()

    def cancel(text, share):
        if share > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cifar10.load(cancel, server.source())
    assert time.monotonic() - began < 2
    server.slow = 0
    assert part().stat().st_size >= 50_000
    assert len(cifar10.load(source=server.source()).labels) == 210
    assert server.asked[1] == "bytes=50000-"


def test_two_processes_fetch_once(server):
    server.slow = 0.05
    code = "from playground.data.fetch import Source\nfrom playground.data import cifar10\n"
    code += f"print(len(cifar10.load(source={server.source()!r}).labels))"
    runs = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE) for _ in range(2)]
    assert [run.communicate(timeout=50)[0].split() for run in runs] == [[b"210"]] * 2
    assert server.asked == [None]


def special(name, kind, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


TEST_BATCH = f"{cifar10.FOLDER}/test_batch.bin"
HOSTILE_TARS = {
    "a link": {TEST_BATCH: special(TEST_BATCH, tarfile.SYMTYPE, "/etc/passwd")},
    "a hard link": {TEST_BATCH: special(TEST_BATCH, tarfile.LNKTYPE, f"{cifar10.FOLDER}/data_batch_1.bin")},
    "a device": {TEST_BATCH: special(TEST_BATCH, tarfile.CHRTYPE)},
    "out of the folder": {TEST_BATCH: None, f"../{TEST_BATCH}": records(3).tobytes()},
    "too large": {TEST_BATCH: bytes(3073 * 10_001)},
    "lacking": {TEST_BATCH: None},
}


@pytest.mark.parametrize("kind", HOSTILE_TARS)
def test_hostile_archives(folders, kind):
    (folders / "a.tar.gz").write_bytes(archive({**HOSTILE_TARS[kind], "../evil.txt": b"evil"}))
    refused(lambda: cifar10.unpack(folders / "a.tar.gz", folders / "out", lambda *_: None), "test_batch.bin")
    assert {p.name for p in folders.rglob("*") if p.is_file()} <= {"a.tar.gz", *cifar10.TRAINING}


@pytest.mark.parametrize("spoil", [lambda b: b[: len(b) // 2], lambda b: b"<html>" + b, lambda b: b[:20] + bytes(500)])
def test_damaged_archives(folders, spoil):
    (folders / "a.tar.gz").write_bytes(spoil(archive()))
    refused(lambda: cifar10.unpack(folders / "a.tar.gz", folders / "out", lambda *_: None), "a.tar.gz")


# --- generated shapes ---


def test_generated_in_time_and_repeatable():
    times, sets = [], []
    for _ in range(2):
        began = time.process_time()
        sets.append(Generated().load())
        times.append(time.process_time() - began)
    assert min(times) < 2
    image_set, again = sets
    assert image_set.title == "Generated shapes" and image_set.images.shape == (6000, 3, 32, 32)
    assert image_set.test_images.shape == (2000, 3, 32, 32)
    assert np.array_equal(np.bincount(image_set.labels), [600] * 10)
    assert np.array_equal(np.bincount(image_set.test_labels), [200] * 10)
    assert (
        again.images.tobytes() == image_set.images.tobytes()
        and again.test_images.tobytes() == image_set.test_images.tobytes()
    )
    assert not np.array_equal(Generated(seed=1).load().images, image_set.images)


def test_no_generated_picture_is_in_both_parts_and_all_use_the_range():
    image_set = Generated(images=1000).load()
    contents = {image.tobytes() for image in (*image_set.images, *image_set.test_images)}
    assert len(contents) == 1000 + 333
    assert image_set.images.min() == 0 and image_set.images.max() == 255
    assert image_set.images.std((1, 2, 3)).min() > 5, "a picture without anything on it"


def test_generation_can_be_cancelled():
    def cancel(text, share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Generated().load(cancel)


@pytest.mark.parametrize("shape", dict.fromkeys(generated.SHAPES))
def test_shapes_lie_within_the_frame_and_flips_stay_in_the_class(shape):
    x, y = (v.astype(np.float32) for v in np.meshgrid(np.linspace(-1.5, 1.5, 301), np.linspace(-1.5, 1.5, 301)))
    inside = shape(x, y) < 0
    assert 0.08 < inside.mean() * 9 / 4 < 0.8  # share of the square from -1 to 1
    assert np.abs(x[inside]).max() < 1.15 and np.abs(y[inside]).max() < 1.15
    # A crescent is mirrored at random when it is placed; the others are their own mirror images.
    assert shape is generated.crescent or (inside == inside[:, ::-1]).mean() > 0.995


def accuracies(net, rate, epochs, x, y, generator):
    """On the training part (4,000 images) and the rest, after some epochs of Adam in batches of 64."""
    import torch

    optimizer = torch.optim.Adam(net.parameters(), rate)
    for _ in range(epochs):
        for batch in torch.randperm(4000, generator=generator).split(64):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(net(x[batch]), y[batch]).backward()
            optimizer.step()
    with torch.no_grad():
        right = (net(x).argmax(1) == y).float()
    return right[:4000].mean().item(), right[4000:].mean().item()


@pytest.fixture
def one_thread():
    """Two threads wait for each other ten times as long as they work when other processes are busy."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_the_lessons_hold_on_generated_shapes(one_thread):
    """Linear well below a small MLP, that well below a small convolutional net, and each better at what it has seen."""
    import torch
    from torch import nn

    image_set = Generated().load()
    x = torch.from_numpy(image_set.images).float().sub_(image_set.images.mean()).div_(image_set.images.std())
    x = x.contiguous(memory_format=torch.channels_last)
    y = torch.from_numpy(image_set.labels).long()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        linear = nn.Sequential(nn.Flatten(), nn.Linear(3072, 10))
        mlp = nn.Sequential(nn.Flatten(), nn.Linear(3072, 128), nn.ReLU(), nn.Linear(128, 10))
        convolutions, channels = [], 3
        for width in (16, 20, 20):
            convolutions += [nn.Conv2d(channels, width, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)]
            channels = width
        conv = nn.Sequential(*convolutions, nn.Flatten(), nn.Linear(320, 10)).to(memory_format=torch.channels_last)
    generator = torch.Generator().manual_seed(0)
    linear_train, linear_val = accuracies(linear, 1e-4, 8, x, y, generator)
    mlp_train, mlp_val = accuracies(mlp, 3e-4, 9, x, y, generator)
    conv_train, conv_val = accuracies(conv, 1e-3, 5, x, y, generator)
    assert linear_val > 0.22 and mlp_val > linear_val + 0.07 and conv_val > mlp_val + 0.15
    assert linear_train - linear_val > 0.07 and mlp_train - mlp_val > 0.25 and conv_train - conv_val > 0.03


# --- images of the user's own ---


def picture(colour=(200, 30, 60), size=(32, 32), kind="PNG", **options):
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **options)
    return out.getvalue()


def packed(files, packing=zipfile.ZIP_DEFLATED):
    """A zip of these files, the same bytes at any time of the day."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zip_file:
        for name, content in files.items():
            zip_file.writestr(zipfile.ZipInfo(name), content, packing)
    return out.getvalue()


def pets(prefix="", count=6, classes=("cats", "dogs")):
    """Files of a small zip; every image has a colour of its own."""
    return {
        f"{prefix}{name}/{i}.png": picture((20 * i, 100 * k, 7)) for k, name in enumerate(classes) for i in range(count)
    }


def test_a_zip_with_a_folder_per_class():
    files = {**pets(count=12), "__MACOSX/cats/._0.png": b"x", "cats/.DS_Store": b"x", "dogs/Thumbs.db": b"x"}
    reports = []
    digest = own.keep(packed({**files, "README.txt": b"hello"}), lambda *at: reports.append(at), title="pets\n")
    image_set = OwnImages(digest=digest).load()
    assert image_set.title == "pets (own images)" and image_set.classes == ("cats", "dogs")
    assert image_set.images.shape == (20, 3, 32, 32) and image_set.test_images.shape == (4, 3, 32, 32)
    assert np.array_equal(np.bincount(image_set.labels), [10, 10]) and np.array_equal(
        np.bincount(image_set.test_labels), [2, 2]
    )
    for images, labels in ((image_set.images, image_set.labels), (image_set.test_images, image_set.test_labels)):
        assert np.array_equal(images[:, 1, 0, 0], 100 * labels)
    codes = {int(image[0, 0, 0]) + 1000 * int(image[1, 0, 0]) for image in (*image_set.images, *image_set.test_images)}
    assert len(codes) == 24, "every image is in one of the parts"
    assert reports and reports[-1][1] == 1.0
    assert own.keep(packed({**files, "README.txt": b"hello"})) == digest, "the second time it is there"


@pytest.mark.parametrize("top", ["", "my pets/", "a/b/"])
def test_parts_and_common_folders(top):
    files = {**pets(f"{top}train/", 6), **pets(f"{top}Test/", 2), f"{top}notes.txt": b"hello"}
    image_set = own.load(own.keep(packed(files)))
    assert image_set.classes == ("cats", "dogs") and len(image_set.labels) == 12 and len(image_set.test_labels) == 4


def test_a_validation_folder_is_the_test_or_else_training():
    files = {**pets("train/"), **pets("val/", 3)}
    assert len(own.load(own.keep(packed(files))).test_labels) == 6
    image_set = own.load(own.keep(packed({**files, **pets("test/", 1)})))
    assert len(image_set.test_labels) == 2 and len(image_set.labels) == 18


def test_classes_may_be_called_like_parts_when_others_are_not():
    image_set = own.load(own.keep(packed(pets(classes=("train", "car", "plane")))))
    assert image_set.classes == ("car", "plane", "train")


def test_the_same_names_are_set_apart_every_time():
    first = own.load(own.keep(packed(pets(count=6))))
    second = own.load(own.keep(packed({**pets(count=6), "more.txt": b""})))
    assert np.array_equal(first.test_images, second.test_images)


def test_every_format_and_mode_is_read():
    x = np.arange(40 * 48).reshape(40, 48)
    grey16 = Image.fromarray((x * 30).astype(np.uint16))
    clear = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    modes = {"grey": Image.new("L", (50, 40), 77), "bits": Image.new("1", (33, 32), 1), "clear": clear}
    modes |= {"palette": Image.new("P", (32, 32), 3), "deep": grey16, "alpha": Image.new("LA", (32, 32), (9, 255))}
    files = pets()
    for name, image in modes.items():
        out = io.BytesIO()
        image.save(out, "PNG")
        files[f"train/{name}.png"] = out.getvalue()
    files = {f"train/{k.removeprefix('train/')}": v for k, v in pets().items()} | pets("test/", 1)
    for name, image in modes.items():
        out = io.BytesIO()
        image.save(out, "PNG")
        files[f"test/cats/{name}.png"] = out.getvalue()
    for kind in ("JPEG", "BMP", "GIF", "WEBP", "TIFF"):
        files[f"test/dogs/a.{kind.lower()}"] = picture((10, 200, 30), (64, 40), kind)
    image_set = own.load(own.keep(packed(files)))
    names = sorted(name for name in files if name.startswith("test/"))
    by_name = dict(zip(names, image_set.test_images))
    assert (by_name["test/cats/clear.png"] == 255).all() and (by_name["test/cats/grey.png"] == 77).all()
    assert by_name["test/cats/deep.png"].min() < 30 and by_name["test/cats/deep.png"].max() > 225
    for kind in ("jpeg", "bmp", "gif", "webp", "tiff"):
        off = by_name[f"test/dogs/a.{kind}"].astype(int) - np.array([10, 200, 30])[:, None, None]
        assert np.abs(off).max() < 12, kind


def test_the_middle_square_is_kept_and_turned_photographs_stand_upright():
    wide = Image.new("RGB", (300, 100), "black")
    wide.paste((255, 255, 255), (100, 0, 200, 100))
    picture = Image.new("RGB", (100, 100), "black")
    picture.paste((255, 255, 255), (0, 0, 50, 100))  # the left half is white; turned by 90 degrees, the upper half
    exif = Image.Exif()
    exif[0x0112] = 6
    outs = [io.BytesIO(), io.BytesIO()]
    wide.save(outs[0], "PNG")
    picture.save(outs[1], "JPEG", exif=exif)
    files = {**pets("train/"), "test/cats/wide.png": outs[0].getvalue(), "test/dogs/turned.jpg": outs[1].getvalue()}
    images = own.load(own.keep(packed(files))).test_images
    assert images[0].min() > 200
    assert images[1][:, :14].min() > 200 and images[1][:, 18:].max() < 50


def patched(files, name, change):
    """A zip in which the directory entry and the header of `name` were changed: `change(info)`, before writing."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zip_file:
        for key, content in files.items():
            zip_file.writestr(key, content)
        change(next(info for info in zip_file.infolist() if info.filename == name))
    return out.getvalue()


def set_flag(info):
    info.flag_bits |= 1


def make_link(info):
    info.create_system, info.external_attr = 3, 0o120777 << 16


def claim_less(info):
    info.file_size = 1000


def bomb_directory():
    """A zip whose end claims a list of entries as long as the file."""
    size = 18 << 20
    return bytes(size) + b"PK\5\6" + struct.pack("<4H2LH", 0, 0, 1, 1, size, 0, 0)


FLAT = bytes(20 << 20)
HOSTILE = {
    "an empty zip": (lambda: packed({}), "holds no image"),
    "only a text": (lambda: packed({"a/readme.txt": b"x"}), "holds no image"),
    "no zip": (lambda: b"this is no zip", "not a zip"),
    "half a zip": (lambda: packed(pets())[:-30], "not a zip"),
    "a single class": (lambda: packed(pets(classes=("cats",))), "1 class (only 'cats')"),
    "a single class in a folder": (lambda: packed(pets("top/train/", classes=("cats",))), "1 class (only 'cats')"),
    "loose images": (lambda: packed({**pets(), "loose.png": picture()}), "'loose.png'", "no folder"),
    "loose images in train": (lambda: packed({**pets("train/"), "train/x.png": picture()}), "'train/x.png'"),
    "too few": (lambda: packed({**pets(), "owls/1.png": picture()}), "'owls' has 1 images"),
    "a class for the test only": (lambda: packed({**pets("train/"), **pets("test/", 1, ("cats", "owls"))}), "'owls'"),
    "a text called .png": (lambda: packed({**pets(), "cats/x.png": b"Dear Sir or Madam"}), "'cats/x.png'", "image"),
    "a text in a class": (lambda: packed({**pets(), "cats/x.txt": b"Dear"}), "'cats/x.txt'", "must be an image"),
    "half an image": (lambda: packed({**pets(), "cats/x.png": picture(size=(99, 99))[:-60]}), "'cats/x.png'"),
    "half a photograph": (lambda: packed({**pets(), "cats/x.jpg": picture(kind="JPEG")[:-300]}), "'cats/x.jpg'"),
    "PostScript": (lambda: packed({**pets(), "cats/x.png": b"%!PS-Adobe-3.0 EPSF-3.0\n"}), "'cats/x.png'"),
    "a zip in the zip": (lambda: packed({**pets(), "cats/more.zip": packed(pets())}), "'cats/more.zip'", "archive"),
    "climbing out": (lambda: packed({**pets(), "../../evil.png": picture()}), "'../../evil.png'", "leads out"),
    "climbing out by backslashes": (lambda: packed({**pets(), "..\\..\\evil.png": b""}), "evil.png", "leads out"),
    "an absolute path": (lambda: packed({**pets(), "/etc/evil.png": picture()}), "'/etc/evil.png'", "leads out"),
    "a drive": (lambda: packed({**pets(), "C:\\evil.png": picture()}), "evil.png", "leads out"),
    "a link": (lambda: patched(pets(), "cats/3.png", make_link), "'cats/3.png'", "is a link"),
    "encrypted": (lambda: patched(pets(), "cats/3.png", set_flag), "'cats/3.png'", "encrypted"),
    "packed by LZMA": (lambda: packed(pets(), zipfile.ZIP_LZMA), "cats/0.png", "plain zip"),
    "a bomb": (lambda: packed({**pets(), "cats/x.bmp": FLAT}), "'cats/x.bmp'", "zip bomb"),
    "a large file": (lambda: packed({**pets(), "cats/x.bmp": bytes(33 << 20)}), "'cats/x.bmp'", "33.6 MB"),
    "a size that lies": (
        lambda: patched({**pets(), "cats/x.png": FLAT}, "cats/x.png", claim_less),
        "'cats/x.png'",
        "cannot be read",
    ),
    "a list of entries without end": (bomb_directory, "list of entries"),
    "an image of many pixels": (
        lambda: packed({**pets(), "cats/x.png": picture(size=(6000, 5000))}),
        "'cats/x.png'",
        "too many pixels",
    ),
    "an image of very many pixels": (
        lambda: packed({**pets(), "cats/x.gif": b"GIF89a\xff\xff\xff\xff\0\0\0" + bytes(50)}),
        "'cats/x.gif'",
    ),
    "a name of control characters": (lambda: packed(pets(classes=("a\x1b[31m", "b"))), "name"),
    "a long name": (lambda: packed(pets(classes=("a" * 80, "b"))), "at most 40 letters"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_zips_are_refused_in_one_sentence(folders, kind):
    make, *fragments = HOSTILE[kind]
    refused(lambda: own.keep(make()), *fragments)
    assert not any(path.is_file() for path in folders.rglob("*")), "nothing of it reaches the disk"


LIMITED = {
    "zip_bytes": (500, "at most 500 B"),
    "images": (11, "12 images"),
    "classes": (1, "2 classes"),
    "unpacked_bytes": (500, "unpacks to"),
    "all_pixels": (5000, "in all"),
    "file_bytes": (20, "unpacks to"),
    "pixels": (1000, "too many pixels"),
    "per_class": (7, "must have 7"),
    "directory_bytes": (100, "list of entries"),
}


@pytest.mark.parametrize("limit", LIMITED)
def test_limits_can_be_set(limit):
    value, message = LIMITED[limit]
    refused(lambda: own.keep(packed(pets()), limits=replace(own.LIMITS, **{limit: value})), message)


def test_a_path_is_read_and_names_the_set(folders):
    (folders / "my pets.zip").write_bytes(packed(pets()))
    assert own.load(own.keep(folders / "my pets.zip")).title == "my pets (own images)"
    refused(lambda: own.keep(folders / "none.zip"), "none.zip", "cannot be read")


def test_a_digest_that_is_not_there_any_more():
    assert "send a zip" in str(OwnImages().missing())
    refused(OwnImages().load, "send a zip")
    unknown = OwnImages(digest="a" * 64)
    assert refused(unknown.load, "a" * 12, "send the zip again") == str(unknown.missing())
    with pytest.raises(ChoiceError, match=r"'\.\./\.\./etc/passwd', but must be the 64 hexa"):
        OwnImages(digest="../../etc/passwd")
    assert str(OwnImages.knobs()["digest"].allowed) == own.DIGEST_TEXT


def test_damaged_kept_images_are_set_aside():
    digest = own.keep(packed(pets()))
    path = own.stored_path(digest)
    content = path.read_bytes()
    path.write_bytes(content[:-100])
    refused(lambda: own.load(digest), path, "damaged", "send the zip again")
    assert not path.exists() and path.with_name(path.name + ".damaged").exists()
    assert own.keep(packed(pets())) == digest and len(own.load(digest).labels) == 10


def test_no_changed_byte_of_kept_images_is_trained_on():
    digest = own.keep(packed(pets()))
    path = own.stored_path(digest)
    content, right = path.read_bytes(), own.load(digest)
    noticed = 0
    places = [*range(40), *range(40, len(content), 509), *range(len(content) - 600, len(content), 7)]
    for at in places:
        path.write_bytes(content[:at] + bytes([content[at] ^ 255]) + content[at + 1 :])
        try:
            image_set = own.load(digest)
        except DataError:
            noticed += 1
        else:  # a date, or what a zip says twice
            assert np.array_equal(image_set.images, right.images) and np.array_equal(image_set.labels, right.labels)
            assert (image_set.title, image_set.classes) == (right.title, right.classes)
    assert noticed > 0.6 * len(places)


def test_kept_zips_stay_within_a_bound_and_the_last_used_stay():
    small = replace(own.LIMITS, kept_bytes=100_000)
    digests = []
    for n in range(3):
        digests.append(own.keep(packed({**pets(), "n.txt": str(n)}), limits=small))
        for age, digest in enumerate(reversed(digests)):
            if own.stored_path(digest).exists():
                os.utime(own.stored_path(digest), (time.time() - 100 * age - 50,) * 2)
        own.load(digests[0])
    assert [own.stored_path(digest).exists() for digest in digests] == [True, False, True]


def test_reading_can_be_cancelled():
    def cancel(text, share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        own.keep(packed(pets()), cancel)
    assert not (cache_folder() / "own").exists()


def test_names_in_older_zips_are_read_as_utf8():
    data = packed(pets(classes=("Kühe", "dogs")))
    with zipfile.ZipFile(io.BytesIO(data)) as zip_file:
        info = zip_file.infolist()[0]
    info.flag_bits, info.filename = 0, "Kühe/0.png".encode().decode("cp437")
    assert own._name(info) == "Kühe/0.png"
    assert own.load(own.keep(data)).classes == ("Kühe", "dogs")


@pytest.mark.skipif(JPEGS is None, reason="cifar-10-jpeg75 is neither in PLAYGROUND_DATA_DIR nor in ../shared/data")
def test_sixty_thousand_real_images():
    reports = []
    digest = own.keep(JPEGS / "cifar10_jpeg75.zip", lambda *_: reports.append(time.monotonic()))
    assert np.quantile(np.diff(reports), 0.95) < 0.3
    began = time.process_time()
    image_set = own.load(digest)
    assert time.process_time() - began < 3
    assert image_set.classes == tuple(sorted(cifar10.CLASSES)) and image_set.title == "cifar10_jpeg75 (own images)"
    assert np.array_equal(np.bincount(image_set.labels), [5000] * 10)
    assert np.array_equal(np.bincount(image_set.test_labels), [1000] * 10)


# --- splits ---

UNEVEN = np.repeat(np.arange(4), [700, 200, 90, 10]).astype(np.uint8)


def draw(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("count", [1, 37, 500, 1000])
def test_every_beginning_of_the_order_holds_the_classes_in_their_shares(count):
    order = stratified_order(UNEVEN, draw())
    assert np.array_equal(np.sort(order), np.arange(1000))
    got = np.bincount(UNEVEN[order[:count]], minlength=4)
    assert np.abs(got - np.bincount(UNEVEN) * count / 1000).max() <= 1


def test_subsets_are_nested_and_drawn_from_the_seed():
    small, large = subset(UNEVEN, 100, draw()), subset(UNEVEN, 300, draw())
    assert set(small) < set(large) and len(large) == 300 and len(subset(UNEVEN, 5000, draw())) == 1000
    assert not np.array_equal(small, subset(UNEVEN, 100, draw(1)))


def test_split_parts_the_images():
    training, validation = split(UNEVEN, 0.1, draw())
    assert len(validation) == 100 and np.array_equal(np.sort(np.r_[training, validation]), np.arange(1000))
    assert np.array_equal(np.bincount(UNEVEN[validation]), [70, 20, 9, 1])
    again = split(UNEVEN, 0.1, draw())
    assert np.array_equal(training, again[0]) and np.array_equal(validation, again[1])
    assert not np.array_equal(validation, split(UNEVEN, 0.1, draw(1))[1])


def test_split_at_its_ends():
    assert [len(part) for part in split(UNEVEN, 0.0, draw())] == [1000, 0]
    assert [len(part) for part in split(UNEVEN, 1e-9, draw())] == [999, 1]
    assert [len(part) for part in split(UNEVEN, 1.0, draw())] == [1, 999]


# --- the menu ---


def test_the_first_data_set_is_always_there():
    assert list(datasets) == ["generated", "cifar10", "own"]
    assert not datasets["generated"]().missing()


@pytest.mark.parametrize("name", datasets)
def test_every_data_set_explains_itself(name):
    doc = datasets[name].__doc__
    assert all(word in doc for word in ("Formula:", "Watch:", "Reference:"))
    assert datasets[name].summary().endswith(".")
