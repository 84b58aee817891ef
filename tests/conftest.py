"""What kind of test each is, by its folder and file."""

import os
import re
from pathlib import Path

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:  # as many processes as cores: threads of their own would only wait
    for count in ("OMP", "MKL", "OPENBLAS", "NUMBA"):
        os.environ.setdefault(f"{count}_NUM_THREADS", "1")

KINDS = {
    "fast": "for the inner loop: no server, no page, no training, at most 90 s on two cores",
    "browser": "a server, and Chromium on its pages",
    "page": "a page without a browser",
    "nets": "nets and trainings: also run with other instructions of the processor (.ci/run)",
    "whole": "one of very many of its kind: only with --whole",
    "cuda": "says something new on a machine with a GPU (python -m bench gpu)",
}


# Servers, processes, trainings and products, besides all of browser and page.
LONG = (
    "basins", "bench", "data", "forms", "gradient_check", "javascript", "labs", "libraries", "package",
    "preprocessings", "resumable_work", "runs", "runs_engine", "server", "stepping", "stored_data", "training",
    "training_files",
)  # fmt: skip


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
    if not kinds & {"browser", "page"} and stem.removeprefix("test_") not in LONG:
        kinds.add("fast")
    return kinds


def pytest_addoption(parser):
    parser.addoption("--whole", action="store_true", help="run all of the very many as well")


@pytest.fixture
def whole(request):
    """Whether all of a product is asked for, not a share in which each part meets some of the others."""
    return request.config.getoption("whole")


def pytest_configure(config):
    for name, text in KINDS.items():
        config.addinivalue_line("markers", f"{name}: {text}")


@pytest.hookimpl(tryfirst=True)  # before markers choose
def pytest_collection_modifyitems(config, items):
    for item in items:
        for kind in kinds_of(item.path, item.name):
            item.add_marker(kind)
    if not config.getoption("whole"):
        left = [item for item in items if item.get_closest_marker("whole")]
        items[:] = [item for item in items if not item.get_closest_marker("whole")]
        config.hook.pytest_deselected(items=left)
