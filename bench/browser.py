"""The pages in headless Chromium: first paint, a changed knob, frames a second, a click on Start."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import playground as pg
from bench.engine import ten_racers
from playground.presets.training import training

ROOT = Path(__file__).parents[1]


@contextlib.contextmanager
def server(**environment: str) -> Iterator[tuple[str, subprocess.Popen, float]]:
    """A fresh server, keeping its bytecode as Python does by itself: its address, its process, when it was started."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    begin = time.perf_counter()
    own = os.environ | {"PYTHONDONTWRITEBYTECODE": ""} | environment
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=own)
    try:
        address = f"http://127.0.0.1:{port}"
        while True:
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.02)
        yield address, process, begin
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def chromium() -> Iterator:
    """A headless browser."""
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        yield browser
        browser.close()


def first_paint(browser) -> tuple[float, bool]:
    """Seconds from `streamlit run` to the first painted race in an open browser, and whether the server has torch."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    with server() as (address, process, begin):
        page.goto(f"{address}/race")
        page.wait_for_selector(".player[data-painted]")
        spent = time.perf_counter() - begin
        has_torch = "libtorch" in Path(f"/proc/{process.pid}/maps").read_text()
        page.close()
    return spent, has_torch


TIMED = """root => {
    const before = root.dataset.painted;
    let begin = NaN;
    document.addEventListener("click", (event) => { begin = event.timeStamp; }, { capture: true, once: true });
    root.changed = new Promise((done) => new MutationObserver((_, observer) => {
        if (root.dataset.painted === before) return;
        observer.disconnect();
        requestAnimationFrame((now) => done((now - begin) / 1000)); // the next frame: this one is on the screen
    }).observe(root, { attributeFilter: ["data-painted"] }));
}"""


def changed_knobs(page, times: int, opened: bool = False) -> list[float]:
    """Seconds from a click on a knob's plus to the first frame of the new race.

    Taken in the page: the robot that clicks looks for a tenth of a second whether the button may be clicked.
    """
    spent = []
    if not opened:
        page.get_by_role("button", name="Adam · lr").click()
    field = page.get_by_label("lr", exact=True)
    button = field.locator("xpath=ancestor::*[@data-testid='stNumberInput']").get_by_test_id("stNumberInputStepUp")
    field.wait_for()
    player = page.locator(".player")
    for _ in range(times):
        player.evaluate(TIMED)
        button.click()
        spent.append(player.evaluate("root => root.changed"))
        page.wait_for_timeout(300)
    return spent


def rerun(browser, address: str) -> int:
    """Bytes that the server sends after one click on a knob's plus: the page Race with four racers."""
    page, lengths = browser.new_page(viewport={"width": 1440, "height": 900}), []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: lengths.append(len(frame))))
    page.goto(f"{address}/race?{pg.Race().to_query()}")
    page.wait_for_selector(".player[data-painted]")
    changed_knobs(page, 1)
    page.wait_for_timeout(1500)
    lengths.clear()
    changed_knobs(page, 1, opened=True)
    page.wait_for_timeout(1500)
    page.close()
    return sum(lengths)


def frames(page) -> float:
    """Frames a second while ten racers play, as the player counts them."""
    page.wait_for_selector(".player[data-playing='true'][data-fps]")
    page.wait_for_timeout(2500)
    return float(page.locator(".player").get_attribute("data-fps"))


DRAGGED = """root => new Promise(done => {
    const { start, picture } = root.player.parts;
    const box = picture.getBoundingClientRect();
    let frame = 0;
    const move = () => {
        const [x, y] = [Math.cos(frame / 40), Math.sin(frame / 40)].map(part => 0.5 + 0.3 * part);
        const place = { clientX: box.left + x * box.width, clientY: box.top + y * box.height };
        start.dispatchEvent(new PointerEvent("pointermove", place));
        if (++frame < 200) requestAnimationFrame(move); else done(Number(root.dataset.fps));
    };
    move();
})"""


def dragged_frames(page) -> float:
    """Frames a second while the start is dragged, each with all races computed and drawn anew."""
    page.locator(".player").press("End")
    page.locator(".player .ring").hover()
    page.mouse.down()
    rate = page.locator(".player").evaluate(DRAGGED)
    page.mouse.up()
    return rate


# All that are there: a rerun may have put another one in the place of the first.
STARTED = """roots => roots.some((root) =>
    root.observatory?.shown.some((one) => !one.stored && one.run.ticks.length > 0))"""
SEEDS = iter(range(1000, 2000))


def started(page, address: str, rest: float) -> float:
    """Seconds from a click on Start to the first point of a curve; `rest` seconds after the page was opened."""
    spec = training(network="convnetjs", normalization="none", epochs=200, seed=next(SEEDS))
    page.goto(f"{address}/train?{spec.to_query()}")
    button = page.get_by_role("button", name="Start", exact=True)
    button.wait_for()
    page.wait_for_timeout(1e3 * rest)
    begin = time.perf_counter()
    button.click()
    while not page.locator(".observatory").evaluate_all(STARTED):
        if time.perf_counter() > begin + 60:
            raise TimeoutError(f"no point of a curve within 60 s; the page says: {page.inner_text('body')[:2000]}")
        page.wait_for_timeout(20)
    return time.perf_counter() - begin


def trainings(browser) -> tuple[list[float], list[float], list[float]]:
    """Seconds to the first point, cold and warm, and those of a changed knob on Race while two runs train."""
    cold, warm, knobs = [], [], []
    for _ in range(5):
        with tempfile.TemporaryDirectory() as folder, server(PLAYGROUND_STORE=folder) as (address, _, _):
            pages = [browser.new_page(viewport={"width": 1440, "height": 900}) for _ in range(3)]
            cold.append(started(pages[0], address, 0))
            pages[0].get_by_role("button", name="Stop", exact=True).click()
            pages[0].wait_for_timeout(3000)
            warm.append(started(pages[0], address, 3))
            started(pages[1], address, 3)
            pages[2].goto(f"{address}/race?{pg.Race().to_query()}")
            pages[2].wait_for_selector(".player[data-painted]")
            knobs += changed_knobs(pages[2], 8)
            for page in pages:
                page.close()
    return cold, warm, knobs


def rows() -> list[tuple[str, str, str]]:
    """Rows of the table: what, measured, bar."""
    with chromium() as browser:
        paints = [first_paint(browser) for _ in range(5)]
        with server() as (address, _, _):
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"{address}/race?{ten_racers().to_query()}")
            rate, dragged_rate = frames(page), dragged_frames(page)
            page.goto(f"{address}/race?{pg.Race().to_query()}")
            page.wait_for_selector(".player[data-painted]")
            knob = statistics.median(changed_knobs(page, 15))
            page.close()
            size = rerun(browser, address)
        cold, warm, busy = (statistics.median(spent) for spent in trainings(browser))
    paint = statistics.median(spent for spent, _ in paints)
    torch = "yes" if any(has_torch for _, has_torch in paints) else "no"
    return [
        ("a changed knob to the first painted frame of the new race, headless Chromium",
         f"{knob * 1e3:.0f} ms", "at most 400 ms"),
        ("bytes that it sends, four racers", f"{size / 1000:.0f} kB", "at most 130 kB"),
        ("frames a second while ten racers play", f"{rate:.0f}", "at least 50"),
        ("frames a second while the start of ten racers x 500 steps is dragged", f"{dragged_rate:.0f}", "at least 50"),
        ("`streamlit run` to the first painted race, in an open browser", f"{paint:.1f} s", "at most 3 s"),
        ("a click on Start to the first point of a curve, cluster warm", f"{warm:.1f} s", "at most 2.5 s"),
        ("the same with the click as soon as the page of a fresh server is there", f"{cold:.1f} s", "at most 6 s"),
        ("a changed knob on the page Race to its first painted frame while two runs train",
         f"{busy * 1e3:.0f} ms", "at most 600 ms"),
        ("torch in the server's memory after opening the page", torch, "no"),
    ]  # fmt: skip
