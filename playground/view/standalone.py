"""A component as a page of its own: its modules, styles and data in one file that needs no server and no network."""

from __future__ import annotations

import base64
import json
import re
from html import escape

from playground.messages import language
from playground.paths import ASSETS
from playground.record import RaceRecord
from playground.view import player
from playground.view.theme import THEMES

IMPORT = re.compile(r'(from\s+|import\()"(\.[^"]+)"')
ROOT = "playground/"  # what modules call each other by: addresses relative to one that holds its own text lead nowhere
PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>:root {{ {colours} }} body {{ margin: 16px; background: var(--st-background-color) }}
.player .copy {{ display: none }}</style>
<style>{styles}</style>
<script type="importmap">{modules}</script></head>
<body><main id="stage"></main><script type="module">
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const parentElement = document.getElementById("stage");
const given = (text) => ({{ parentElement, data: bytes(text), setTriggerValue() {{}} }});
(await import("{root}lasting/lasting.js")).default(given("{ground}"));
(await import("{root}player/player.js")).default(given("{race}"));
</script></body></html>
"""


def player_page(record: RaceRecord, theme: str = "light", start: int = 0) -> str:
    """The race, playing; start and knobs can be dragged as in the app."""
    colours = THEMES[theme]
    named = {
        "background-color": colours.background, "secondary-background-color": colours.panel,
        "text-color": colours.text, "primary-color": colours.accent, "border-color": colours.grid,
        "font": "system-ui, sans-serif",
    }  # fmt: skip
    parts = [path for folder in ("kit", "lasting", "player") for path in sorted((ASSETS / folder).glob("*"))]
    modules = {f"{ROOT}{path.parent.name}/{path.name}": _module(path.read_text(), path.parent.name) for path in parts}
    return PAGE.format(
        language=language(), title=escape(str(record.title)), root=ROOT,
        colours=" ".join(f"--st-{name}: {value};" for name, value in named.items()),
        styles="\n".join(path.read_text() for path in parts if path.suffix == ".css"),
        modules=json.dumps({"imports": {name: text for name, text in modules.items() if name.endswith(".js")}}),
        ground=base64.b64encode(player.ground(record.terrain)).decode(),
        race=base64.b64encode(player.payload(record, start=start)).decode(),
    )  # fmt: skip


def _module(text: str, folder: str) -> str:
    """A module as an address that holds it, its imports by name."""

    def name(found: re.Match[str]) -> str:
        address = found.group(2)
        there = address.removeprefix("../") if address.startswith("../") else f"{folder}/{address.removeprefix('./')}"
        return f'{found.group(1)}"{ROOT}{there}"'

    return "data:text/javascript;base64," + base64.b64encode(IMPORT.sub(name, text).encode()).decode()
