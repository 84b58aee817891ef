"""Pages of their own: an interactive figure in one file, opened without a server and without a network."""

import playground as pg


def test_a_race_plays_from_a_file(visit, tmp_path):
    path = tmp_path / "race.html"
    path.write_bytes(pg.draw(pg.run(pg.Race(steps=60)), "html", theme="dark"))
    page = visit.page()
    page.context.set_offline(True)
    page.goto(path.as_uri())
    page.wait_for_selector(".player[data-painted]")
    page.locator(".scrub input, input[type=range]").first.press("End")
    page.wait_for_function("() => document.querySelector('.player').innerText.includes('step 60 / 60')")
    assert page.locator(".player").get_attribute("data-scheme") == "dark"


def test_a_surface_turns_from_a_file(visit, tmp_path):
    path = tmp_path / "surface.html"
    path.write_bytes(pg.draw(pg.run(pg.Race(steps=20)), "html", "surface"))
    page = visit.page()
    page.context.set_offline(True)
    page.goto(path.as_uri())
    page.wait_for_selector(".plotly .gl-container, .plotly .main-svg")


def test_maps_answer_from_a_file(visit, tmp_path):
    """A pixel says where it leads, and a click on it is the start of the race below."""
    path = tmp_path / "basins.html"
    path.write_bytes(pg.draw(pg.run(pg.BasinMap.of(pg.Race(steps=60), side=32)), "html"))
    page = visit.page()
    page.context.set_offline(True)
    page.goto(path.as_uri())
    page.wait_for_selector(".player[data-painted]")
    canvas = page.locator(".basins canvas").last
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 3)
    page.wait_for_function("() => document.querySelector('.basins .tip').innerText.includes('Start')")
    before = page.evaluate("() => String(document.querySelector('.player').player.race.given.start)")
    page.mouse.click(box["x"] + box["width"] / 3, box["y"] + box["height"] / 3)
    moved = "before => String(document.querySelector('.player').player.bending.wanted?.start ?? before) !== before"
    page.wait_for_function(moved, arg=before)
    visit.must_be_quiet()
