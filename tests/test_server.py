"""The server: how it starts, and the route of the logs: what it answers, below whatever path, and what it refuses."""

import asyncio
import gc
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.applications import Starlette

from pages.ui import runs, server
from playground.runs.store import Status

ROOT = Path(__file__).parents[1]
KEY, VISITOR = "0123456789abcdef" * 2, "somebody-1"


class Stand:
    def read(self, key, offset, visitor):
        self.asked = (key, offset, visitor)
        return b"frames"[offset:], Status(state="running", size=6, watchers=2)


@pytest.fixture
def stand(monkeypatch):
    stand = Stand()
    monkeypatch.setattr(runs, "runner", lambda: stand)
    return stand


def ask(path, query="", cookie=""):
    """Status, headers and body of a GET."""
    messages = []

    async def receive():
        return {"type": "http.request"}

    async def send(message):
        messages.append(message)

    headers = [(b"cookie", cookie.encode())] if cookie else []
    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": headers}
    app = Starlette(routes=server.ROUTES)
    with ThreadPoolExecutor(1) as aside:  # the browser tests of the same process keep a loop running in this thread
        aside.submit(lambda: asyncio.run(app(scope | {"root_path": "", "http_version": "1.1"}, receive, send))).result()
    header_values = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
    return messages[0]["status"], header_values, b"".join(message.get("body", b"") for message in messages)


@pytest.mark.parametrize("base", ["", "/train", "/some/base/path"])
def test_frames_from_an_offset_and_the_state_below_any_path(stand, base):
    status, headers, body = ask(f"{base}/runs/{KEY}/log", f"from=2&visitor={VISITOR}")
    assert (status, body, stand.asked) == (200, b"ames", (KEY, 2, VISITOR))
    assert json.loads(headers["x-run"])["state"] == "running" and headers["cache-control"] == "no-store"
    assert headers["content-encoding"] == "identity", "Streamlit would compress it in the thread that serves everybody"


def test_a_browser_is_the_same_visitor_after_a_refresh(stand):
    query = f"visitor={VISITOR}"
    assert f"{runs.COOKIE}={VISITOR}" in ask(f"/runs/{KEY}/log", query)[1]["set-cookie"]
    assert "set-cookie" not in ask(f"/runs/{KEY}/log", query, f"{runs.COOKIE}={VISITOR}")[1]


@pytest.mark.parametrize(
    "path, query",
    [
        (f"/runs/{KEY}x/log", f"visitor={VISITOR}"),
        ("/runs/..%2f..%2fetc/log", f"visitor={VISITOR}"),
        (f"/runs/{KEY}/log", ""),
        (f"/runs/{KEY}/log", "visitor=a/../b-12345"),
        (f"/runs/{KEY}/log", f"from=-1&visitor={VISITOR}"),
        (f"/runs/{KEY}/log", f"from=1e9&visitor={VISITOR}"),
    ],
)
def test_what_is_no_key_offset_or_visitor_is_refused(stand, path, query):
    assert ask(path, query)[0] == 400 and not hasattr(stand, "asked")


def test_the_server_is_up_before_the_package_is_loaded():
    code = "import sys, app; print([one for one in ('playground', 'sympy', 'torch') if one in sys.modules])"
    process = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert process.stdout.strip() == "[]"


def test_loading_leaves_the_process_as_it_was():
    patience = sys.getswitchinterval()
    server._load()
    assert "playground" in sys.modules and gc.isenabled() and sys.getswitchinterval() == patience
