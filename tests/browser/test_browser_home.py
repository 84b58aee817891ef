"""Home in a browser: a race plays, and the cards lead to their questions."""

import pytest
from conftest import Player, go_to, shown_spec
from playwright.sync_api import expect

import playground as pg
from playground.presets import PRESETS


def test_home_shows_a_playing_race(visit):
    page = visit.open("/")
    player = Player(page).painted(PRESETS[0].race()).plays()
    player.until("p => p.time > 20")
    expect(page.get_by_role("heading", name="Optimizer Playground")).to_be_visible()


def test_every_card_has_a_picture_with_a_text(visit):
    page = visit.open("/")
    for preset in PRESETS:
        picture = page.get_by_role("img", name=preset.look)
        expect(picture).to_be_visible()
        assert picture.evaluate("async image => (await image.decode(), image.naturalWidth)") > 100


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_card_leads_to_its_race(visit, preset):
    page = visit.open("/")
    page.get_by_role("link", name=preset.question).click()
    Player(page).painted(preset.race()).plays()
    page.wait_for_url("**/race?**")
    assert shown_spec(page) == preset.race()


def test_the_users_race_survives_a_look_at_home(visit):
    spec = pg.Race(surface=pg.surfaces["himmelblau"](), seed=7, steps=90)
    player = visit.race(spec)
    go_to(player.page, "Home")
    expect(player.page.get_by_role("heading", name="Optimizer Playground")).to_be_visible()
    go_to(player.page, "Race")
    player.painted(spec)
    player.page.wait_for_url("**/race?**")
    assert shown_spec(player.page) == spec
