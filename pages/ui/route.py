"""The log of a run over HTTP, for the figures in the browser; asking for it is also what makes a watcher.

`GET runs/<key>/log?from=<offset>&visitor=<id>` below the app's base path answers with frames (`playground/runs/log.py`)
from that offset on, at most about 4 MB of them, and with the state of the run as JSON in the header `X-Run`.
"""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from pages.ui import runs

KEY, OFFSET, VISITOR = re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9]{1,15}"), re.compile(r"[\w-]{8,64}", re.ASCII)


def log(request: Request) -> Response:
    """Answers in a thread of the server, since it reads a file."""
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
ROUTES = [Route("/runs/{key}/log", log), Route("/{base:path}/runs/{key}/log", log)]
