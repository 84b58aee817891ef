"""Links in a browser: restored as a whole, copied, wrong, and opened on a fresh server."""

from pathlib import Path

import pytest
from conftest import Player, Visit, shown_spec
from playwright.sync_api import expect

import playground as pg

NAMES = [name for name, cls in pg.optimizers.items() if not cls.alone][-12:]
SCHEDULES = (list(pg.schedules) * 2)[: len(NAMES)]
EVERYTHING = pg.Race(
    surface=pg.surfaces["bowl"](condition=300.0, rotation=30.0),
    racers=[pg.Racer(optimizer=pg.optimizers[n](), schedule=pg.schedules[s]()) for n, s in zip(NAMES, SCHEDULES)],
    starts=((-2.25, 1.5),),
    steps=321,
    noise=0.25,
    seed=11,
    penalty=pg.penalties["elastic_net"](),
    gradient=pg.gradients["central"](),
    tolerance=0.01,
    levels="linear",
)


def test_a_link_restores_everything(visit):
    player = visit.race(EVERYTHING)
    expect(player(".chip")).to_have_count(12)
    expect(player.racers()).to_have_count(12)
    expect(player.page.get_by_role("combobox", name="Add a racer")).to_be_disabled()
    expect(player.number("Steps")).to_have_value("321")
    expect(player.number("Seed")).to_have_value("11")
    assert shown_spec(player.page) == EVERYTHING
    expect(player.page.get_by_test_id("stAlert")).to_have_count(0)


def test_copy_link_opens_the_same_race_for_somebody_else(visit):
    page = visit.page(permissions=["clipboard-read", "clipboard-write"])
    player = visit.race(EVERYTHING, page)
    player.set("Seed", 12)
    page.wait_for_url("**seed=12**")
    expected = shown_spec(page)
    player.painted(expected)
    player(".copy").click()
    expect(player(".copy")).to_have_text("Link copied")
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied.startswith(visit.server.url + "/race?")
    other = visit.page(somebody_else=True)
    other.goto(copied)
    Player(other).painted(expected)
    assert shown_spec(other) == expected


BAD = {
    "steps=99999&seed=5": ("steps", "99999", "from 1 to 5000"),
    "racer=adam,lr:-3&seed=5": ("lr", "-3", "from"),
    "surface=nowhere&seed=5": ("surface", "nowhere", "must be"),
    "start=1,2,3&seed=5": ("start", "1,2,3", "two numbers"),
    "colour=red&seed=5": ("colour", "have only", "seed"),
}


@pytest.mark.parametrize("query", BAD)
def test_a_bad_link_says_one_sentence_and_the_page_works(visit, query):
    page = visit.open("/race?v=1&" + query)
    expect(page.get_by_test_id("stAlert")).to_have_count(1)
    for word in BAD[query]:
        expect(page.get_by_test_id("stAlert")).to_contain_text(word, ignore_case=True)
    player = Player(page).plays()
    player.set("Seed", 6)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    page.wait_for_url("**seed=6**")
    player.painted(shown_spec(page))


def test_the_first_visitor_of_a_fresh_server_may_come_by_a_link(browser, start_server, tmp_path):
    spec = pg.Race(surface=pg.surfaces["booth"](), seed=8)
    visit = Visit(browser, start_server(), tmp_path)
    try:
        page = visit.race(spec).page
        expect(page.get_by_test_id("stTopNavLink")).to_have_text(["Home"])
        expect(page.get_by_test_id("stTopNavSection")).to_have_text(["Surfaces", "Networks"])
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert shown_spec(page) == spec
        visit.must_be_quiet()
    finally:
        visit.end()


def test_the_server_has_not_loaded_torch(visit):
    maps = Path(f"/proc/{visit.server.process.pid}/maps")
    if not maps.exists():
        pytest.skip("No /proc here to read the server's libraries from.")
    visit.race(page=visit.open("/"))
    libraries = maps.read_text()
    assert "numpy" in libraries and "libtorch" not in libraries
