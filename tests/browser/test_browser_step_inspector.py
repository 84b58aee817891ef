"""A step taken apart in a browser: the panel follows the player, and what is drawn is what the record holds."""

import math
import re

import numpy as np
import pytest
from conftest import PHONE, Player, shown_spec
from playwright.sync_api import expect

import playground as pg

NOISY = pg.Race(noise=5.0)
SOLO = pg.Race(surface=pg.surfaces["himmelblau"](), racers=(pg.Racer(optimizer=pg.optimizers["newton"]()),), steps=20)


@pytest.fixture
def apart(visit):
    """Opens a race at a step of one racer, taken apart; gives the player."""

    def opened(spec=None, look=3, step=10, **options):
        spec = spec or pg.Race()
        page = visit.open(f"/race?{spec.to_query()}&inside={look},{step}", **options)
        player = Player(page).painted(spec)
        shows(player, look, step)
        return player

    return opened


def step_inspector(player):
    return player.page.locator(".step_inspector")


def geometry(player):
    """What is drawn: the step, where it begins, and name -> (vector in the surface's units, pixels)."""
    return step_inspector(player).evaluate(
        """root => {
            const { step, from, parts, model } = root.step_inspector.geometry;
            const drawn = Object.fromEntries(parts.map(({ item, vector, drawn }) => [item.id, [vector, drawn]]));
            return { step, from, drawn, kind: model && model.kind, centre: model && model.centre };
        }"""
    )


def words(player):
    return player.page.locator(".st-key-race-step-words")


def shows(player, look, step):
    """Wait until player, drawing and words are at this step."""
    spec = shown_spec(player.page)
    label = spec.labels()[[racer.look for racer in spec.racers].index(look)]
    title = words(player).get_by_text(re.compile(re.escape(f"{label}, step {step} to {step + 1}")))
    expect(title).to_be_visible(timeout=15_000)
    player.plays(False).at_step(step)
    player.page.wait_for_function(
        "([root, step]) => root.step_inspector.geometry?.step === step && !root.step_inspector.player.request",
        arg=[step_inspector(player).element_handle(), step],
    )
    assert player.page.evaluate("document.documentElement.dataset.stepWords") == "new"


def test_the_panel_opens_at_the_step_on_show_and_closes(visit):
    player = visit.race()
    player(".scrub").fill("40")
    switch = player.page.get_by_text("Inspect this step")
    switch.click()
    shows(player, 3, 40)  # Adam, which remembers most
    expect(player(".rows")).to_be_hidden()
    expect(player.page).to_have_url(re.compile(r"inside=3(,|%2C)40$"))
    switch.click()
    expect(step_inspector(player)).to_have_count(0)
    expect(player(".rows")).to_be_visible()
    player.until("p => !p.guest")
    assert "inside" not in player.page.url


def test_what_is_drawn_is_what_the_record_holds(apart):
    player = apart(NOISY, 3, 10)
    record = pg.run(pg.StepInspection.of(NOISY, chosen=3, step=10))
    drawing = geometry(player)
    after = {variable.name: variable.values[11] for variable in record.variables}
    vectors = {
        "step": record.move, "gradient": -record.gradient, "exact": -record.slope,
        "state m": -after["m"], "state v": np.sqrt(after["v"]),
    }  # fmt: skip
    assert set(drawing["drawn"]) == set(vectors)
    sx, sy = player.ask("p => [p.picture.pixelX(1) - p.picture.pixelX(0), p.picture.pixelY(1) - p.picture.pixelY(0)]")
    for name, expected in vectors.items():
        vector, arrow = drawing["drawn"][name]
        assert vector == pytest.approx(expected, rel=1e-4), name
        across, up = arrow[0] / sx, arrow[1] / sy  # in its direction, longer or shorter
        assert across * expected[1] == pytest.approx(up * expected[0], rel=1e-3), name
        assert math.hypot(*arrow) >= 20
    level = player.ask(
        "(p, [x, y]) => [p.picture.pixelX(x), p.picture.pixelY(y)]", (record.position + record.newton).tolist()
    )
    assert np.add(drawing["from"], drawing["centre"]) == pytest.approx(level, abs=0.5)
    assert drawing["kind"] == ("minimum" if record.eigenvalues[0] > 0 else "saddle")


def test_something_is_painted_and_each_part_can_be_taken_away(apart):
    player = apart()

    def painted():
        return player(".picture .front").evaluate("canvas => canvas.toDataURL()")

    parts = step_inspector(player).locator(".legend .chip")
    pictures = {painted()}
    for i in range(parts.count()):
        parts.nth(i).click()
        expect(parts.nth(i)).to_have_attribute("aria-pressed", "false")
        player.until("p => !p.dirty && !p.request")
        pictures.add(painted())
    assert len(pictures) == parts.count() + 1


def test_the_words_follow_once_the_player_rests(visit, apart):
    player = apart()
    player.do("forward")
    shows(player, 3, 11)
    player.do("play")
    expect(step_inspector(player).locator(".state")).to_have_text(re.compile("follow when the player pauses"))
    player.until("p => p.time > 60")
    assert player.page.evaluate("document.documentElement.dataset.stepWords") == "old"
    count = len(visit.sent)
    player.until("p => p.time > 120")
    assert len(visit.sent) == count, "it asks the server while it plays"
    player.do("play")
    shows(player, 3, player.step())
    player(".scrub").fill("300")
    shows(player, 3, 300)
    assert f"{pg.run(pg.StepInspection(chosen=3, step=300)).loss:.3g}" in words(player).inner_text()


def test_an_answer_that_comes_late_does_not_turn_the_player_back(apart):
    player = apart()
    player(".scrub").fill("20")
    player.page.wait_for_function("root => root.step_inspector.told > 0", arg=step_inspector(player).element_handle())
    player(".scrub").fill("25")  # while the answer is on its way
    tell_count = step_inspector(player).evaluate("root => (root.step_inspector.tell(3, 25), root.step_inspector.told)")
    times = player.root.evaluate(
        """root => new Promise(done => {
            const seen = new Set(), watch = setInterval(() => seen.add(root.player.time), 5);
            setTimeout(() => done([clearInterval(watch), [...seen]][1]), 2500);
        })"""
    )
    assert times == [25] and tell_count >= 2
    shows(player, 3, 25)


def test_another_racer_by_the_menu_and_by_its_path(apart):
    player = apart()
    step_inspector(player).locator("select").select_option("1")
    shows(player, 1, 10)
    assert "velocity" in step_inspector(player).inner_text() and "root of v" not in step_inspector(player).inner_text()
    path = pg.run(pg.Race()).positions[1, 0]
    player.page.mouse.click(*player.pixel(*path[120]))
    player.until("p => p.time > 100 && p.time < 140")
    shows(player, 1, player.step())


def test_refresh_and_back_restore_the_step(apart):
    player = apart()
    player(".scrub").fill("77")
    shows(player, 3, 77)
    player.page.reload()
    player.page.wait_for_selector(".player[data-painted]")
    shows(player, 3, 77)
    player(".scrub").fill("90")
    shows(player, 3, 90)
    player.page.go_back()
    shows(player, 3, 77)


def test_a_moved_start_keeps_the_panel(apart):
    player = apart()
    player.set("Start x", -1.0)
    spec = pg.Race(starts=((-1.0, 2.0),))
    player.painted(spec)
    player(".scrub").fill("10")
    shows(player, 3, 10)
    assert geometry(player)["drawn"]["step"][0] == pytest.approx(
        pg.run(pg.StepInspection.of(spec, chosen=3, step=10)).move, rel=1e-4
    )


def test_behind_the_end_it_is_the_last_step(apart):
    player = apart(SOLO, 0, 2)
    last = int(pg.run(SOLO).lengths[0, 0]) - 2
    player.keys("End")
    expect(words(player).get_by_text(re.compile(f"Newton, step {last} to {last + 1}, its last one"))).to_be_visible()
    player.until("p => !p.dirty && !p.request")
    assert geometry(player)["step"] == last


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_is_wider_than_the_screen(apart, scheme):
    player = apart(size=PHONE, color_scheme=scheme)
    assert player.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    box = words(player).bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE[0]


def test_a_wrong_step_in_the_link_says_one_sentence(visit):
    page = visit.open(f"/race?{pg.Race().to_query()}&inside=3,x")
    expect(page.get_by_text("Inside: step is 'x', but must be a whole number from 0 to 5000.")).to_be_visible()
    expect(page.locator(".step_inspector")).to_have_count(0)


def test_the_copied_link_opens_the_same_step(visit, apart):
    player = apart()
    player(".scrub").fill("33")
    shows(player, 3, 33)
    player.page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text }")
    player.do("copy")
    player.page.wait_for_function("window.copied")
    copied = player.page.evaluate("window.copied")
    assert copied.endswith("&inside=3,33") and pg.Race.from_query(copied) == pg.Race()


def test_nothing_is_drawn_while_the_path_is_bent(apart):
    player = apart()
    box = player(".start").bounding_box()
    mouse = player.page.mouse
    mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    mouse.down()
    mouse.move(box["x"] + 60, box["y"] + 10, steps=4)
    player.page.wait_for_function("root => !root.step_inspector.geometry", arg=step_inspector(player).element_handle())
    mouse.up()
    player.until("p => !p.race.bent")
    player(".scrub").fill("12")
    shows(player, 3, 12)
    spec = shown_spec(player.page)
    assert spec.starts != pg.Race().starts
    assert geometry(player)["drawn"]["step"][0] == pytest.approx(apart_move(spec, 12), rel=1e-4)


def apart_move(spec, step):
    return pg.run(pg.StepInspection.of(spec, chosen=3, step=step)).move
