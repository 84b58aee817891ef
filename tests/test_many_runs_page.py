"""The pages Learning rates and Robustness without a browser, their charts as data, and their files."""

import io
import json
import re
from urllib.parse import parse_qsl

import numpy as np
import pytest
from opened import in_root, links, open_page, quiet, widget

import playground as pg
from playground.export import many_runs, records
from playground.presets import CROWDS, PRESETS, SWEEPS
from playground.specs.race import offered
from playground.view.chart import SHAPES
from playground.view.losses import height
from playground.view.robustness_chart import NOBODY, bands_chart, wins_chart
from playground.view.sweep_chart import risen, sweep_chart
from playground.view.theme import FONT, MARKERS, THEMES, racer_style

PAGES = {
    "sweep": ("sweep", pg.RateSweep, SWEEPS, {"count": 5}),
    "robustness": ("robustness", pg.Robustness, CROWDS, {"crowd": 4, "draws": 2}),
}
SMALL = {name: kind.of(PRESETS[0].race(), steps=20, **few) for name, (_, kind, _, few) in PAGES.items()}


def racer(name, schedule="constant", **knobs):
    return pg.Racer(optimizer=pg.optimizers[name](**knobs), schedule=pg.schedules[schedule]())


@pytest.fixture(autouse=True)
def at_home(monkeypatch):
    in_root(monkeypatch)


def spec_of(app, name):
    return app.session_state[f"{name}.spec"]


def text(app):
    return " ".join(element.value for element in [*app.markdown, *app.caption])


# -- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_the_page_opens_with_its_first_question(name):
    script, _, presets, _ = PAGES[name]
    app = open_page(script)
    assert spec_of(app, name) == presets[0].make() and not app.warning
    assert presets[0].look in text(app) and "| Racer |" in text(app)


@pytest.mark.parametrize("name, index", [(name, i) for name in PAGES for i in range(len(PAGES[name][2]))])
def test_every_question_can_be_chosen(name, index):
    script, _, presets, _ = PAGES[name]
    app = open_page(script, SMALL[name].to_query())
    app.selectbox(key=f"{name}.preset").set_value(presets[index].question)
    quiet(app.run())
    assert spec_of(app, name) == presets[index].make() and not app.warning


@pytest.mark.parametrize("name", PAGES)
def test_every_surface_can_be_selected(name):
    app = open_page(PAGES[name][0], SMALL[name].to_query())
    for surface in pg.surfaces:
        widget("selectbox", app, "surface").set_value(surface)
        quiet(app.run())
        assert spec_of(app, name).race.surface == pg.surfaces[surface]()


@pytest.mark.parametrize("name", PAGES)
def test_every_optimizer_can_be_raced(name):
    _, kind, _, few = PAGES[name]
    every = offered(kind)
    for first in range(0, len(every), 12):
        names = every[first : first + 12]
        spec = kind.of(racers=[racer(name) for name in names], steps=15, **few)
        app = open_page(PAGES[name][0], spec.to_query())
        assert spec_of(app, name) == spec and not app.warning
        assert all(f"{pg.optimizers[name].label} |" in text(app) for name in names)


@pytest.mark.parametrize("name", PAGES)
def test_a_bad_link_says_so_and_keeps_the_rest(name):
    app = open_page(PAGES[name][0], f"v=1&surface=booth&steps=20&seed=3&{'count=1' if name == 'sweep' else 'crowd=0'}")
    assert spec_of(app, name).race.surface.name == "booth" and spec_of(app, name).race.seed == 3
    assert len(app.warning) == 1 and "must be a whole number from" in app.warning[0].value


@pytest.mark.parametrize("name", PAGES)
def test_knobs_change_the_address_and_kept_ones_have_no_widget(name):
    app = open_page(PAGES[name][0], SMALL[name].to_query())
    knob = "count" if name == "sweep" else "crowd"
    widget("number_input", app, knob).set_value(3)
    quiet(app.run())
    assert getattr(spec_of(app, name), knob) == 3
    assert dict(app.query_params)[knob] in ("3", ["3"])
    assert not [element for element in app.selectbox if (element.key or "").endswith(".levels")]


def test_the_race_leads_here_with_the_same_racers_and_back():
    race = PRESETS[1].race()
    pages = {"Learning rates": pg.RateSweep, "Robustness": pg.Robustness}
    addresses = links(open_page("race", race.to_query()))
    for label, kind in pages.items():
        assert kind.from_query(addresses[label]) == kind.of(race)
    back = links(open_page("sweep", pg.RateSweep.of(race, count=5).to_query()))
    assert pg.Race.from_query(back["Race"]) == race


def test_tuning_takes_the_best_rates_and_leads_to_their_race():
    spec = pg.RateSweep.of(racers=[racer("sgd", lr=1e-4), racer("adam"), racer("bfgs")], count=9, steps=40)
    record = pg.run(spec)
    app = open_page("sweep", spec.to_query())
    race = pg.Race.from_query(links(app)["Race with these rates"])
    assert [racer.optimizer.lr for racer in race.racers[:2]] == record.tuned[:2, 0].tolist()
    assert race.racers[2] == spec.race.racers[2] and race.steps == 40
    next(button for button in app.button if button.label == "Tune each racer").click()
    quiet(app.run())
    assert spec_of(app, "sweep").race.racers == race.racers
    assert next(button for button in app.button if button.label == "Tune each racer").disabled
    assert "Every racer has its best rate" in text(app)


def test_what_is_different_is_said():
    app = open_page("robustness", SMALL["robustness"].to_query())
    assert "only the starts differ" in text(app)
    noisy = pg.Robustness.of(racers=[racer("adam"), racer("bfgs")], noise=0.5, steps=15, crowd=3, draws=2)
    assert "BFGS makes one run at a time" in text(open_page("robustness", noisy.to_query()))
    flat = pg.RateSweep.of(surface=pg.surfaces["formula"](text="x + y"), racers=[racer("bfgs")], count=3, steps=9)
    words = text(open_page("sweep", flat.to_query()))
    assert "BFGS has no learning rate" in words and "no minimum" in words


# -- charts as data ---------------------------------------------------------------------------------------------------


def layer(chart, kind, data=None):
    """The layers of a mark, of a dataset."""
    return [
        layer for layer in chart["layer"] if layer["mark"]["type"] == kind and layer.get("data", {}).get("name") == data
    ]


def test_the_sweep_as_data():
    bowl, racers = pg.surfaces["bowl"](condition=20.0), [racer("sgd"), racer("momentum")]
    spec = pg.RateSweep.of(surface=bowl, racers=racers, count=60, steps=100, low=1e-3, high=1.0)
    record = pg.run(spec)
    chart = sweep_chart(record, "light")
    json.dumps(chart, allow_nan=False)
    rows = chart["datasets"]["curves"]
    sgd = [row for row in rows if row["racer"] == "SGD"]
    assert [row["rate"] for row in sgd] == record.rates.tolist()
    np.testing.assert_allclose([row["end"] for row in sgd if row["end"]], record.final[0, 0][record.final[0, 0] != 0],
                               rtol=1e-3)  # fmt: skip
    (limit,) = [layer for layer in chart["layer"] if layer["mark"]["type"] == "rule"]
    np.testing.assert_allclose(limit["data"]["values"][0]["rate"], 2 / 20, rtol=1e-9)
    shades = next(layer for layer in chart["layer"] if layer["mark"]["type"] == "rect")["data"]["values"]
    assert len(shades) == 2 and all(shade["to"] == 1.0 for shade in shades)
    first = record.rates[risen(record, 0)[0].argmax()]
    assert shades[0]["rate"] <= first and 0.09 < shades[0]["rate"] < 0.115 < shades[1]["rate"] < 0.21
    tuned = chart["datasets"]["tuned"]
    assert [row["rate"] for row in tuned] == record.tuned[:, 0].tolist()
    assert [row["colour"] for row in tuned] == [racer_style(0).light, racer_style(1).light]
    assert "best of 60 rates, 100 steps each" in chart["title"]["subtitle"][0]
    thick, thin = sorted((line["mark"]["strokeWidth"] for line in layer(chart, "line", "curves")), reverse=True)
    assert thick >= 2.5 and thin >= 2
    y = layer(chart, "line", "curves")[1]["encoding"]["y"]
    assert y["scale"]["type"] == "log" and y["title"].startswith("loss") and len(y["axis"]["values"]) <= 8
    assert "Stability limit" in chart["description"]


def test_the_robustness_as_data():
    spec = pg.Robustness.of(racers=[racer("sgd", lr=10.0), racer("adam")], crowd=12, draws=3, noise=0.2, steps=60)
    record = pg.run(spec)
    chart = bands_chart(record, "dark")
    json.dumps(chart, allow_nan=False)
    adam = [row for row in chart["datasets"]["bands"] if row["racer"] == "Adam"]
    assert [row["step"] for row in adam] == list(range(61))
    np.testing.assert_allclose([row["half"] for row in adam], record.bands[1, 1], rtol=1e-3)
    assert all(row["low"] <= row["median"] <= row["high"] for row in adam)
    sgd = [row for row in chart["datasets"]["bands"] if row["racer"] == "SGD"]
    axis = layer(chart, "line", "bands")[0]["encoding"]["y"]["scale"]["domain"]
    assert sgd[-1]["median"] > axis[1] and sgd[-1]["half"] is None  # it left through the top
    assert "12 starts x 3 noise seeds, 60 steps each" in chart["title"]["subtitle"]
    (area,) = layer(chart, "area", "bands")
    assert area["encoding"]["opacity"]["condition"]["value"] <= 0.25
    bars = wins_chart(record, "dark")["data"]["values"]
    assert [bar["racer"] for bar in bars] == ["SGD", "Adam"] and bars[1] == {
        "racer": "Adam", "share": 1.0, "text": "100 % (36)"}  # fmt: skip


def test_bars_count_ties_and_those_whom_nobody_wins():
    twins = [racer("sgd", lr=10.0), racer("sgd", lr=10.0)]
    record = pg.run(pg.Robustness.of(racers=twins, crowd=5, steps=400))
    rows = wins_chart(record, "light")["data"]["values"]
    assert [row["share"] for row in rows] == [0, 0, 1] and rows[2]["racer"] == NOBODY
    still = pg.run(pg.Robustness.of(racers=[racer("adam"), racer("adam")], crowd=6, steps=5))
    rows = wins_chart(still, "light")["data"]["values"]
    assert [row["text"] for row in rows] == ["50 % (3, 6 shared)"] * 2


@pytest.mark.parametrize("surface", list(pg.surfaces))
def test_charts_of_every_surface_are_plain_data(surface):
    race = pg.Race(surface=pg.surfaces[surface](), racers=[racer("sgd", lr=0.05), racer("adam")], steps=25)
    sweep, crowd = pg.run(pg.RateSweep.of(race, count=7)), pg.run(pg.Robustness.of(race, crowd=5))
    for theme in THEMES:
        for chart in (sweep_chart(sweep, theme), bands_chart(crowd, theme), wins_chart(crowd, theme)):
            assert chart == json.loads(json.dumps(chart, allow_nan=False))
            assert chart["config"]["background"] == THEMES[theme].background


def test_heights_of_losses():
    low = height(np.array([-3.0, 5.0, np.nan, np.inf]), -3.0, 7.0)
    assert low.base == -3.0 and low.cut
    np.testing.assert_allclose(low.of(np.array([-3.0, -2.0])), [low.low, 1.0], rtol=1e-3)
    assert low.of(np.array([1e300]))[0] > low.high and low.of(np.array([np.nan])) == [None]
    assert "above the lowest" in low.axis("a")["title"] and "cut at" in low.axis("a")["title"]
    zero = height(np.array([1e-3, 5.0]), 0.0, 7.0)
    assert zero.base == 0 and not zero.cut and zero.axis("a")["title"] == "loss"
    open_below = height(np.array([-50.0, 4.0]), np.nan, 7.0)
    assert open_below.axis("a")["scale"]["type"] == "symlog" and open_below.of(np.array([-50.0])) == [-50.0]
    assert height(np.array([np.nan]), np.nan, np.nan).high > 0


def test_the_font_is_one_that_a_canvas_understands():
    """A browser throws the whole list away for one bare name with a number, and draws at ten pixels."""
    for name in FONT.split(", "):
        assert name.startswith("'") == name.endswith("'") and (
            name.startswith("'") or re.fullmatch(r"[A-Za-z-]+", name)
        )


def test_every_mark_has_a_shape():
    assert set(SHAPES) == set(MARKERS) and len(set(SHAPES.values())) == len(MARKERS)


# -- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_files_hold_the_numbers_and_the_configuration(name):
    record = pg.run(SMALL[name])
    svg = pg.draw(record).decode()
    assert "Rosenbrock" in svg and "steps=20" in svg.replace("&amp;", "&")
    lines = (many_runs.rates if name == "sweep" else many_runs.runs)(record).decode().splitlines()
    assert lines[0].startswith("# Optimizer Playground") and "steps=20" in lines[0]
    assert len(lines) == 2 + (4 * 5 if name == "sweep" else 4 * 4)
    with np.load(io.BytesIO(records.arrays(record))) as arrays:
        np.testing.assert_array_equal(arrays["final"], record.final)
        assert str(arrays["query"]) == record.query == SMALL[name].to_query()
    assert dict(parse_qsl(record.query))["steps"] == "20"


# -- questions --------------------------------------------------------------------------------------------------------


def test_the_questions_show_what_they_say():
    sweeps = {preset.name: pg.run(preset.make()) for preset in SWEEPS}
    which = sweeps["sweep-which-rate"]
    good = which.final[:, 0] < 0.1 * which.first[0] / 12
    span = [which.rates[mask].max() / which.rates[mask].min() if mask.any() else 1 for mask in good]
    assert span[0] < 1.2 and span[3] > 10
    tenth = which.final[0, 0, np.abs(np.log(which.rates / which.tuned[0, 0] * 10)).argmin()]
    assert tenth > 1 and 0.9 < which.tuned[0, 0] / which.limit[0] < 1
    bowl = sweeps["sweep-curvature"]
    assert 0.9 < bowl.tuned[0, 0] / bowl.limit[0] < 1 and 1.8 < bowl.limits[1, 0] / bowl.limits[0, 0] < 2
    assert bowl.tuned[1, 0] < bowl.tuned[0, 0]
    noise = sweeps["sweep-noise"]
    high = (noise.rates > 0.1) & (noise.rates < 0.19)
    assert (noise.final[0, 0, high] > 3 * noise.final[1:, 0][:, high].max(axis=0)).all()
    calm = sweeps["sweep-no-tuning"]
    assert calm.final[4, 0].max() < 1e-6 and "flat" in str(calm.remarks[5])
    assert (calm.final[[1, 3], 0][:, calm.rates > 0.3] < 1).mean() > 0.95 and (
        calm.final[0, 0][calm.rates > 0.04] > 1
    ).all()
    crowds = {preset.name: pg.run(preset.make()) for preset in CROWDS}
    lucky = crowds["crowd-lucky"]
    assert lucky.quartiles[1, 1] > 3 * lucky.quartiles[0, 1] and 0.1 < lucky.wins[1] / lucky.compared < 0.15
    start = crowds["crowd-start"]
    assert 0.65 < start.wins[1] / start.compared < 0.75 and 1 / 8 < start.diverged[1] < 1 / 6
    hollows = crowds["crowd-hollows"]
    assert hollows.wins.argmax() == 3 and hollows.wins[3] > 0.5 * hollows.compared
