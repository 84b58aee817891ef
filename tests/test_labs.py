"""What holds for every lab there is: its page, its command, its figures in all formats. Written once, for all.

`test_a_lab_is_one_file` puts a new lab into a copy of the project and has these tests run on it.
"""

import csv
import io
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from opened import in_root, links, open_page, quiet
from PIL import Image

import playground as pg
from playground.__main__ import main
from playground.figures import THEMES
from playground.formats import formats
from playground.jobs import Inline
from playground.labs import asked_by, labs
from playground.messages import Message
from playground.presets.training import training
from playground.registry import ChoiceError
from playground.specs.fields import KnobField
from playground.view import fonts

ROOT = Path(__file__).parents[1]
SMALL = {
    "race": lambda: pg.Race(steps=40),
    "step_inspector": lambda: pg.StepInspection.of(pg.Race(steps=40), chosen=1, step=7),
    "basins": lambda: pg.BasinMap(side=32, race=pg.Race(steps=40, racers=pg.Race().racers[:2])),
    "sweep": lambda: pg.RateSweep(count=5, race=pg.Race(steps=40)),
    "robustness": lambda: pg.Robustness(crowd=4, draws=2, race=pg.Race(steps=40)),
    "train": lambda: pg.Comparison(runs=(training(network="softmax", images=500, epochs=2, batch=128),)),
}
NAMES = list(labs())
PAGES = [name for name, lab in labs().items() if lab.section]
FIGURES = [(name, figure.name) for name, lab in labs().items() for figure in lab.figures]
NAMESPACE = {"svg": "http://www.w3.org/2000/svg"}


@pytest.fixture(autouse=True)
def _own_store(monkeypatch, tmp_path_factory):
    in_root(monkeypatch)
    monkeypatch.setenv("PLAYGROUND_STORE", str(tmp_path_factory.getbasetemp() / "labs-store"))


def spec_of(name):
    """A spec that is quickly computed."""
    return SMALL[name]() if name in SMALL else labs()[name].first()


@cache
def record_of(name):
    return Inline().run(labs()[name].job(spec_of(name)))


# -- figures x formats -----------------------------------------------------------------------------------------------


def test_there_are_as_many_figures_and_formats_as_are_promised():
    assert set(formats()) >= {"svg", "png", "pdf", "csv", "npz", "html"} and len(FIGURES) >= 14


@pytest.mark.parametrize("kind", formats())
@pytest.mark.parametrize("name, figure", FIGURES)
def test_every_figure_opens_again_in_every_format(name, figure, kind):
    record = record_of(name)
    content = pg.draw(record, kind, figure, size="1200x800", scale=1.25, theme="dark")
    opened = {"svg": is_vector, "png": is_picture, "pdf": is_page, "csv": is_table, "npz": is_arrays, "html": is_html}
    opened[kind](content, record)


def is_vector(content, record):
    root = ET.fromstring(content)
    assert (root.get("width"), root.get("height")) == ("600", "400") and root.find("svg:title", NAMESPACE).text
    assert record.stamp[-20:] in root.find("svg:desc", NAMESPACE).text
    texts = root.findall(".//svg:text", NAMESPACE)
    assert not texts or b"@font-face" in content, "texts have their font with them"


def is_picture(content, record):
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.size == (1200, 800) and record.stamp[-20:] in picture.info["Description"]
        assert len(picture.convert("RGB").getcolors(1200 * 800)) > 8, "something is drawn"


def is_page(content, record):
    assert content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")
    width, height = map(float, re.search(rb"/MediaBox ?\[ ?0 0 ([\d.]+) ([\d.]+)", content).groups())
    assert width / height == pytest.approx(1.5, rel=0.01)


def is_table(content, record):
    text = content.decode()
    assert text.startswith("# ")
    rows = list(csv.reader(line for line in io.StringIO(text) if not line.startswith("#")))
    assert len(rows) > 1 and len({len(row) for row in rows}) == 1


def is_arrays(content, record):
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        assert len(arrays.files) > 3 and any(arrays[name].ndim for name in arrays.files)


def is_html(content, record):
    text = content.decode()
    assert text.lstrip().lower().startswith(("<!doctype", "<html")) and "</html>" in text
    assert not re.search(r"""<(?:script|link|img)[^>]+(?:src|href)=["']https?:""", text), "it works without a network"


@pytest.mark.parametrize("name", NAMES)
def test_a_transparent_figure_has_no_ground(name):
    with Image.open(io.BytesIO(pg.draw(record_of(name), "png", theme="transparent", size="800x450"))) as picture:
        assert picture.convert("RGBA").getpixel((1, 1))[3] == 0


@pytest.mark.parametrize("name, figure", FIGURES)
def test_alternative_text_says_what_there_is(name, figure):
    record, lab_figure = record_of(name), labs()[name].figure(figure)
    for theme in THEMES[:2]:
        words = lab_figure.words(record, lab_figure.draw(record, theme))
        assert len(words) > 20 and words == words.strip()


def test_letters_of_other_scripts_are_letters(monkeypatch):
    record = record_of("race")
    monkeypatch.setattr(pg.Race, "title", lambda race: Message("한글 데이터"))
    svg = pg.draw(record, "svg")
    assert "한글" in ET.fromstring(svg).find("svg:title", NAMESPACE).text
    assert pg.draw(record, "png", size="800x450")  # matplotlib warns of a letter that no font has; warnings are errors
    ranking_record = record_of("ranking")
    labels = ("한글 방법", *ranking_record.labels[1:])
    text = pg.draw(replace(ranking_record, labels=labels), "svg").decode()
    assert "한글" in text and "font-family:'NanumGothic'" in text
    assert [name for name, _, _ in fonts.subsets("a한", (400,))] == list(fonts.NAMES)


def test_what_is_wrong_is_one_sentence():
    record = record_of("race")
    for wrong, words in (
        ({"kind": "gif"}, "format is 'gif', but must be one of png"),
        ({"figure": "cake"}, "figure is 'cake', but must be one of race, surface"),
        ({"size": "10x10"}, "size is '10x10', but must be width x height in pixels"),
        ({"scale": 9.0}, "scale is 9, but must be a number from 0.5 to 3"),
        ({"theme": "blue"}, "theme is 'blue', but must be one of light, dark, transparent"),
        ({"colour": "red"}, "'colour' is not known"),
    ):
        with pytest.raises(ChoiceError, match=re.escape(words)):
            pg.draw(record, **wrong)


@pytest.mark.parametrize("name", NAMES)
def test_a_record_shows_itself(name):
    record = record_of(name)
    assert len(repr(record)) < 120 and "\n" not in repr(record) and record.key[:12] in repr(record)
    bundle = record._repr_mimebundle_()
    assert bundle["text/plain"] == repr(record) and bundle["image/svg+xml"].startswith("<svg")


# -- the command -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_command_writes_what_python_draws(name, tmp_path, capsys):
    style = {"size": "1200x800", "scale": "1.5", "theme": "dark"}
    options = [part for field, value in style.items() for part in (f"--{field}", value)]
    link = f"https://host.example/{name}?{spec_of(name).to_query()}"
    assert main([name, link, "--out", str(tmp_path), "--format", "svg,csv", *options]) == 0
    output = capsys.readouterr().out
    record = record_of(name)
    measured = name == "cost"  # its times are of the machine, and differ
    for kind in ("svg", "csv"):
        path = tmp_path / f"{name}-{record.key[:12]}.{kind}"
        assert str(path) in output
        assert measured or path.read_bytes() == pg.draw(record, kind, **style)


@pytest.mark.parametrize("option", [["--format", "gif"], ["--size", "big"], ["--theme", "blue"], ["--figure", "cake"]])
def test_a_wrong_option_is_one_line_and_status_two(option, tmp_path, capsys):
    assert main(["race", "", "--out", str(tmp_path), *option]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1 and not list(tmp_path.iterdir())


# -- fields and links ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_links_come_back_from_both_ends_of_every_knob(name):
    kind, spec = labs()[name].spec, labs()[name].first()
    assert kind.from_query(spec.to_query()) == spec
    for preset in labs()[name].questions:
        assert kind.from_query(asked_by(preset).to_query()) == asked_by(preset)
    for field, spec_field in spec.fields().items():
        if isinstance(spec_field, KnobField) and spec_field.knob.numeric:
            for end in (spec_field.knob.low, spec_field.knob.high):
                try:
                    changed = replace(spec, **{field: end})
                except ChoiceError:  # the end of one knob may depend on another
                    continue
                assert kind.from_query(changed.to_query()) == changed
            read_spec, problems = kind.read_query(f"v=1&{spec_field.link}=1e99")
            assert len(problems) == 1 and str(problems[0]).startswith(spec_field.link) and read_spec.key


# -- the page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_the_page_opens_with_files_of_every_format(name):
    app = open_page(name, "" if name == "train" else spec_of(name).to_query())
    labels = [button.proto.label for button in app.get("download_button")]
    if name != "train":  # whose files come with a run
        assert set(labels) == {format_.label for format_ in formats().values()}
    spec = app.session_state[f"{name}.spec"]
    assert spec == (labs()[name].first() if name == "train" else spec_of(name))


@pytest.mark.parametrize("name", [name for name in PAGES if name != "train"])
def test_a_bad_value_is_one_sentence_and_the_rest_is_kept(name):
    app = open_page(name, "v=1&nonsense=1")
    (warning,) = app.warning
    assert "nonsense" in warning.value and not app.exception


def test_home_leads_to_every_lab_and_every_question():
    addresses = links(quiet(open_page("")))
    for name in PAGES:
        for preset in labs()[name].questions:
            assert any(preset.question in label for label in addresses), preset.question


# -- a new lab -------------------------------------------------------------------------------------------------------


def test_a_lab_is_one_file(tmp_path):
    """A file with spec, computation, figure and declaration, and nothing else is touched."""
    file = ROOT / "tests" / "toy" / "toy.py"
    assert len(file.read_text().splitlines()) <= 80
    copy = tmp_path / "copy"
    for part in ("playground", "pages", "assets", "tests", ".streamlit"):
        ignored = shutil.ignore_patterns("__pycache__", *(["data", "browser"] if part == "tests" else []))
        shutil.copytree(ROOT / part, copy / part, ignore=ignored)
    for part in ("app.py", "pyproject.toml", "settings.toml"):
        shutil.copy(ROOT / part, copy)
    shutil.copy(file, copy / "playground" / "labs")
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", "tests/test_labs.py", "-k", "toy"]
    environment = os.environ | {"PYTHONPATH": str(copy), "COLUMNS": "200"}
    process = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
    assert process.returncode == 0, process.stdout[-3000:]
    assert int(re.search(r"(\d+) passed", process.stdout).group(1)) >= len(formats()) + 6


def with_few_rows(chart):
    """The chart with the first rows of its data: of thousands, whose schema is any object, each would be checked."""
    if isinstance(chart, list):
        return [with_few_rows(part) for part in chart]
    if not isinstance(chart, dict):
        return chart
    rows = {key: part[:3] for key, part in chart.items() if key == "values" and isinstance(part, list)}
    rows |= {"datasets": {key: part[:3] for key, part in chart["datasets"].items()}} if "datasets" in chart else {}
    return {key: with_few_rows(part) for key, part in chart.items()} | rows


@pytest.mark.parametrize("name, figure", FIGURES)
def test_a_chart_is_one_that_altair_accepts(name, figure):
    """Altair checks it against the schema of Vega-Lite; what is no chart has a page of its own as HTML."""
    import altair

    lab_figure = labs()[name].figure(figure)
    drawing = lab_figure.draw(record_of(name), "light")
    assert isinstance(drawing, dict) or lab_figure.live
    if isinstance(drawing, dict):
        assert altair.Chart.from_dict(with_few_rows(drawing)).to_dict()["config"]
