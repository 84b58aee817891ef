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
