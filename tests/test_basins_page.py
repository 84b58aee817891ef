"""The page Basins without a browser: it opens, everything can be chosen, links and files say what is on show."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from opened import links, open_page, quiet, shared_page

import playground as pg
from playground.choices.optimizers import Minimizer
from playground.presets import BASINS
from playground.specs.race import offered

ROOT = Path(__file__).parents[1]
SMALL = "side=16&steps=60"


@pytest.fixture(autouse=True)
def in_root(monkeypatch, tmp_path_factory):
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT))
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


def open_basins(query=SMALL):
    """The page at a link."""
    return open_page("basins", query)


def spec(app):
    return app.session_state["basins.spec"]


def widget(kind, app, part):
    """The widget whose key ends so."""
    elements = [element for element in getattr(app, kind) if (element.key or "").partition(".")[2] == part]
    assert len(elements) == 1, [element.key for element in getattr(app, kind)]
    return elements[0]


def test_it_opens_with_its_first_question_and_writes_it_into_the_address():
    app = open_basins("")
    assert spec(app) == BASINS[0].race() and spec(app).race.surface.name == "himmelblau"
    pairs = [(name, [value] if isinstance(value, str) else value) for name, value in app.query_params.items()]
    query = "&".join(f"{name}={value}" for name, values in pairs for value in values)
    assert pg.BasinMap.from_query(query) == BASINS[0].race()


@pytest.mark.parametrize("name", list(pg.surfaces))
def test_every_surface_can_be_selected(name):
    app = shared_page("basins", SMALL)
    widget("selectbox", app, "surface").set_value(name)
    quiet(app.run())
    assert spec(app).race.surface == pg.surfaces[name]() and spec(app).race.starts == (pg.surfaces[name].start,)


@pytest.mark.parametrize("name", offered(pg.BasinMap))
def test_every_optimizer_can_be_asked(name):
    steps = 4 if issubclass(pg.optimizers[name], Minimizer) else 60
    app = open_basins(f"side=16&steps={steps}&racer={name}")
    assert spec(app).race.racers[0].optimizer == pg.optimizers[name]() and not app.warning


def test_a_hostile_link_opens_with_sentences():
    app = open_basins("side=1e9&radius=nan&racer=warp&start=<b>&steps=60&precision='; drop&x=1&seed=3")
    assert spec(app).race.seed == 3 and spec(app).side == 256 and len(app.warning) == 1
    assert "1000000000" in app.warning[0].value and "from 16 to 512" in app.warning[0].value


def test_an_optimizer_of_a_library_says_why_not():
    alone = next(name for name, cls in pg.optimizers.items() if cls.alone)
    app = open_basins(f"{SMALL}&racer={alone}&racer=sgd")
    assert [racer.optimizer.name for racer in spec(app).race.racers] == ["sgd"]
    assert "one path at a time" in app.warning[0].value


def test_every_question_can_be_selected():
    app = open_basins()
    for preset in BASINS:
        app.selectbox(key="basins.preset").set_value(preset.question)
        quiet(app.run())
        assert spec(app) == preset.race()


def test_a_start_field_moves_the_start_only():
    app = open_basins()
    before = spec(app)
    widget("number_input", app, "start0.x").set_value(1.25)
    quiet(app.run())
    assert spec(app) == before.with_race(starts=((1.25, before.race.starts[0][1]),))


def test_the_other_pages_are_linked_with_the_same_racers():
    app = open_basins(f"{SMALL}&surface=booth&racer=adam")
    assert pg.Race.from_query(links(app)["Race"]) == pg.Race.of(spec(app))
    assert pg.BasinMap.from_query(links(open_page("race"))["Basins"]) == pg.BasinMap.of(pg.Race())


def record(**more):
    return pg.run(pg.BasinMap.of(BASINS[0].race(), side=24, steps=80, **more))


def test_the_table_lists_every_start():
    basin_record = record()
    text = pg.draw(basin_record, "csv").decode()
    rows = list(csv.DictReader(io.StringIO(text.partition("\n")[2])))
    assert text.startswith("# ") and basin_record.query in text.splitlines()[0] and len(rows) == 4 * 24 * 24
    row = rows[24 * 24 + 30]  # second racer, second row, seventh column
    assert row["racer"] == "Momentum" and (float(row["x"]), float(row["y"])) == (basin_record.xs[6], basin_record.ys[1])
    assert row["ends"] in ("A", "B", "C", "D", "none", "diverged")
    assert (row["steps"] == "") == (row["ends"] in ("none", "diverged"))


def test_the_arrays_are_all_there():
    basin_record = record()
    with np.load(io.BytesIO(pg.draw(basin_record, "npz"))) as arrays:
        np.testing.assert_array_equal(arrays["reached"], basin_record.reached)
        np.testing.assert_array_equal(arrays["shares"], basin_record.shares)
        assert str(arrays["query"]) == basin_record.query and arrays["terrain_values"].shape == (201, 201)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_the_figure_holds_every_map(theme, count):
    from playground.view.basins_figure import basins_figure

    basin_record = record(racers=BASINS[0].race().race.racers[:count])
    figure = basins_figure(basin_record, theme)
    assert len(figure.axes) == count and [axes.get_title(loc="left") for axes in figure.axes] == list(
        basin_record.labels
    )
    pixels = figure.axes[0].images[0].get_array()
    assert pixels.shape == (24, 24, 4)
    words = [text.get_text() for text in figure.texts]
    assert any(basin_record.query in word.replace("\n", "") for word in words)


def test_files_are_the_same_bytes_each_time():
    basin_record = record(racers=BASINS[0].race().race.racers[:1])
    for kind in ("png", "svg", "csv", "npz"):
        assert pg.draw(basin_record, kind) == pg.draw(basin_record, kind)


def test_the_command_line_writes_the_files(tmp_path, capsys):
    from playground.__main__ import main

    query = pg.BasinMap.of(BASINS[0].race(), racers=BASINS[0].race().race.racers[3:], side=16, steps=40).to_query()
    assert main(["basins", query, "--out", str(tmp_path)]) == 0
    output = capsys.readouterr().out
    assert "Himmelblau" in output and "Newton" in output and "%" in output and len(list(tmp_path.iterdir())) == 4
    assert main(["basins", "side=1", "--out", str(tmp_path)]) == 2
    assert "side is 1" in capsys.readouterr().err


def test_the_questions_show_what_they_say():
    maps = {preset.name: pg.run(replace(preset.race(), side=48)) for preset in BASINS}

    def torn(basin_record):
        return [(np.diff(ends, axis=0) != 0).mean() for ends in basin_record.reached]

    first = dict(zip(maps["other-starts"].labels, maps["other-starts"].shares))
    assert first["Newton"][-2] > 0.3 > 0.05 > first["SGD"][-2]  # drawn to saddles and the hill
    assert torn(maps["other-starts"])[1] > 3 * torn(maps["other-starts"])[0]
    borders = torn(maps["small-changes"])
    assert borders == sorted(borders) and borders[-1] > 3 * borders[0]
    sharp = maps["sharp-minima"].shares  # A, B, C, D, none, diverged
    assert (sharp[:2, :4] > 0.2).all() and sharp[2, 2] < 0.05 < 0.2 < sharp[2, 3]
    assert (sharp[3, 2:4] < 0.05).all()
    hessian = pg.surfaces["himmelblau"]().derived().hessian_function("numpy")
    curvatures = [
        np.linalg.eigvalsh([[a, b], [b, d]])[1]
        for a, b, d in (hessian(*minimum) for minimum in maps["sharp-minima"].minima)
    ]
    np.testing.assert_allclose(curvatures, [82, 81, 134, 105], atol=0.6)
    damped = maps["newton-damped"].shares[:, -2]
    assert damped[0] > 0.3 > damped[1] > damped[2] and damped[2] < 0.02
    lowest = maps["lowest-one"].shares[:, 0]
    assert lowest[1] > 4 * max(lowest[0], lowest[3]) and lowest[2] > lowest[1]
