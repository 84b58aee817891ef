"""A real server and a real browser for these tests; whatever the browser complains about fails the test."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import ClassVar
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import BrowserContext, Error, Page, expect, sync_playwright

import playground as pg
from playground.view.theme import SIGNS

ROOT = Path(__file__).parents[2]
expect.set_options(timeout=40_000)  # what is there stands at once; a busy machine may take its time
NO_BROWSER = "Browser tests need Chromium: `apt-get install chromium`, or `python -m playwright install chromium`."
BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")  # the first one has no windows of its own to draw
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDE, PHONE = (1440, 900), (390, 844)

# A page opened by its own path makes Streamlit's front-end ask first below that path where the server is, and then
# at the root: these two answers of 404 are its own way of finding out.
PROBES = re.compile(r"/[a-z]+/_stcore/(health|host-config)$")


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    result = yield
    if "visit" in pyfuncitem.funcargs:
        pyfuncitem.funcargs["visit"].must_be_quiet()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    visit = item.funcargs.get("visit") if hasattr(item, "funcargs") else None
    if report.when == "call" and report.failed and visit:
        report.sections.append(("Browser", "\n".join([*visit.photograph(), *visit.errors, *visit.warnings])))
    return report


class Server:
    """A Streamlit server of its own on a free port, with runs and images of its own."""

    def __init__(self, log: Path, base: str = ""):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}{base}"
        self.log = log.open("w+")
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.address", "127.0.0.1"]
        command += ["--server.baseUrlPath", base] if base else []
        own = {"PLAYGROUND_STORE": str(log.parent / "runs"), "PLAYGROUND_CACHE": str(log.parent / "cache")}
        self.process = subprocess.Popen(
            [*command, "--server.port", str(port)], cwd=ROOT, env=os.environ | own,
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
        )  # fmt: skip

    def wait(self):
        for _ in range(300):
            try:
                with urlopen(f"{self.url}/_stcore/health", timeout=1) as answer:
                    if answer.status == 200:
                        return self
            except (URLError, OSError):
                assert self.process.poll() is None, "the server ended:\n" + self.said()
                time.sleep(0.1)
        raise AssertionError("the server did not answer:\n" + self.said())

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


@pytest.fixture(scope="session")
def start_server(tmp_path_factory):
    """Starts a fresh server, below a base path or not; all of them end with the session."""
    started = []

    def start(base=""):
        started.append(Server(tmp_path_factory.mktemp("server") / "log.txt", base))
        return started[-1].wait()

    yield start
    for server in started:
        server.end()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        executable = next(filter(None, map(shutil.which, BROWSERS)), playwright.chromium.executable_path)
        if not Path(executable).exists():
            pytest.fail(NO_BROWSER) if os.environ.get("CI") else pytest.skip(NO_BROWSER)
        browser = playwright.chromium.launch(executable_path=executable, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(browser, start_server):
    return start_server()


class Player:
    """The player in a page, asked and operated from outside."""

    def __init__(self, page: Page):
        self.page = page
        self.root = page.locator(".player")

    def __call__(self, selector: str):
        return self.root.locator(selector)

    def ask(self, script: str, value=None):
        """What `script`, a function of the player's state and `value`, gives."""
        return self.root.evaluate(f"(root, value) => ({script})(root.player, value)", value)

    def until(self, script: str, value=None):
        """Wait until `script`, a function of the player's state and `value`, holds."""
        handle = self.root.element_handle()
        self.page.wait_for_function(f"([root, value]) => ({script})(root.player, value)", arg=[handle, value])

    def painted(self, spec: pg.Race):
        """Wait until this race is on the screen."""
        expect(self.root).to_have_attribute("data-painted", spec.key)
        return self

    def number(self, label: str):
        """The number field of this name, left of the picture."""
        return self.page.get_by_role("spinbutton", name=label, exact=True)

    def set(self, label: str, value: float):
        self.number(label).fill(str(value))
        self.number(label).press("Enter")

    def racers(self):
        """The lines of the racers, left of the picture; a click opens one."""
        return self.page.get_by_role("button").filter(has_text=re.compile(f"[{SIGNS}]"))

    def step(self) -> int:
        return int(self.root.get_attribute("data-step"))

    def plays(self, playing: bool = True):
        expect(self.root).to_have_attribute("data-playing", str(playing).lower())
        return self

    def do(self, act: str):
        self(f"[data-act={act}]").click()

    def keys(self, *names: str):
        for name in names:
            self.root.press(name)

    def at_step(self, step: int):
        expect(self.root).to_have_attribute("data-step", str(step))

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the surface lies on the page."""
        box = self(".picture .front").bounding_box()
        px, py = self.ask("(p, [x, y]) => [p.picture.pixelX(x), p.picture.pixelY(y)]", [x, y])
        return box["x"] + px, box["y"] + py

    def heads(self, step: int) -> list[list[float]]:
        """Where the racers are drawn at a step."""
        self(".scrub").fill(str(step))
        self.until("(p, step) => p.time === step && !p.dirty && !p.request", step)
        return self.ask("p => p.picture.heads.toSorted((a, b) => a.r - b.r).map(h => [h.x, h.y])")


class Visit:
    """One visitor's pages, and everything their browser complains about.

    Pages with the same options share a context, and so what it has cached: a page opens in half the time. Each begins
    without cookies and local storage; one of somebody else at the same time has a context of its own.
    """

    contexts: ClassVar[dict[str, BrowserContext]] = {}

    def __init__(self, browser, server, folder: Path):
        self.browser, self.server, self.folder = browser, server, folder
        self.pages, self.errors, self.warnings, self.sent = [], [], [], []

    def page(self, size=WIDE, somebody_else=False, **options) -> Page:
        """A new page."""
        options["viewport"] = {"width": size[0], "height": size[1]}
        name = f"{options} {somebody_else}"
        if name not in self.contexts:
            self.contexts[name] = self.browser.new_context(**options)
        context = self.contexts[name]
        context.set_default_timeout(40_000)
        page = context.new_page()
        data = {"origin": self.server.url, "storageTypes": "cookies,local_storage"}
        context.new_cdp_session(page).send("Storage.clearDataForOrigin", data)
        self.pages.append(page)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.errors.append(f"page error: {error}"))
        page.on("requestfailed", self._failed)
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: self.sent.append(frame)))
        return page

    def _heard(self, message):
        if message.type == "error" and not PROBES.search(message.location.get("url", "")):
            self.errors.append(f"console: {message.text} {message.location}")
        if message.type == "warning":
            self.warnings.append(f"console: {message.text}")

    def _failed(self, request):
        if request.failure != "net::ERR_ABORTED":  # given up by the browser itself, because the page was left
            self.errors.append(f"request: {request.url} {request.failure}")

    def open(self, path: str = "/race", page: Page | None = None, **options) -> Page:
        """A page of the app, with its player painted."""
        page = page or self.page(**options)
        page.goto(self.server.url + path)
        page.wait_for_selector(".player[data-painted]")
        return page

    def race(self, spec: pg.Race | None = None, page: Page | None = None, **options) -> Player:
        """The page Race at a spec's link."""
        page = self.open("/race" + (f"?{spec.to_query()}" if spec else ""), page, **options)
        return Player(page).painted(spec or pg.Race())

    def must_be_quiet(self):
        assert not self.errors, "\n".join(self.errors)

    def photograph(self) -> list[str]:
        """Pictures of all open pages, for whoever looks into a failure."""
        paths = []
        for page in self.pages:
            paths.append(f"{self.folder / f'failure-{len(paths)}.png'}")
            try:
                page.screenshot(path=paths[-1])
            except Error as problem:
                paths[-1] = f"no picture: {problem}"
        return paths

    def end(self):
        for page in self.pages:
            page.close()


@pytest.fixture
def visit(browser, server, tmp_path):
    visit = Visit(browser, server, tmp_path)
    yield visit
    visit.end()


def go_to(page: Page, title: str) -> None:
    """To a page by the navigation at the top, where the pages of a section come out when it is opened."""
    link = page.get_by_test_id("stTopNavLinkContainer").get_by_text(title, exact=True)
    for section in page.get_by_test_id("stTopNavSection").all():
        if link.count():
            break
        section.click()
        page.get_by_test_id("stTopNavPopover").wait_for()
        if not link.count():
            page.keyboard.press("Escape")
    link.click()


def shown_spec(page: Page) -> pg.Race:
    """The race of the address bar; raises where the address is not a faultless link."""
    return pg.Race.from_query(page.url)
