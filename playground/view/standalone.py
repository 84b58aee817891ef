"""A component as a page of its own: its modules, styles and data in one file that needs no server and no network."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from types import MappingProxyType
from typing import Any

from playground.engine.race import race
from playground.engine.step_inspector import inspect_step
from playground.messages import language
from playground.paths import ASSETS
from playground.record import BasinRecord, ComparisonRecord, RaceRecord, StepRecord
from playground.specs import InspectedStep, Race
from playground.view import basins, observatory, player, step_inspector
from playground.view.theme import THEMES

IMPORT = re.compile(r'(from\s+|import\()"(\.[^"]+)"')
ROOT = "playground/"  # what modules call each other by: addresses relative to one that holds its own text lead nowhere
PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>:root {{ {colours} }} body {{ margin: 16px; background: var(--st-background-color) }}
.player .copy, .step_inspector .state {{ display: none }}
figure {{ margin: 24px 0 }} figure svg {{ max-width: 100%; height: auto }}
[data-step-words=old] figure {{ opacity: 0.4 }}</style>
<style>{styles}</style>
<script type="importmap">{modules}</script></head>
<body><main id="stage"></main>{below}<script type="module">
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const given = (data) => (typeof data === "string" ? bytes(data) : data);
const answers = {answers};
const show = {{}};
const stage = document.getElementById("stage");
const chosen = (name, value) => {{
  if (name === "look") show.step_inspector(answers[value[0]]);
  const [maps, player] = ["basins", "player"].map((name) => stage.querySelector("." + name)?.[name]);
  if (name !== "start" || !maps) return;
  maps.header.start = value;
  maps.arrays.path.fill(NaN); // it led from the start before
  player.bending.want({{ start: value }});
}};
for (const [folder, first] of {components}) {{
  const parentElement = stage.appendChild(document.createElement("div"));
  const component = await import(`{root}${{folder}}/${{folder}}.js`);
  show[folder] = (data) => component.default({{ parentElement, data: given(data), setTriggerValue: chosen }});
  show[folder](first);
}}
</script></body></html>
"""


def player_page(record: RaceRecord, theme: str = "light", start: int = 0) -> str:
    """The race, playing; start and knobs can be dragged as in the app."""
    components = ("lasting", player.ground(record.terrain)), ("player", player.payload(record, start=start))
    return _page(str(record.title), theme, components)


def maps_page(record: BasinRecord, theme: str = "light", start: int = 0) -> str:
    """The maps, whose pixels say where they lead; a click on one is the start of the race below, which plays."""
    played = replace(race(Race.of(record.spec)), spec=record.spec)
    components = (
        ("lasting", player.ground(record.terrain)),
        ("lasting", basins.fates(record)),
        ("basins", basins.payload(record, played, start, whole=True)),
        ("player", player.payload(played, start=start)),
    )
    return _page(str(record.title), theme, components)


def step_page(record: StepRecord, theme: str = "light", below: str = "") -> str:
    """The race at the step, drawn into its picture: any racer can be taken apart, at any step. `below`: a figure of the
    step itself as SVG, which fades while another step is shown."""
    spec, played = record.spec, race(Race.of(record.spec))
    looks = [racer.look for racer in spec.race.racers]
    answers = {}
    for index, style in enumerate(looks):
        own = index == spec.chosen
        inspected = record if own else inspect_step(replace(spec, chosen=index))
        shown_step = InspectedStep(style, record.step if own else -1)
        answers[style] = step_inspector.payload(inspected, played, 0, shown_step)
    components = (
        ("lasting", player.ground(record.terrain)),
        ("player", player.payload(played)),
        ("step_inspector", answers[looks[spec.chosen]]),
    )
    return _page(str(record.title), theme, components, answers, f"<figure>{below}</figure>")


def training_page(record: ComparisonRecord, logs: Sequence[bytes], theme: str = "light") -> str:
    """The observatory of trainings that are over; `logs`: the events of every run, as it reads them from the server."""
    runs = [
        observatory.ShownRun(
            key=run.key, label=label, place=index, state="finished" if run.end else "stopped", log=_text(log)
        )
        for index, (run, label, log) in enumerate(zip(record.runs, record.labels, logs))
    ]
    return _page(str(record.title), theme, [("observatory", observatory.payload(runs, visitor=""))])


def _page(
    title: str,
    theme: str,
    components: Sequence[tuple[str, Any]],
    answers: Mapping[int, bytes] = MappingProxyType({}),
    below: str = "",
) -> str:
    """`components`: folder of a component and what it draws, in the order of the page; `answers`: what the step
    inspector draws of the racer with a look."""  # fmt: skip
    colours = THEMES[theme]
    variables = {
        "background-color": colours.background, "secondary-background-color": colours.panel,
        "text-color": colours.text, "primary-color": colours.accent, "border-color": colours.grid,
        "font": "system-ui, sans-serif",
    }  # fmt: skip
    folders = dict.fromkeys(("kit", *(folder for folder, _ in components)))
    parts = [path for folder in folders for path in sorted((ASSETS / folder).glob("*"))]
    modules = {f"{ROOT}{path.parent.name}/{path.name}": _module(path.read_text(), path.parent.name) for path in parts}
    return PAGE.format(
        language=language(), title=escape(title), root=ROOT,
        colours=" ".join(f"--st-{name}: {value};" for name, value in variables.items()),
        styles="\n".join(path.read_text() for path in parts if path.suffix == ".css"),
        modules=json.dumps({"imports": {name: text for name, text in modules.items() if name.endswith(".js")}}),
        components=_json([(folder, _text(data)) for folder, data in components]),
        answers=_json({style: _text(data) for style, data in answers.items()}), below=below,
    )  # fmt: skip


def _text(data: Any) -> Any:
    return base64.b64encode(data).decode() if isinstance(data, bytes) else data


def _json(value: Any) -> str:
    """As a script can hold it, whatever names are in it."""
    return json.dumps(value).replace("<", "\\u003c")


def _module(text: str, folder: str) -> str:
    """A module as an address that holds it, its imports by name."""

    def name(match: re.Match[str]) -> str:
        address = match.group(2)
        there = address.removeprefix("../") if address.startswith("../") else f"{folder}/{address.removeprefix('./')}"
        return f'{match.group(1)}"{ROOT}{there}"'

    return "data:text/javascript;base64," + base64.b64encode(IMPORT.sub(name, text).encode()).decode()
