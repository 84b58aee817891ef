"""`python -m bench gpu`: every CUDA case of the tests, and what a GPU is for, each in a process and a time of its own.

    PLAYGROUND_DATA_DIR=FOLDER python -m bench gpu --out FOLDER [--images "CIFAR-10 as JPEG"] [--parts tests,maps]

It needs numpy, scipy, numba, sympy, torch, pillow and, for the tests, pytest, pytest-xdist and pytorch_optimizer; no
network. A part that fails or outruns its time leaves the rows that it has printed, and the others run. With
`--device cpu --small` the same is tried on a machine without a GPU.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[1]
SECONDS = {"training": 110, "maps": 60, "nets": 80, "tests": 210}  # together below the 8 minutes of issue and machine
CASE = re.compile(r"(PASSED|FAILED|ERROR|SKIPPED) (tests/\S.*?) *(?:- .*)?$", re.M)
Row = tuple[str, str, str]


def main(arguments: list[str]) -> int:
    """Runs the parts, prints the table and writes it to `gpu.md` and `gpu.json`; 1 if a part has failed."""
    options = _options(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    results = {"machine": machine(options.device), "images": options.images, "rows": [], "red": [], "problems": []}
    for part in options.parts.split(","):
        start = time.perf_counter()
        text, problem = _run(part, _command(part, options), options)
        rows, red = case_rows(text) if part == "tests" else (printed_rows(text), [])
        results["rows"] += [*rows, (f"the part `{part}` of this command", f"{time.perf_counter() - start:.0f} s", "")]
        results["red"] += red
        results["problems"] += [f"{part}: {problem}"] if problem else []
        (options.out / "gpu.json").write_text(json.dumps(results, indent=1))
        (options.out / "gpu.md").write_text(as_markdown(results))
    print(as_markdown(results))
    return 1 if results["problems"] else 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench gpu", description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("bench-gpu"), help="folder for gpu.md, gpu.json and the logs")
    parser.add_argument("--parts", default=",".join(SECONDS), help="some of: " + ", ".join(SECONDS))
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--small", action="store_true", help="tiny sizes, to try the command itself")
    parser.add_argument("--images", default="CIFAR-10", help="what the images in the folder are, for the table")
    parser.add_argument("--workers", type=int, default=min(8, os.cpu_count() or 1), help="processes for the tests")
    return parser.parse_args(arguments)


def _command(part: str, options: argparse.Namespace) -> list[str]:
    if part != "tests":
        return ["-m", "bench.gpu_parts", part, options.device, *(["--small"] if options.small else [])]
    files = [str(file) for file in sorted(ROOT.glob("tests/test_*.py")) if "cuda" in file.read_text()]
    limit = ["--timeout=100"] if importlib.util.find_spec("pytest_timeout") else []
    quiet = ["-o", "filterwarnings=", "-o", "addopts=", "-p", "no:cacheprovider", "--tb=short", "-v", *limit]
    return ["-m", "pytest", *quiet, "-n", str(options.workers), "--dist", "worksteal", "-m", "cuda", *files]


def _run(part: str, command: list[str], options: argparse.Namespace) -> tuple[str, str]:
    """What a part has printed, which is kept beside the table, and what went wrong with it."""
    log = options.out / f"gpu-{part}.txt"
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "BENCH_IMAGES": options.images}
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment, stdout=out, stderr=out, start_new_session=True
        )
        try:
            code = process.wait(SECONDS[part])
            problem = f"ended with {code}" if code else ""
        except subprocess.TimeoutExpired:
            problem = f"stopped after {SECONDS[part]} s"
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    text = log.read_text(errors="replace")
    last = text.strip().rpartition("\n")[2]
    return text, f"{problem}: {last}" if problem else ""


def printed_rows(text: str) -> list[Row]:
    """The rows among the lines that a part has printed."""
    return [tuple(json.loads(line)) for line in text.splitlines() if line.startswith('["')]


def case_rows(text: str) -> tuple[list[Row], list[str]]:
    """A row of how the cases of the tests went, and the names of the red ones; also of a run that was stopped."""
    cases = {name: word for word, name in CASE.findall(text)}
    count = Counter(cases.values())
    red = sorted(name for name, word in cases.items() if word in ("FAILED", "ERROR"))
    texts = [f"{count[word]} {word.lower()}" for word in ("PASSED", "FAILED", "ERROR", "SKIPPED") if count[word]]
    return [("cases of the tests for a GPU", ", ".join(texts) or "none ran", "all pass")], red


def machine(device: str) -> str:
    """The card and the libraries, in one line."""
    code = (
        "import os, platform, torch\n"
        f"name = torch.cuda.get_device_name() if {device!r} == 'cuda' and torch.cuda.is_available() else 'no GPU'\n"
        "print(f'{name}, {os.cpu_count()} cores, PyTorch {torch.__version__}, Python {platform.python_version()}')"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    return process.stdout.strip() or "no PyTorch: " + process.stderr.strip()[-200:]


def as_markdown(results: dict) -> str:
    """The table under the machine's name, then red cases and problems."""
    rows = [("What", "Measured", "Bar"), ("---", "---", "---"), *results["rows"]]
    lines = [results["machine"] + ".", "", *(f"| {' | '.join(row)} |" for row in rows)]
    for title in ("red", "problems"):
        lines += (
            ["", f"{title.capitalize()}:", "", *(f"- `{line}`" for line in results[title])] if results[title] else []
        )
    return "\n".join(lines) + "\n"
