"""Changes in a browser: a start, a knob, a racer; what comes back is the race that the link describes."""

import re

import numpy as np
import pytest
from conftest import shown_spec
from playwright.sync_api import expect

import playground as pg

SEEN = (0, 1, 7, 60, 250, 500)


def must_show_the_link(player, steps=SEEN):
    """The heads stand where the engine puts them for the race of the address bar."""
    spec = shown_spec(player.page)
    player.painted(spec)
    record = pg.run(spec)
    for step in steps:
        expected = [record.positions[r, 0, min(step, record.lengths[r, 0] - 1)] for r in range(len(spec.racers))]
        np.testing.assert_allclose(player.heads(step), expected, rtol=2e-7, atol=1e-12, err_msg=f"step {step}")


def wait_for_start(player, start):
    """Wait until the address holds a start near this place."""
    left, right, bottom, top = pg.Race().surface.window
    near = 0.01 * np.array([right - left, top - bottom])
    player.page.wait_for_function(
        """([[x, y], [dx, dy]]) => {
            const held = new URLSearchParams(location.search).get("start")?.split(",").map(Number);
            return held && Math.abs(held[0] - x) < dx && Math.abs(held[1] - y) < dy;
        }""",
        arg=[start, near.tolist()],
    )


def test_the_player_shows_what_the_engine_computed(visit):
    must_show_the_link(visit.race())


def test_dragging_the_ring_starts_another_race(visit):
    player = visit.race()
    player.do("first")
    mouse = player.page.mouse
    mouse.move(*player.pixel(*pg.Race().starts[0]))
    mouse.down()
    mouse.move(*player.pixel(0.5, 0.5), steps=5)
    expect(player(".start .where")).to_be_visible()
    mouse.move(*player.pixel(1.25, -0.5), steps=5)
    mouse.up()
    wait_for_start(player, (1.25, -0.5))
    player.plays(False).at_step(0)
    must_show_the_link(player)
    assert player.ask("p => p.race.header.start") == list(shown_spec(player.page).starts[0])


def test_a_click_into_the_picture_sets_the_start(visit):
    player = visit.race()
    player.page.mouse.click(*player.pixel(0.0, 1.5))
    wait_for_start(player, (0.0, 1.5))
    must_show_the_link(player, (0, 33))
    x, y = shown_spec(player.page).starts[0]
    expect(player.number("Start x")).to_have_value(f"{x:g}")
    expect(player.number("Start y")).to_have_value(f"{y:g}")


def test_two_clicks_in_a_row_end_at_the_second(visit):
    player = visit.race()
    player.page.mouse.click(*player.pixel(0.0, 1.5))
    player.page.mouse.click(*player.pixel(-1.0, 0.5))
    wait_for_start(player, (-1.0, 0.5))
    must_show_the_link(player, (0, 33))


def test_the_arrow_keys_move_the_ring(visit):
    player = visit.race()
    player(".start").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        player(".start").press(key)
    left, right, bottom, top = pg.Race().surface.window
    x, y = pg.Race().starts[0]
    wait_for_start(player, (x + 0.04 * (right - left), y - 0.02 * (top - bottom)))
    must_show_the_link(player, (0, 33))


def test_a_knob_changes_the_race_and_keeps_what_the_viewer_has_set(visit):
    player = visit.race()
    player.do("closer")
    player(".chip").nth(1).click()
    player(".scrub").fill("200")
    view = player.ask("p => p.picture.view")
    player.racers().nth(3).click()
    player.set("lr", 0.2)
    expected = pg.Race(racers=(*pg.Race().racers[:3], pg.Racer(optimizer=pg.optimizers["adam"](lr=0.2))))
    player.painted(expected)
    player.page.wait_for_url(lambda url: pg.Race.from_query(url) == expected)
    assert player.ask("p => p.picture.view") == view
    assert player.ask("p => p.show().order.toSorted()") == [0, 2, 3]
    player.plays(False).at_step(200)


def test_a_racer_stays_open_while_its_knobs_change(visit):
    player = visit.race()
    player.racers().nth(3).click()
    for value in (0.2, 0.3, 0.4):
        player.set("lr", value)
        expect(player.racers().nth(3)).to_contain_text(f"Adam · lr {value}")
        expect(player.number("lr")).to_be_visible()


def test_duplicate_remove_and_add(visit):
    player = visit.race()
    page = player.page
    player.racers().first.click()
    page.get_by_role("button", name="Duplicate").click()
    expect(player(".chip")).to_have_count(5)
    expect(player.racers()).to_have_count(5)
    page.get_by_role("button", name="Remove").click()
    expect(player(".chip")).to_have_count(4)
    page.get_by_role("combobox", name="Add a racer").fill("Lion")  # there are more than the list shows at once
    page.get_by_role("option", name=re.compile("^Lion · adaptive")).click()
    expect(player(".chip").nth(4)).to_contain_text("Lion")
    page.wait_for_url("**racer=lion**")
    must_show_the_link(player, (0, 99))


def test_a_menu_changes_the_surface(visit):
    player = visit.race()
    player.page.get_by_role("combobox", name="Surface").click()
    player.page.get_by_role("option", name=re.compile("^Himmelblau")).click()
    expect(player(".title")).to_have_text("Himmelblau")
    player.page.wait_for_url("**surface=himmelblau**")
    assert shown_spec(player.page).surface == pg.surfaces["himmelblau"]()
    must_show_the_link(player, (0, 99))


@pytest.mark.parametrize("part", range(6))
def test_every_surface_is_painted(visit, part):
    page = visit.page()
    for name in list(pg.surfaces)[part::6]:
        player = visit.race(pg.Race(surface=pg.surfaces[name]()), page)
        assert player.ask("p => p.picture.heads.every(h => Number.isFinite(h.px) && Number.isFinite(h.py))"), name


def test_a_typed_formula(visit):
    player = visit.race(pg.Race(surface=pg.surfaces["formula"]()))
    text = player.page.get_by_test_id("stTextInput").get_by_role("textbox")
    text.fill("__import__('os')")
    text.press("Enter")
    expect(player.page.get_by_test_id("stAlert")).to_have_count(1)
    text.fill("x**4 + y**2 + x")
    text.press("Enter")
    expect(player.page.get_by_test_id("stAlert")).to_have_count(0)
    player.painted(
        pg.Race(surface=pg.surfaces["formula"](text="x**4 + y**2 + x"), starts=shown_spec(player.page).starts)
    )


def test_browser_back_returns_to_the_former_race(visit):
    first, second = pg.Race(seed=3), pg.Race(seed=4)
    player = visit.race(first)
    player.set("Seed", 4)
    player.painted(second)
    player.page.wait_for_url("**seed=4**")
    player.page.go_back()
    player.painted(first)
    expect(player.number("Seed")).to_have_value("3")
    assert shown_spec(player.page) == first
    player.page.go_forward()
    player.painted(second)


def test_browser_back_leaves_a_link_at_once(visit):
    page = visit.open("/")
    player = visit.race(pg.Race(seed=3), page)
    player.until("p => p.time > 40")
    page.go_back()
    expect(page.get_by_role("heading", name="Optimizer Playground")).to_be_visible()
