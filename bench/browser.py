"""The page Race in headless Chromium: first paint, a changed knob, frames a second."""

from __future__ import annotations

import contextlib
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import playground as pg
from bench.engine import ten_racers

ROOT = Path(__file__).parents[1]


@contextlib.contextmanager
def server(wait: bool = True) -> Iterator[tuple[str, subprocess.Popen, float]]:
    """A fresh server: its address, its process, and when it was started."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    begin = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
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
    """Seconds from `streamlit run` to the first painted race, and whether the server has torch in memory."""
    with server() as (address, process, begin):
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{address}/race")
        page.wait_for_selector(".player[data-painted]")
        spent = time.perf_counter() - begin
        loaded = "libtorch" in Path(f"/proc/{process.pid}/maps").read_text()
        page.close()
    return spent, loaded


def changed_knobs(page, times: int) -> list[float]:
    """Seconds from a click on a knob's plus to the first frame of the new race."""
    spent = []
    page.get_by_role("button", name="Adam · lr").click()
    field = page.get_by_label("lr", exact=True)
    button = field.locator("xpath=ancestor::*[@data-testid='stNumberInput']").get_by_test_id("stNumberInputStepUp")
    field.wait_for()
    for _ in range(times):
        before = page.locator(".player").get_attribute("data-painted")
        begin = time.perf_counter()
        button.click()
        page.wait_for_selector(f".player[data-painted]:not([data-painted='{before}'])")
        spent.append(time.perf_counter() - begin)
        page.wait_for_timeout(300)
    return spent


def frames(page) -> float:
    """Frames a second while ten racers play, as the player counts them."""
    page.wait_for_selector(".player[data-playing='true'][data-fps]")
    page.wait_for_timeout(2500)
    return float(page.locator(".player").get_attribute("data-fps"))


def rows() -> list[tuple[str, str, str]]:
    """Rows of the table: what, measured, bar."""
    with chromium() as browser:
        opened = [first_paint(browser) for _ in range(5)]
        with server() as (address, _, _):
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"{address}/race?{ten_racers().to_query()}")
            rate = frames(page)
            page.goto(f"{address}/race?{pg.Race().to_query()}")
            page.wait_for_selector(".player[data-painted]")
            knob = statistics.median(changed_knobs(page, 15))
    paint = statistics.median(spent for spent, _ in opened)
    torch = "yes" if any(loaded for _, loaded in opened) else "no"
    return [
        ("a changed knob to the first painted frame of the new race, headless Chromium",
         f"{knob * 1e3:.0f} ms", "at most 400 ms"),
        ("frames a second while ten racers play", f"{rate:.0f}", "at least 50"),
        ("`streamlit run` to the first painted race", f"{paint:.1f} s", "at most 3 s"),
        ("torch in the server's memory after opening the page", torch, "no"),
    ]  # fmt: skip
