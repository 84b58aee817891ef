"""The scripts, styles and texts of the components: files at addresses that hold one hash of all of them.

`GET assets/<hash>/<folder>/<name>` below the app's base path answers with an ES module, a style sheet, or the texts of
a language (`locale/<language>.json`). A module names others by relative addresses, so the one hash covers them too, and
a browser keeps what it has for ever.
"""

from __future__ import annotations

import gzip
import json
import re
from functools import cache
from hashlib import blake2b
from posixpath import dirname, normpath, splitext

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

KINDS = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}
IMPORTED = re.compile(r'^(?:import|export)\b[^"]*?"(\.[^"]+)";$', re.MULTILINE)
HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}


@cache
def modules() -> dict[str, bytes]:
    """Every module and style sheet by its place below `assets/`, as `kit/view.js`, and the texts of every language."""
    from playground.paths import ASSETS  # not at the top: the server imports this module before the package

    paths = sorted(path for path in ASSETS.glob("*/*") if path.suffix in (".js", ".css"))
    files = {path.relative_to(ASSETS).as_posix(): path.read_bytes() for path in paths}
    return files | {f"locale/{language}.json": texts(language) for language in _translated()}


def _translated() -> tuple[str, ...]:
    """The languages besides English. Here and below, what the server must not import before it listens."""
    from playground.messages import languages

    return languages()[1:]


def texts(language: str) -> bytes:
    """What the scripts say in a language: English template -> text, or both texts of a plural."""
    from playground.extraction import in_scripts
    from playground.messages import both, speaking, translate

    with speaking(language):
        catalogue = {
            template.text: both(template.text, template.plural) if template.plural else translate(template.text)
            for template in in_scripts()
        }
    return json.dumps(catalogue, ensure_ascii=False).encode()


@cache
def digest() -> str:
    """16 hexadecimal digits that change with any of them."""
    parts = (part for name, text in modules().items() for part in (name.encode(), text))
    return blake2b(b"\0".join(parts), digest_size=8).hexdigest()


@cache
def _compressed(name: str) -> bytes:
    return gzip.compress(modules()[name], mtime=0)


@cache
def imported_modules(name: str) -> tuple[str, ...]:
    """All modules that a module imports, by way of others too, in alphabetical order."""
    names, open_ = set(), [name]
    while open_:
        here = open_.pop()
        for address in IMPORTED.findall(modules()[here].decode()):
            there = normpath(f"{dirname(here)}/{address}")
            if there not in names:
                names.add(there)
                open_.append(there)
    return tuple(sorted(names - {name}))


def script(folder: str, language: str = "en") -> str:
    """The script of a component, which is sent with every rerun: it imports the module named like its folder, once the
    texts of the language are there.

    It asks for all that the module needs at once, else each floor of imports would cost a round trip. The addresses are
    relative to the page's own, which may lie below a base path of the server or of a proxy.
    """
    name = f"{folder}/{folder}.js"
    fetched = [style for style in ("kit/kit.css", f"{folder}/{folder}.css") if style in modules()]
    ready = "0"
    if language != "en":
        fetched.append(f"locale/{language}.json")
        ready = f'import(at("kit/messages.js")).then(({{ speak }}) => speak(at("{fetched[-1]}")))'
    return f"""const at = (name) => new URL(`./assets/{digest()}/${{name}}`, document.baseURI).href;
const early = (names, facts) => names.split(" ").forEach((name) =>
  document.head.append(Object.assign(document.createElement("link"), facts, {{ href: at(name) }})));
early("{" ".join(fetched)}", {{ rel: "preload", as: "fetch", crossOrigin: "anonymous" }});
early("{" ".join(imported_modules(name))}", {{ rel: "modulepreload" }});
const ready = {ready};
export default async (given) => (await ready, await import(at("{name}"))).default(given);
"""


async def module(request: Request) -> Response:
    """A module or style sheet as it lies in memory. Another hash is one of a version that this server does not have."""
    name = request.path_params["name"]
    if request.path_params["digest"] != digest() or name not in modules():
        return PlainTextResponse("There is no such module.", status_code=404, headers={"Cache-Control": "no-store"})
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    # Said to be encoded already, or Streamlit would compress it again and again.
    headers = {**HEADERS, "Content-Encoding": "gzip" if zipped else "identity"}
    body, kind = _compressed(name) if zipped else modules()[name], KINDS[splitext(name)[1]]
    return Response(body, media_type=kind, headers=headers)


ROUTES = [Route(f"{base}/assets/{{digest}}/{{name:path}}", module) for base in ("", "/{base:path}")]
