"""What kind of test each is, by its folder and file."""

import re
from pathlib import Path

import pytest

KINDS = {
    "browser": "a server, and Chromium on its pages",
    "page": "a page without a browser",
    "nets": "nets and trainings: also run with other instructions of the processor (.ci/run)",
    "cuda": "says something new on a machine with a GPU (python -m bench gpu)",
}


def kinds_of(path: Path, name: str) -> set[str]:
    """The kinds of a test by where it is and what it is called."""
    stem, kinds = path.stem, set()
    if path.parent.name == "browser":
        kinds.add("browser")
    if re.fullmatch(r"test_(pages|\w+_page)", stem):
        kinds.add("page")
    if stem in ("test_stepping", "test_training", "test_networks", "test_layers", "test_initializers"):
        kinds.add("nets")
    if re.search(r"cuda|_gpu", name):
        kinds.add("cuda")
    return kinds


def pytest_configure(config):
    for name, told in KINDS.items():
        config.addinivalue_line("markers", f"{name}: {told}")


@pytest.hookimpl(tryfirst=True)  # before markers choose
def pytest_collection_modifyitems(items):
    for item in items:
        for kind in kinds_of(item.path, item.name):
            item.add_marker(kind)
