"""Figures as data, files for slides, and the command line."""

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import playground as pg
from playground.engine import javascript
from playground.export import files
from playground.numbers import count, digits
from playground.presets import PRESETS
from playground.view.player import COLUMNS, ground, payload
from playground.view.race_figure import race_figure
from playground.view.surface_3d import surface_3d
from playground.view.theme import DARK, LIGHT, racer_style

ROOT = Path(__file__).parents[1]
RECORD = pg.run(PRESETS[0].race())
DIVERGED = pg.run(pg.Race(surface=pg.surfaces["sphere"](), racers=[
    pg.Racer(optimizer=pg.optimizers["sgd"](lr=10.0)), pg.Racer(optimizer=pg.optimizers["bfgs"]()),
]))  # fmt: skip
NOWHERE = pg.run(pg.Race(surface=pg.surfaces["formula"](text="log(x) + y**2"), starts=[(-1, 1)], steps=3))


def unpack(data):
    """Header and arrays of a payload, read as the player reads it."""
    n = int.from_bytes(data[:4], "little")
    header, body = json.loads(data[4 : 4 + n]), data[4 + n :]
    assert (4 + n) % 8 == 0
    arrays = {}
    for name, entry in header["arrays"].items():
        count = int(np.prod(entry["shape"]))
        arrays[name] = np.frombuffer(body, "<" + entry["dtype"], count, entry["offset"]).reshape(entry["shape"])
    return header, arrays


def test_the_payload_holds_the_record():
    header, arrays = unpack(payload(RECORD))
    np.testing.assert_allclose(arrays["path"], RECORD.positions[:, 0], rtol=1e-6)
    np.testing.assert_allclose(arrays["loss"], RECORD.losses[:, 0], rtol=1e-6)
    assert "rate" not in arrays and header["key"] == RECORD.key and header["query"] == RECORD.query
    assert [racer["label"] for racer in header["racers"]] == list(RECORD.labels)
    assert all(len(racer["row"]) == len(COLUMNS) == len(header["columns"]) for racer in header["racers"])
    assert len(header["theme"]["light"]["ramp"]) == len(header["levels"]) + 1
    assert "Rosenbrock" in header["alt"] and all(label in header["alt"] for label in RECORD.labels)


def test_the_ground_comes_by_itself_and_is_named_by_what_it_holds():
    header, arrays = unpack(ground(RECORD.terrain))
    np.testing.assert_allclose(arrays["grid"] / 65535, RECORD.terrain.scaled, atol=1e-5)
    assert header["name"] == unpack(payload(RECORD))[0]["ground"]
    turned, moved = pg.run(pg.Race(steps=7)), pg.run(pg.Race(surface=pg.surfaces["rosenbrock"](b=50), steps=7))
    assert ground(turned.terrain) == ground(RECORD.terrain)
    assert unpack(payload(moved))[0]["ground"] != header["name"]


def test_every_start_can_be_shown():
    race = pg.Race(starts=[(0, 1), (1, 0)], steps=5)
    record = pg.run(race)
    header, arrays = unpack(payload(record, start=1))
    np.testing.assert_allclose(arrays["path"], record.positions[:, 1], rtol=1e-6)
    assert header["start"] == [1, 0] and header["key"] != unpack(payload(record))[0]["key"]


def test_learning_rates_are_sent_where_they_vary():
    record = pg.run(PRESETS[-1].race())
    np.testing.assert_allclose(unpack(payload(record))[1]["rate"], record.rates, rtol=1e-6)


def test_what_racers_are_computed_from_again_is_sent_once():
    cosine, optimizers = (
        pg.schedules["cosine"](),
        [pg.optimizers[name]() for name in ("adam", "adam", "bfgs", "local_search")],
    )
    racers = [pg.Racer(optimizer=optimizer, schedule=cosine) for optimizer in optimizers[:3]] + [
        pg.Racer(optimizer=optimizers[3])
    ]
    record = pg.run(pg.Race(racers=racers, steps=20, noise=0.1))
    header, arrays = unpack(payload(record))
    assert [racer["program"] for racer in header["racers"]] == [0, 0, -1, 1] and len(header["programs"]) == 2
    assert [racer["factors"] for racer in header["racers"]] == [0, 0, 0, -1] and header["programs"][0]["states"][
        :2
    ] == [
        "m",
        "v",
    ]
    for racer, loop in zip(header["racers"], javascript.programs(record.spec)):
        assert racer["program"] < 0 or header["programs"][racer["program"]]["text"] == loop.text
        assert [knob["value"] for knob in racer["knobs"]] == [knob.value for knob in loop.knobs]
        np.testing.assert_array_equal(arrays["factors"][0] if racer["factors"] == 0 else 1.0, loop.factors)
        np.testing.assert_array_equal(arrays[racer["draws"]], loop.draws)
    assert [bool(racer["reason"]) for racer in header["racers"]] == [False, False, True, False]


def test_the_payload_grows_linearly_and_stays_small():
    sizes = []
    for steps in (500, 1000, 1500):
        racers = [pg.Racer(optimizer=cls()) for cls in list(pg.optimizers.values())[2:10]]
        sizes.append(len(payload(pg.run(pg.Race(racers=racers, steps=steps)))))
    assert sizes[0] <= 200_000
    assert abs((sizes[2] - sizes[1]) - (sizes[1] - sizes[0])) < 200


@pytest.mark.parametrize("record", [DIVERGED, NOWHERE], ids=["diverged", "nowhere"])
def test_what_is_not_finite_can_be_shown(record):
    header, arrays = unpack(payload(record))
    for racer, path in zip(header["racers"], arrays["path"]):
        assert np.isfinite(path[: racer["length"]]).all() and np.isnan(path[racer["length"] :]).all()
    assert header["racers"][0]["ended"] == "diverged" and header["racers"][0]["sentence"]
    for theme in ("light", "dark"):
        race_figure(record, theme)
        surface_3d(record, theme).to_json()
    assert pg.draw(record, "png")[:8] == b"\x89PNG\r\n\x1a\n"


def test_the_figure_as_data():
    figure = race_figure(RECORD)
    right = figure.axes[1]
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert [label.rsplit("  ", 1)[0] for label in labels] == list(RECORD.labels)
    assert right.get_yscale() == "log" and figure.texts[0].get_text() == "Rosenbrock"
    colours = [line.get_color() for line in right.lines]
    assert colours == [racer_style(i).light for i in range(4)]
    np.testing.assert_array_equal(right.lines[0].get_ydata(), RECORD.losses[0, 0])
    low, high = right.get_ylim()
    assert low < RECORD.losses.min() and high > RECORD.losses.max()
    assert RECORD.query[:60] in figure.texts[1].get_text()
    scene = surface_3d(RECORD)
    surface, *traces = scene.data
    assert surface.type == "surface" and {trace.type for trace in traces} == {"scatter3d"}
    assert [trace.line.color for trace in traces[:4]] == [racer_style(i).light for i in range(4)]
    assert [trace.text[1] for trace in traces[4:]] == ["○", "★", *(racer_style(i).sign for i in range(4))]
    for i, trace in enumerate(traces[-4:]):
        assert (trace.x[0], trace.y[0]) == tuple(RECORD.positions[i, 0, -1])


def test_racers_differ_in_more_than_colour():
    looks = [racer_style(i) for i in range(12)]
    assert len({style.marker for style in looks}) == 12
    assert len({(look.light, look.dash) for look in looks}) == len({(look.dark, look.dash) for look in looks}) == 12
    assert len({look.light for look in looks[:8]}) == len({look.dark for look in looks[:8]}) == 8


def luminance(colour):
    """Relative luminance of WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first, second):
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_can_be_told_from_the_background(theme):
    assert contrast(theme.text, theme.background) > 10 and contrast(theme.muted, theme.background) > 4.5
    for colour in theme.racers:
        assert contrast(colour, theme.background) > 2.8, colour
        assert min(contrast(colour, band) for band in theme.ramp(18)) > 1.7, colour
    steps = np.diff([luminance(band) for band in theme.ramp(18)])
    assert (np.sign(steps) == np.sign(steps[0])).all()


def test_numbers_read_well():
    assert [digits(v) for v in (0, 1, 0.05, 1234.5, 99999, 1e5, -2.5e-7, float("nan"), 0.00123456)] == [
        "0", "1", "0.05", "1235", "99999", "1.00·10⁵", "−2.50·10⁻⁷", "–", "0.00123",
    ]  # fmt: skip
    assert count(65536) == "65,536" and count(float("nan")) == "–"


def test_the_csv_is_the_record():
    record = pg.run(pg.Race(racers=PRESETS[0].race().racers, starts=[(0, 1), (1, 0)], steps=7))
    first, rest = files.table(record).decode().split("\n", 1)
    assert first == f"# {record.stamp}" and record.query in first
    rows = list(csv.DictReader(io.StringIO(rest)))
    assert len(rows) == 4 * 2 * 8
    row = next(r for r in rows if r["racer"] == "Adam" and r["start"] == "1" and r["step"] == "5")
    assert float(row["x"]) == record.positions[3, 1, 5, 0] and float(row["loss"]) == record.losses[3, 1, 5]
    assert float(row["v_y"]) == record.states[3]["v"][1, 5, 1] and row["velocity_x"] == ""


def test_the_npz_is_the_record():
    arrays = np.load(io.BytesIO(files.arrays(RECORD)))
    np.testing.assert_array_equal(arrays["positions"], RECORD.positions)
    np.testing.assert_array_equal(arrays["state_3_v"], RECORD.states[3]["v"])
    assert str(arrays["query"]) == RECORD.query


def test_the_same_record_gives_the_same_files():
    again = pg.run(PRESETS[0].race())
    assert pg.draw(RECORD) == pg.draw(again) and files.table(RECORD) == files.table(again)


def command(*arguments):
    """The command line in a process of its own."""
    line = [sys.executable, "-W", "error", "-m", "playground", *arguments]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True)


def test_the_command_line_rebuilds_a_link(tmp_path):
    race = PRESETS[1].race()
    process = command("race", f"https://host.example/race?{race.to_query()}", "--out", str(tmp_path / "new"))
    assert process.returncode == 0 and process.stderr == ""
    paths = {path.suffix: path for path in (tmp_path / "new").iterdir()}
    assert set(paths) == {".npz", ".csv", ".png", ".svg"}
    np.testing.assert_array_equal(np.load(paths[".npz"])["positions"], pg.run(race).positions)
    assert race.key[:12] in paths[".svg"].name
    assert re.search("<svg", paths[".svg"].read_text())


@pytest.mark.parametrize("link", ["seed=-1", "surface=nowhere", "racer=sgd,lr:fast"])
def test_a_wrong_link_is_one_line_and_status_two(link, tmp_path):
    process = command("race", link, "--out", str(tmp_path))
    assert process.returncode == 2 and process.stdout == ""
    assert len(process.stderr.splitlines()) == 1 and "must be" in process.stderr
    assert not list(tmp_path.iterdir())


def test_list_prints_every_choice_with_its_knobs():
    process = command("list")
    assert process.returncode == 0
    for registry in (pg.surfaces, pg.optimizers, pg.schedules, pg.penalties, pg.gradients):
        for name, cls in registry.items():
            assert re.search(rf"^  {name} +{re.escape(cls.label)}: ", process.stdout, re.M)
            assert all(re.search(rf"^    {knob} ", process.stdout, re.M) for knob in cls.knobs())
