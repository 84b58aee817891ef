"""In a made-up language nothing that a page, a figure or a payload says is English: all went through a catalogue.

Pages are found by their files, so that a new one is tested from its first day. Names of optimizers and of people,
citations, code and kinds of files stay as they are (`visible.english`).
"""

import json
import re

import made_up
import opened
import pytest
import visible
from matplotlib.text import Text
from opened import open_page
from streamlit.delta_generator import DeltaGenerator

import playground as pg
from playground import messages
from playground.__main__ import main
from playground.labs import labs
from playground.messages import speaking
from playground.presets import BASINS, PRESETS
from playground.registry import Registry
from playground.view import basins, basins_figure, player, race_figure, step_figure, step_inspector, surface_3d

HOME = ""
PAGES = [HOME, *(name for name, lab in labs().items() if lab.section)]
WRONG = "v=7&nonsense=1&steps=-5&seed=x&surface=nowhere&racer=adam,lr:99~constant~auto&lang=xx"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return made_up.write(tmp_path_factory.mktemp("locale"))


@pytest.fixture(autouse=True)
def spoken(folder, monkeypatch):
    opened.in_root(monkeypatch)
    monkeypatch.setenv(messages.MORE, str(folder))
    monkeypatch.setattr(messages, "_language_callbacks", list(messages._language_callbacks))


def untranslated(texts):
    """The texts with an English word, each with its words."""
    return {(where, text[:160]): words for where, text in texts if (words := visible.english(text))}


def code():
    """Words that are names in links and on the command line, and what stands there by default."""
    registries = [item for item in vars(pg).values() if isinstance(item, Registry)]
    names = {name for registry in registries for name in (*registry, *registry.refused)}
    names |= {dict(why.values)["source"] for registry in registries for why in registry.refused.values()}
    knobs = [item for registry in registries for cls in registry.values() for item in cls.knobs().items()]
    names |= {name for field, knob in knobs for name in (field, *knob.options, str(knob.default))}
    for spec in (item for item in vars(pg).values() if hasattr(item, "read_fields")):
        names |= {name for field in spec.fields().values() for name in (field.name, field.link, *spec.view_state)}
        names |= {
            option for field in spec.fields().values() for option in getattr(getattr(field, "knob", 0), "options", ())
        }
    return {form for name in names for word in re.findall("[A-Za-z]{2,}", name) for form in (word, word.lower())}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_with_all_its_tabs_open(page, monkeypatch):
    always = property(lambda self: True, lambda self, value: None)
    monkeypatch.setattr(DeltaGenerator, "open", always, raising=False)
    app = open_page(page, "lang=xx")
    assert not untranslated(visible.texts(app._tree))


@pytest.mark.parametrize("page", PAGES[1:])
def test_what_a_page_says_of_a_wrong_link(page):
    (warning,) = open_page(page, WRONG).warning
    assert not {word.lower() for word in visible.english(warning.value)} - code() - {"nonsense", "nowhere"}


def header(payload):
    length = int.from_bytes(payload[:4], "little")
    return json.loads(payload[4 : 4 + length])


def texts_within(value_tree):
    """The texts of a payload's header."""
    keys = {"title", "alt", "label", "help", "words", "sentence", "note", "reason", "row"}
    if isinstance(value_tree, dict):
        for key, value in value_tree.items():
            if key in keys:
                yield from (
                    (key, text) for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)
                )
            yield from texts_within(value)
    elif isinstance(value_tree, list):
        for value in value_tree:
            yield from texts_within(value)


def test_what_the_player_and_the_maps_are_told():
    race, maps = pg.run(PRESETS[0].race()), pg.run(BASINS[0].race().coarse())
    with speaking(made_up.NAME):
        payloads = [player.payload(race), basins.payload(maps, pg.run(pg.Race.of(BASINS[0].race())), 0, True)]
    for payload in payloads:
        assert not untranslated(texts_within(header(payload)))


def test_still_figures():
    race, maps = pg.run(PRESETS[0].race()), pg.run(BASINS[0].race().coarse())
    step = pg.run(pg.StepInspection.of(PRESETS[0].race(), chosen=3, step=5))
    with speaking(made_up.NAME):
        figures = [
            race_figure.race_figure(race),
            basins_figure.basins_figure(maps),
            step_figure.step_figure(step),
        ]
        deep = surface_3d.surface_3d(race, "light", 0).to_plotly_json()
        table = [*step_inspector.coordinates(step), *step_inspector.measures(step), (step_inspector.title(step),)]
    small = {race.stamp, maps.stamp, step.stamp}
    for figure in figures:
        texts = [artist.get_text() for artist in figure.findobj(Text) if artist.get_fontsize() > 8]
        assert not untranslated(("figure", text) for text in texts if text not in small)
    assert not untranslated(visible.spoken(deep, "3-D"))
    assert not untranslated(("table", text) for row in table for text in row)


def test_what_the_command_line_lists(capsys):
    assert main(["--lang", "xx", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 1000
    assert not {line: words for line in lines if (words := set(visible.english(line)) - code() - {"on", "off"})}


def test_what_commands_say(tmp_path, capsys):
    out = ["--out", str(tmp_path)]
    small = pg.Race(steps=5)
    for command, spec in (
        ("race", small), ("basins", pg.BasinMap.of(small, side=32)), ("sweep", pg.RateSweep.of(small, count=3)),
        ("robustness", pg.Robustness.of(small, crowd=2, draws=1)), ("gradients", pg.GradientCheck()),
        ("forms", pg.Forms(steps=5)),
    ):  # fmt: skip
        assert main(["--lang", "xx", command, spec.to_query(), *out]) == 0
        lines = [line for line in capsys.readouterr().out.splitlines() if str(tmp_path) not in line]
        assert not untranslated((command, line) for line in lines)


def test_the_help_of_commands(capsys):
    with pytest.raises(SystemExit):
        main(["--lang", "xx", "--help"])
    text = capsys.readouterr().out
    technical_words = {
        "usage",
        "version",
        "python",
        "playground",
        "lang",
        "XX",
        "positional",
        "arguments",
        "options",
        "help",
        "show",
        "this",
    }
    technical_words |= {"message", "and", "exit", "positional", *re.findall("[a-z]+", text.split("{")[1].split("}")[0])}
    assert not set(visible.english(text)) - technical_words
