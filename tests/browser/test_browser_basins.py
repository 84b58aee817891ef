"""Basin maps in a browser: coarse, then whole; a click plays the race of that start; keys, phone and links."""

from dataclasses import replace
from itertools import pairwise

import pytest
from conftest import PHONE, Player
from playwright.sync_api import expect

import playground as pg
from playground.presets import BASINS

SPEC = pg.BasinMap.of(BASINS[0].race(), side=64, steps=200)
ON = "(root, value) => ({})(root.basins, value)"


class Maps:
    """The maps in a page, asked and operated from outside."""

    def __init__(self, page):
        self.page, self.root = page, page.locator(".basins")

    def painted(self, spec):
        """Wait until the whole map of this spec is on the screen."""
        expect(self.root).to_have_attribute("data-painted", spec.key, timeout=60_000)
        return self

    def ask(self, script, value=None):
        """What `script`, a function of the maps' state and `value`, gives."""
        return self.root.evaluate(ON.replace("{}", script), value)

    def pixel(self, which, cell):
        """Where the middle of a cell of one map lies on the page."""
        box = self.root.locator(".front").nth(which).bounding_box()
        px, py = self.ask(
            "(b, [r, cell]) => { const [x, y] = b.middle(cell); return [b.maps[r].pixelX(x), b.maps[r].pixelY(y)]; }",
            [which, cell],
        )
        return box["x"] + px, box["y"] + py


def open_maps(visit, spec=SPEC, **options):
    page = visit.page(**options)
    page.goto(f"{visit.server.url}/basins?{spec.to_query()}")
    return Maps(page).painted(spec)


def test_a_map_is_there_first_coarse_and_then_whole(visit):
    spec = BASINS[0].race().with_race(seed=7)  # a map that no other test has had computed
    page = visit.page()
    page.goto(f"{visit.server.url}/basins?{spec.to_query()}")
    page.wait_for_selector(".basins[data-painted]", timeout=60_000)
    maps = Maps(page).painted(spec)
    expect(maps.root).to_have_attribute("data-side", "256")
    assert maps.root.locator("figure").count() == 4
    colours = maps.ask(
        """b => b.maps.map(m => {
            const seen = new Set(new Uint32Array(m.paint().getContext("2d").getImageData(0, 0, 256, 256).data.buffer));
            return seen.size;
        })"""
    )
    assert min(colours) > 8
    expect(page.locator(".basins .what")).to_have_text("where 65,536 starts end")


def test_a_click_plays_the_race_of_that_start(visit):
    maps = open_maps(visit)
    cell = [45, 20]
    x, y = maps.ask("(b, cell) => b.middle(cell)", cell)
    moved_spec = SPEC.with_race(starts=((x, y),))
    maps.page.mouse.click(*maps.pixel(2, cell))
    maps.painted(moved_spec)
    assert pg.BasinMap.from_query(maps.page.url) == moved_spec
    expect(maps.page.locator(".player")).to_have_attribute("data-painted", moved_spec.key)
    record = pg.run(pg.Race.of(moved_spec))
    for r in range(4):
        ends = maps.ask("(b, r) => { const m = b.maps[r]; return m.fate([45, 20]); }", r)
        point = maps.ask("(b, r) => [...b.arrays.path.slice(2 * r * 201, 2 * r * 201 + 2)]", r)
        assert point == pytest.approx([x, y], rel=1e-6)
        if ends["code"] < 4:
            last = record.positions[r, 0, -1]
            minimum = maps.ask("(b, code) => { const p = b.header.places[code]; return [p.x, p.y]; }", ends["code"])
            assert abs(last - minimum).max() < 0.2
    player = Player(maps.page)
    player.until("p => p.time > 5 || !p.playing")


def test_the_start_dragged_in_the_player_moves_on_the_maps(visit):
    maps = open_maps(visit)
    player = Player(maps.page)
    player.page.locator(".player .picture").scroll_into_view_if_needed()
    player.page.mouse.click(*player.pixel(2.0, -3.0))
    maps.root.page.wait_for_function(
        "root => Math.abs(root.basins.header.start[0] - 2) < 0.1 && Math.abs(root.basins.header.start[1] + 3) < 0.1",
        arg=maps.root.element_handle(),
    )


def test_pointing_tells_what_becomes_of_the_start_for_every_racer(visit):
    maps = open_maps(visit)
    maps.page.mouse.move(*maps.pixel(0, [40, 40]))
    tip = maps.root.locator(".tip")
    expect(tip).to_be_visible()
    words = tip.inner_text()
    assert all(label in words for label in SPEC.labels()) and "reaches" in words and "steps" in words
    assert "Start x =" in words


def test_keys_choose_a_start(visit):
    maps = open_maps(visit)
    front = maps.root.locator(".front").nth(1)
    front.focus()
    front.press("ArrowRight")
    front.press("Shift+ArrowUp")
    cell = maps.ask("b => b.cell")
    x, y = maps.ask("b => b.middle(b.cell)")
    assert maps.root.locator("[role=status]").inner_text()
    front.press("Enter")
    maps.painted(SPEC.with_race(starts=((x, y),)))
    assert cell[0] in range(64) and cell[1] in range(64)


def test_a_turned_knob_changes_the_maps_in_place(visit):
    maps = open_maps(visit)
    before = maps.root.bounding_box()
    maps.ask("b => { b.mark = 1; }")
    player = Player(maps.page)
    player.set("Radius", 0.05)
    maps.painted(replace(SPEC, radius=0.05))
    assert maps.ask("b => b.mark") == 1 and maps.root.bounding_box() == before


def test_on_a_phone_the_maps_stand_below_each_other(visit):
    maps = open_maps(visit, size=PHONE, has_touch=True)
    boxes = [maps.root.locator("figure").nth(r).bounding_box() for r in range(4)]
    assert all(box["x"] == boxes[0]["x"] and box["width"] <= 390 for box in boxes)
    assert all(upper["y"] + upper["height"] <= lower["y"] for upper, lower in pairwise(boxes))
    assert maps.page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_themes(visit, scheme):
    maps = open_maps(visit, color_scheme=scheme)
    assert maps.root.get_attribute("data-scheme") == scheme


def test_race_leads_to_the_maps_and_back(visit):
    player = visit.race()
    player.page.get_by_role("link", name="Basins").last.click()
    maps = Maps(player.page).painted(pg.BasinMap.of(pg.Race()))
    maps.page.get_by_role("link", name="Race").last.click()
    Player(maps.page).painted(pg.Race())
