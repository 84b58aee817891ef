"""What the observatory is told, and that its front-end knows everything a log may hold."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from playground.runs.log import DTYPES, KINDS
from playground.view.observatory import LAYERS, SHADES, ShownRun, payload
from playground.view.theme import DARK, LIGHT, THEMES, racer_style
from tests.test_javascript import node as find_node

MODULE = Path(__file__).parents[1] / "assets" / "observatory" / "log.js"


def payload_of(**facts):
    runs = [
        ShownRun(key="a" * 32, label="SGD", place=0, state="running"),
        ShownRun(key="b" * 32, label="Adam", place=5, stored=True),
    ]
    return payload(runs, visitor="someone", **facts)


def test_the_payload_is_plain_and_small():
    data = payload_of(base="/lab", pulse=3)
    text = json.dumps(data, allow_nan=False)
    assert len(text) < 5000 and json.loads(text)["base"] == "/lab" and data["pulse"] == 3
    first, second = data["runs"]
    assert (first["key"], first["label"], first["state"], first["stored"]) == ("a" * 32, "SGD", "running", False)
    assert second["stored"] and second["marker"] == racer_style(5).marker and second["light"] == racer_style(5).light
    assert data["note"] == "" and payload_of(note="Another one.")["note"] == "Another one."
    low, high = data["healthy"]
    assert low < 1e-3 < high
    assert data["marks"][6] == {"dash": racer_style(6).dash, "marker": racer_style(6).marker}


@pytest.mark.parametrize("name", THEMES)
def test_colours_of_maps_and_layers(name):
    theme, data = THEMES[name], payload_of()["theme"][name]
    assert len(data["heat"]) == SHADES and data["heat"][0] == theme.panel and data["heat"][-1] == theme.deep
    assert len(data["layers"]) == LAYERS == len(set(data["layers"]))
    assert (data["layers"][0], data["layers"][-1]) == (theme.racers[0], theme.racers[1])
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in (*data["heat"], *data["layers"]))


def test_alarms_are_seen():
    from test_view import contrast

    for theme in (LIGHT, DARK):
        assert contrast(theme.alarm, theme.background) > 4.5 and contrast(theme.deep, theme.panel) > 4.5
        assert min(contrast(colour, theme.background) for colour in theme.layers(LAYERS)) > 2.8


def test_the_front_end_reads_every_event_and_every_kind_of_array():
    code = (
        f"import {{ KINDS, Run }} from '{MODULE.as_uri()}'; const methods = Object.getOwnPropertyNames(Run.prototype);"
        "console.log(JSON.stringify({ methods, arrays: Object.keys(KINDS) }));"
    )
    node = [find_node(), "--input-type=module", "-e", code]
    types = json.loads(subprocess.run(node, capture_output=True, text=True, check=True).stdout)
    ours = {f"take_{name}" for name, kind in KINDS.items() if kind.__module__.startswith("playground.")}
    assert ours <= set(types["methods"]) and set(types["arrays"]) == set(DTYPES)
