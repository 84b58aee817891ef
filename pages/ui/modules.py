"""The scripts of the components: ES modules at addresses that hold one hash of all of them.

`GET assets/<hash>/<folder>/<name>.js` below the app's base path answers with a module. A module imports others by
relative addresses, so the one hash covers them too, and a browser keeps what it has for ever.
"""

from __future__ import annotations

import gzip
from functools import cache
from hashlib import blake2b

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}


@cache
def modules() -> dict[str, bytes]:
    """Every module by its place below `assets/`, as `kit/view.js`."""
    from playground.paths import ASSETS  # not at the top: the server imports this module before the package

    return {path.relative_to(ASSETS).as_posix(): path.read_bytes() for path in sorted(ASSETS.glob("*/*.js"))}


@cache
def digest() -> str:
    """16 hexadecimal digits that change with any module."""
    parts = (part for name, text in modules().items() for part in (name.encode(), text))
    return blake2b(b"\0".join(parts), digest_size=8).hexdigest()


@cache
def _compressed(name: str) -> bytes:
    return gzip.compress(modules()[name], mtime=0)


def script(folder: str) -> str:
    """The script of a component, which is sent with every rerun: it imports the module named like its folder.

    The address is relative to the page's own, which may lie below a base path of the server or of a proxy.
    """
    return f"""const address = () => new URL("./assets/{digest()}/{folder}/{folder}.js", document.baseURI).href;
export default async (given) => (await import(address())).default(given);
"""


async def module(request: Request) -> Response:
    """A module as it lies in memory. Another hash belongs to another version, which this server does not have."""
    name = request.path_params["name"]
    if request.path_params["digest"] != digest() or name not in modules():
        return PlainTextResponse("There is no such module.", status_code=404, headers={"Cache-Control": "no-store"})
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    # Said to be encoded already, or Streamlit would compress it again and again.
    headers = {**HEADERS, "Content-Encoding": "gzip" if zipped else "identity"}
    return Response(_compressed(name) if zipped else modules()[name], media_type="text/javascript", headers=headers)


ROUTES = [Route(f"{base}/assets/{{digest}}/{{name:path}}", module) for base in ("", "/{base:path}")]
