"""What the server does besides pages: it loads the package while the first visitor's browser loads the page, answers
for the logs of runs and the modules of components (`pages/ui/modules.py`), and ends the cluster.

Nothing of the package is imported at the top, because the server answers nobody before it has imported this module.

`GET runs/<key>/log?from=<offset>&visitor=<id>` below the app's base path answers with frames (`playground/runs/log.py`)
from that offset on, at most about 4 MB of them, and with the state of the run as JSON in the header `X-Run`. Asking
for it is also what makes a watcher.
"""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from threading import Thread
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from pages.ui import modules

KEY, OFFSET, VISITOR = re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9]{1,15}"), re.compile(r"[\w-]{8,64}", re.ASCII)
PATIENCE = 1e-4  # seconds that a thread waits for the one that loads, instead of 5 ms: the browser is being answered


def log(request: Request) -> Response:
    """Answers in a thread of the server, since it reads a file."""
    from pages.ui import runs

    key, offset = request.path_params["key"], request.query_params.get("from", "0")
    visitor = request.query_params.get("visitor", "")
    if not (KEY.fullmatch(key) and OFFSET.fullmatch(offset) and VISITOR.fullmatch(visitor)):
        return PlainTextResponse("key, from or visitor is not as it must be.", status_code=400)
    data, status = runs.runner().read(key, int(offset), visitor)
    # Said to be encoded already, or Streamlit would compress it in the thread that serves everybody.
    headers = {"X-Run": status.to_json(), "Cache-Control": "no-store", "Content-Encoding": "identity"}
    answer = Response(data, media_type="application/octet-stream", headers=headers)
    if request.cookies.get(runs.COOKIE) != visitor:
        answer.set_cookie(runs.COOKIE, visitor, max_age=30 * 86400, httponly=True, samesite="lax", path="/")
    return answer


# A page asks relative to its own address, which may lie below a base path of the server or of a proxy.
ROUTES = [Route("/runs/{key}/log", log), Route("/{base:path}/runs/{key}/log", log), *modules.ROUTES]


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Around the server's life."""
    Thread(target=_load, name="load", daemon=True).start()
    yield
    runs = sys.modules.get("pages.ui.runs")
    if runs:
        runs.close()


def _load() -> None:
    """Import the package, without the garbage collections that would take a fifth of that time."""
    patience = sys.getswitchinterval()
    gc.disable()
    sys.setswitchinterval(PATIENCE)
    try:
        import_module("playground.presets")
    finally:
        sys.setswitchinterval(patience)
        gc.freeze()
        gc.enable()
