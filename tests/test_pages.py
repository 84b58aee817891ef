"""The pages without a browser: every page opens, every choice can be selected, nothing the user made is lost."""

import numpy as np
import opened
import pytest
from opened import ROOT, open_page, quiet, shared_page, widget
from PIL import Image
from streamlit.testing.v1 import AppTest

import playground as pg
from pages.ui.link import plain
from playground.presets import CARDS, PRESETS, Preset
from playground.view.theme import THEMES

OURS = [name for name, cls in pg.optimizers.items() if not cls.alone]  # the libraries' stand behind them


@pytest.fixture(autouse=True)
def here(monkeypatch):
    opened.in_root(monkeypatch)


def open_race(query=""):
    """The page Race at a link."""
    return open_page("race", query)


def spec(app):
    return app.session_state["race.spec"]


def open_racer(app, index):
    """Open one racer, by the number it got when it came."""
    widget("button", app, f"racer{index}.line").click()
    return quiet(app.run())


def test_home_opens_and_every_card_has_its_picture():
    app = quiet(AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run())
    cards = {card.name: card.race() if isinstance(card, Preset) else card.comparison() for card in CARDS}
    assert app.title[0].value == "Optimizer Playground" and len(app.image) == len(cards)
    for name, spec in cards.items():
        for theme in THEMES:
            with Image.open(ROOT / "assets" / "cards" / theme / f"{name}.png") as picture:
                assert picture.info["Description"] == spec.key, f"{name}.png shows an older preset"
                level = np.asarray(picture.convert("L"))[0].mean() / 255
                assert (level > 0.5) == (theme == "light"), f"{name}.png is not in the colours of the theme {theme}"


def test_race_opens_with_the_default_and_writes_it_into_the_address():
    app = open_race()
    assert spec(app) == pg.Race()
    pairs = [(name, [value] if isinstance(value, str) else value) for name, value in app.query_params.items()]
    assert pg.Race.from_query("&".join(f"{name}={value}" for name, values in pairs for value in values)) == pg.Race()


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_link_restores_the_whole_comparison(preset):
    app = open_race(preset.race().to_query())
    assert spec(app) == preset.race() and not app.warning


@pytest.mark.parametrize("name", list(pg.surfaces))
def test_every_surface_can_be_selected(name):
    app = shared_page("race")
    widget("selectbox", app, "surface").set_value(name)
    quiet(app.run())
    assert spec(app).surface == pg.surfaces[name]()
    assert spec(app).starts == (pg.surfaces[name].start,)


@pytest.mark.parametrize("name", OURS)
def test_every_optimizer_can_be_selected_and_added(name):
    app = open_racer(open_race(), 1)
    widget("selectbox", app, "racer1.optimizer").set_value(name)
    quiet(app.run())
    assert spec(app).racers[1].optimizer == pg.optimizers[name]() or name == "momentum"
    widget("selectbox", app, "add").set_value(name)
    quiet(app.run())
    assert len(spec(app).racers) == 5 and spec(app).racers[4].optimizer == pg.optimizers[name]()


@pytest.mark.parametrize("group", ["torch.optim", "pytorch_optimizer"])
def test_every_optimizer_of_a_library_can_be_selected_and_added(group):
    names = [name for name, cls in pg.optimizers.items() if cls.group == group]
    app = open_racer(open_race(pg.Race(racers=pg.Race().racers[:1], steps=5).to_query()), 0)
    for name in names:
        widget("selectbox", app, "racer0.optimizer").set_value(name)
        quiet(app.run())
        assert spec(app).racers[0].optimizer == pg.optimizers[name]()
    widget("selectbox", app, "add").set_value(names[0])
    quiet(app.run())
    assert spec(app).racers[1].optimizer == pg.optimizers[names[0]]()


@pytest.mark.parametrize("name", list(pg.schedules))
def test_every_schedule_can_be_selected(name):
    app = open_racer(open_race(), 0)
    widget("selectbox", app, "racer0.schedule").set_value(name)
    quiet(app.run())
    assert spec(app).racers[0].schedule == pg.schedules[name]()


@pytest.mark.parametrize("kind", ["penalties", "gradients"])
def test_every_penalty_and_gradient_can_be_selected(kind):
    field = {"penalties": "penalty", "gradients": "gradient"}[kind]
    app = open_race()
    for name, cls in getattr(pg, kind).items():
        widget("selectbox", app, field).set_value(name)
        quiet(app.run())
        assert getattr(spec(app), field) == cls()


def test_every_preset_can_be_selected():
    app = open_race()
    for preset in PRESETS:
        app.selectbox(key="race.preset").set_value(preset.question)
        quiet(app.run())
        assert spec(app) == preset.race()


def test_a_knob_changes_its_racer_only():
    app = open_racer(open_race(), 3)
    widget("number_input", app, "racer3.adam.lr").set_value(0.2)
    quiet(app.run())
    expected = pg.Race().racers
    assert spec(app).racers[3].optimizer.lr == 0.2 and spec(app).racers[:3] == expected[:3]
    assert widget("button", app, "racer3.line").label.endswith("Adam · lr 0.2")
    assert widget("number_input", app, "racer3.adam.lr").value == 0.2


def test_a_knob_and_another_widget_in_one_run():
    """The pictures are drawn first where a knob was turned, here in vain."""
    app = open_racer(open_race(), 3)
    widget("number_input", app, "racer3.adam.lr").set_value(0.2)
    widget("number_input", app, "steps").set_value(50)
    quiet(app.run())
    assert spec(app).racers[3].optimizer.lr == 0.2 and spec(app).steps == 50


def test_duplicate_change_a_knob_and_remove():
    app = open_racer(open_race(), 0)
    widget("button", app, "racer0.Duplicate").click()
    quiet(app.run())
    first, copy = spec(app).racers[:2]
    assert (first.optimizer, first.schedule) == (copy.optimizer, copy.schedule)
    assert [racer.look for racer in spec(app).racers] == [0, 4, 1, 2, 3]
    app = open_racer(app, 4)  # the copy has a number of its own
    widget("number_input", app, "racer4.sgd.lr").set_value(0.0005)
    quiet(app.run())
    assert [racer.optimizer.lr for racer in spec(app).racers[:2]] == [0.001, 0.0005]
    assert widget("button", app, "racer4.line").label.endswith("SGD (lr 0.0005)")
    widget("button", app, "racer0.Remove").click()
    quiet(app.run())
    assert [(racer.optimizer.lr, racer.look) for racer in spec(app).racers] == [
        (0.0005, 4),
        (0.001, 1),
        (0.01, 2),
        (0.05, 3),
    ]
    assert widget("number_input", app, "racer4.sgd.lr").value == 0.0005


def test_a_bad_link_says_one_sentence_and_keeps_the_rest():
    app = open_race("v=1&surface=booth&steps=99999&seed=5")
    assert spec(app).surface.name == "booth" and spec(app).seed == 5 and spec(app).steps == 500
    assert len(app.warning) == 1
    assert "steps is 99999" in app.warning[0].value.lower() and "from 1 to 5000" in app.warning[0].value
    widget("number_input", app, "seed").set_value(6)
    quiet(app.run())
    assert not app.warning


def test_a_wrong_formula_says_one_sentence_and_the_last_right_one_stays():
    app = open_race("surface=formula,text:x**2 %2B y**2")
    assert spec(app).surface.text == "x**2 + y**2"
    widget("text_input", app, "surface.formula.text").set_value("__import__('os')")
    quiet(app.run())
    assert len(app.error) == 1 and spec(app).surface.text == "x**2 + y**2"
    assert widget("text_input", app, "surface.formula.text").value == "__import__('os')"
    widget("text_input", app, "surface.formula.text").set_value("x**4 + y**2")
    quiet(app.run())
    assert not app.error and spec(app).surface.text == "x**4 + y**2"


def test_at_most_twelve_racers():
    app = open_race("&".join(["racer=sgd"] * 12))
    assert len(spec(app).racers) == 12 and widget("selectbox", app, "add").disabled


@pytest.mark.parametrize("name", ["rosenbrock", "formula", "bukin"])
def test_the_tabs_open(name):
    app = open_race(f"surface={name}")
    for tab in ("3-D", "What to look at", "Formula and code"):
        app.session_state["race.tabs"] = tab
        quiet(app.run())
    for index in range(4):
        app.selectbox(key="race.code.racer").set_value(index)
        quiet(app.run())
    assert len(app.latex) >= 2 and "def step(self, x, g, state" in app.code[0].value


def test_a_link_with_several_starts_shows_one_of_them():
    app = open_race("start=-1.5,2&start=0.5,0.25&start=1,2")
    assert spec(app).starts == ((-1.5, 2), (0.5, 0.25), (1, 2))
    app.session_state[f"race{app.session_state['race.generation']}.which"] = 1
    quiet(app.run())
    assert widget("number_input", app, "start1.x").value == 0.5
    widget("number_input", app, "start1.y").set_value(0.75)
    quiet(app.run())
    assert spec(app).starts == ((-1.5, 2), (0.5, 0.75), (1, 2))
    widget("selectbox", app, "surface").set_value("booth")
    quiet(app.run())
    assert spec(app).starts == (pg.surfaces["booth"].start,)


def open_inside(race, look, step):
    """The page Race at a link that takes a step apart."""
    return open_race(f"{race.to_query()}&inside={look},{step}")


def panel_text(app):
    return "\n".join(element.value for element in [*app.markdown, *app.latex])


@pytest.mark.parametrize("name", [*OURS, "to_adam", "po_lion"])
def test_a_step_of_every_optimizer_is_taken_apart(name):
    race = pg.Race(surface=pg.surfaces["booth"](), racers=(pg.Racer(optimizer=pg.optimizers[name]()),))
    app = open_inside(race, 0, 1)
    record = pg.run(pg.StepInspection.of(race, step=1))
    assert spec(app) == race and not app.warning and app.toggle(key="race.inspect").value
    text = panel_text(app)
    assert plain(f"{pg.optimizers[name].label}, step {record.step} to {record.step + 1}") in text
    for line in record.lines:
        assert all(row.numbers in text and row.result in text for row in line.rows)
    assert plain(str(record.sentence)) in text and "curvature along the step" in text
    assert app.code[0].value.strip() == race.racers[0].optimizer.code().strip() != ""


def test_the_step_is_in_the_link_until_it_is_closed():
    app = open_inside(pg.Race(), 2, 30)
    assert "2,30" in app.query_params["inside"] and "RMSProp, step 30 to 31" in panel_text(app)
    widget("number_input", app, "seed").set_value(5)
    quiet(app.run())
    assert "2,30" in app.query_params["inside"] and "5" in app.query_params["seed"]
    app.toggle(key="race.inspect").set_value(False)
    quiet(app.run())
    assert "inside" not in app.query_params and "RMSProp, step" not in panel_text(app)
    app.toggle(key="race.inspect").set_value(True)
    quiet(app.run())
    assert "Adam, step 0 to 1" in panel_text(app)  # the one with the most to show, where the player is


def test_a_racer_that_is_gone_gives_way_and_a_wrong_step_is_told():
    assert "Adam, step 30 to 31" in panel_text(open_inside(pg.Race(), 9, 30))
    app = open_race(f"{pg.Race().to_query()}&inside=1")
    assert (
        spec(app) == pg.Race()
        and "inside is '1', but must be two whole numbers look,step" in app.warning[0].value.lower()
    )
    assert not app.toggle(key="race.inspect").value
