"""Pages of their own: an interactive figure in one file, opened without a server and without a network."""

import pytest

import playground as pg
from playground.labs import labs
from playground.presets.training import training

RECORDS = {
    "race": lambda: pg.Race(steps=60),
    "basins": lambda: pg.BasinMap.of(pg.Race(steps=60), side=32),
    "step_inspector": lambda: pg.StepInspection.of(pg.Race(steps=60), chosen=1, step=7),
    "train": lambda: pg.Comparison(runs=(training(network="softmax", images=500, epochs=2, batch=128),)),
}
START = "() => String(document.querySelector('.player').player.race.given.start)"


@pytest.fixture
def opened(visit, tmp_path, monkeypatch):
    """A function that opens the file of a lab's figure; at the end the console must be quiet."""
    monkeypatch.setenv("PLAYGROUND_STORE", str(tmp_path / "store"))

    def open_file(lab, figure="", theme="light"):
        path = tmp_path / "figure.html"
        path.write_bytes(pg.draw(pg.run(RECORDS[lab]()), "html", figure, theme=theme))
        page = visit.page(offline=True)
        page.goto(path.as_uri())
        return page

    yield open_file
    visit.must_be_quiet()


def test_every_interactive_figure_is_opened_here():
    live = {name for name, lab in labs().items() for figure in lab.figures if figure.live}
    assert live == set(RECORDS)


def test_a_race_plays_from_a_file(opened):
    page = opened("race", theme="dark")
    page.wait_for_selector(".player[data-painted]")
    page.locator(".scrub input, input[type=range]").first.press("End")
    page.wait_for_function("() => document.querySelector('.player').innerText.includes('step 60 / 60')")
    assert page.locator(".player").get_attribute("data-scheme") == "dark"


def test_a_surface_turns_from_a_file(opened):
    opened("race", "surface").wait_for_selector(".plotly .gl-container, .plotly .main-svg")


def test_maps_answer_from_a_file(opened):
    """A pixel says where it leads, and a click on it is the start of the race below."""
    page = opened("basins")
    page.wait_for_selector(".player[data-painted]")
    canvas = page.locator(".basins canvas").last
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 3)
    page.wait_for_function("() => document.querySelector('.basins .tip').innerText.includes('Start')")
    before = page.evaluate(START)
    page.mouse.click(box["x"] + box["width"] / 3, box["y"] + box["height"] / 3)
    script = "before => String(document.querySelector('.player').player.bending.wanted?.start ?? before) !== before"
    page.wait_for_function(script, arg=before)


def test_any_step_is_taken_apart_from_a_file(opened):
    """The values follow the player, also those of another racer; the figure of the step fades meanwhile."""
    page = opened("step_inspector", theme="dark")
    page.wait_for_selector(".player[data-painted]")
    values, words = page.locator(".step_inspector .legend"), "document.documentElement.dataset.stepWords"
    page.wait_for_function(
        f"() => {words} === 'new' && document.querySelector('.player').innerText.includes('step 7 /')"
    )
    first = values.inner_text()
    page.locator("input[type=range]").first.press("ArrowRight")
    page.wait_for_function(f"() => {words} === 'old'")
    page.wait_for_function("first => document.querySelector('.legend').innerText !== first", arg=first)
    second, racer = values.inner_text(), page.locator(".step_inspector select")
    racer.select_option(index=2)
    page.wait_for_function("second => document.querySelector('.legend').innerText !== second", arg=second)
    assert page.locator("figure svg title").text_content() and page.locator(".step_inspector .value").first.inner_text()


def test_a_training_is_looked_into_from_a_file(opened):
    """Its curves are there, its numbers are those of any step, and it plays."""
    page = opened("train")
    page.wait_for_function("() => document.querySelector('.observatory .runs')?.innerText.includes('%')")
    page.wait_for_selector(".observatory .layers-panes canvas")
    end = page.locator(".observatory .runs").inner_text()
    page.locator(".observatory input[type=range]").first.press("ArrowLeft")
    page.wait_for_function("end => document.querySelector('.observatory .runs').innerText !== end", arg=end)
    page.locator(".observatory [data-act=play]").click()
    page.wait_for_function("end => document.querySelector('.observatory .runs').innerText === end", arg=end)
