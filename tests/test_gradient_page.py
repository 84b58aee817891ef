"""The page Gradient check without a browser."""

import pytest
from opened import in_root, open_page, quiet, shared_page, widget

import playground as pg
from playground.presets import CHECKS

RIGHT_DX, RIGHT_DY = "-2*(1-x) - 400*x*(y-x**2)", "200*(y-x**2)"
PAGE = "gradients"


@pytest.fixture(autouse=True)
def at_home(monkeypatch):
    in_root(monkeypatch)


def spec_of(app):
    return app.session_state["gradients.spec"]


def test_the_page_opens_with_the_first_question():
    app = open_page(PAGE)
    assert spec_of(app) == pg.GradientCheck() == CHECKS[0].make() and not app.warning
    assert any("Rosenbrock" in element.value for element in app.markdown)


@pytest.mark.parametrize("preset", CHECKS, ids=lambda preset: preset.name)
def test_a_link_opens_every_preset(preset):
    app = open_page(PAGE, preset.make().to_query())
    assert spec_of(app) == preset.make() and not app.warning
    assert len(app.error) == (preset.make().dx != "")  # the wrong gradient is said to be wrong


@pytest.mark.parametrize("name", list(pg.surfaces))
def test_every_surface_can_be_selected(name):
    app = shared_page(PAGE)
    widget("selectbox", app, "surface").set_value(name)
    quiet(app.run())
    assert spec_of(app).surface == pg.surfaces[name]() and (spec_of(app).x, spec_of(app).y) == pg.surfaces[name].start


def test_every_activation_can_be_selected():
    app = open_page(PAGE, "subject=net")
    for name, cls in pg.activations.items():
        widget("selectbox", app, "activation").set_value(name)
        quiet(app.run())
        assert spec_of(app).activation == cls()
    widget("number_input", app, "small.small_mlp.hidden").set_value(2)
    quiet(app.run())
    assert spec_of(app).small.hidden == 2 and spec_of(app).surface == pg.surfaces["rosenbrock"]()


def test_a_typed_derivative_is_judged_and_a_wrong_text_keeps_the_last():
    app = open_page(PAGE)
    for part, text in (("dx.rosenbrock", RIGHT_DX), ("dy.rosenbrock", RIGHT_DY)):
        widget("text_input", app, part).set_value(text)
        quiet(app.run())
    assert app.success and not app.error and spec_of(app).dy == RIGHT_DY
    widget("text_input", app, "dy.rosenbrock").set_value("200(y-x**2)")
    quiet(app.run())
    assert len(app.error) == 1 and spec_of(app).dy == RIGHT_DY


def test_a_bad_link_says_so_on_the_page():
    app = open_page(PAGE, "surface=booth&x=1e9")
    assert len(app.warning) == 1 and spec_of(app).surface.name == "booth"


def test_the_other_tab_opens():
    app = open_page(PAGE)
    app.session_state["gradients.tabs"] = "Formulas and thresholds"
    quiet(app.run())
    assert len(app.latex) == 2 + len(pg.differences)
