"""A component as a page of its own: its modules, styles and data in one file that needs no server and no network."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from html import escape

from playground.engine.race import race
from playground.messages import language
from playground.paths import ASSETS
from playground.record import BasinRecord, RaceRecord
from playground.specs import Race
from playground.view import basins, player
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
const stage = document.getElementById("stage");
const chosen = (name, value) => {{
  const [maps, player] = ["basins", "player"].map((name) => stage.querySelector("." + name)?.[name]);
  if (name !== "start" || !maps) return;
  maps.header.start = value;
  maps.arrays.path.fill(NaN); // it led from the start before
  player.bending.want({{ start: value }});
}};
for (const [folder, text] of {components}) {{
  const parentElement = stage.appendChild(document.createElement("div"));
  const component = await import(`{root}${{folder}}/${{folder}}.js`);
  component.default({{ parentElement, data: bytes(text), setTriggerValue: chosen }});
}}
</script></body></html>
"""


def player_page(record: RaceRecord, theme: str = "light", start: int = 0) -> str:
    """The race, playing; start and knobs can be dragged as in the app."""
    shown = ("lasting", player.ground(record.terrain)), ("player", player.payload(record, start=start))
    return _page(str(record.title), theme, shown)


def maps_page(record: BasinRecord, theme: str = "light", start: int = 0) -> str:
    """The maps, whose pixels say where they lead; a click on one is the start of the race below, which plays."""
    played = replace(race(Race.of(record.spec)), spec=record.spec)
    shown = (
        ("lasting", player.ground(record.terrain)),
        ("lasting", basins.fates(record)),
        ("basins", basins.payload(record, played, start, whole=True)),
        ("player", player.payload(played, start=start)),
    )
    return _page(str(record.title), theme, shown)


def _page(title: str, theme: str, shown: Sequence[tuple[str, bytes]]) -> str:
    """`shown`: folder of a component and what it draws, in the order of the page."""
    colours = THEMES[theme]
    named = {
        "background-color": colours.background, "secondary-background-color": colours.panel,
        "text-color": colours.text, "primary-color": colours.accent, "border-color": colours.grid,
        "font": "system-ui, sans-serif",
    }  # fmt: skip
    folders = dict.fromkeys(("kit", *(folder for folder, _ in shown)))
    parts = [path for folder in folders for path in sorted((ASSETS / folder).glob("*"))]
    modules = {f"{ROOT}{path.parent.name}/{path.name}": _module(path.read_text(), path.parent.name) for path in parts}
    return PAGE.format(
        language=language(), title=escape(title), root=ROOT,
        colours=" ".join(f"--st-{name}: {value};" for name, value in named.items()),
        styles="\n".join(path.read_text() for path in parts if path.suffix == ".css"),
        modules=json.dumps({"imports": {name: text for name, text in modules.items() if name.endswith(".js")}}),
        components=json.dumps([(folder, base64.b64encode(data).decode()) for folder, data in shown]),
    )  # fmt: skip


def _module(text: str, folder: str) -> str:
    """A module as an address that holds it, its imports by name."""

    def name(found: re.Match[str]) -> str:
        address = found.group(2)
        there = address.removeprefix("../") if address.startswith("../") else f"{folder}/{address.removeprefix('./')}"
        return f'{found.group(1)}"{ROOT}{there}"'

    return "data:text/javascript;base64," + base64.b64encode(IMPORT.sub(name, text).encode()).decode()
