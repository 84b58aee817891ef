"""The player in a browser: playing, stepping, looking closer, hiding and raising, without asking the server."""

import re

import pytest
from conftest import Player
from playwright.sync_api import expect

import playground as pg
from playground.presets.race import racer

LONG = pg.Race(steps=2000)
UP = "p => p.root.querySelectorAll('.chip.raised').length"


@pytest.fixture
def player(visit):
    return visit.race()


def test_race_opens_already_playing(player):
    player.plays()
    player.until("p => p.time > 20")


def test_playing_asks_nothing_of_the_server(visit, player):
    player.page.wait_for_load_state("networkidle")
    player.until("p => p.time > 30")
    count = len(visit.sent)
    player.until("(p, from) => p.time > from + 80", player.step())
    player.do("play")
    player.do("forward")
    player.keys("End", "Home")
    assert len(visit.sent) == count


@pytest.mark.parametrize("by", ["button", "space"])
def test_pause_and_play(player, by):
    def press():
        player.do("play") if by == "button" else player.keys(" ")

    press()
    player.plays(False)
    time = player.ask("p => p.time")
    player.page.evaluate("() => new Promise(done => setTimeout(done, 150))")
    assert player.ask("p => p.time") == time
    press()
    player.plays().until("(p, held) => p.time > held", time)


@pytest.mark.parametrize("by", ["buttons", "keys"])
def test_single_steps_and_both_ends(player, by):
    def move(act, key):
        player.do(act) if by == "buttons" else player.keys(key)

    move("first", "Home")
    player.plays(False).at_step(0)
    for step in (1, 2, 3):
        move("forward", "ArrowRight")
        player.at_step(step)
    move("back", "ArrowLeft")
    player.at_step(2)
    move("last", "End")
    player.at_step(500)
    move("forward", "ArrowRight")
    player.at_step(500)


def test_shift_makes_ten_steps(player):
    player.keys("Home", "Shift+ArrowRight", "Shift+ArrowRight")
    player.at_step(20)
    player.keys("Shift+ArrowLeft", "ArrowRight")
    player.at_step(11)


def test_scrub(player):
    player(".scrub").fill("123")
    player.plays(False).at_step(123)
    expect(player("output.step")).to_have_text("step 123 / 500")
    expect(player(".scrub")).to_have_attribute("aria-valuetext", "step 123 / 500")
    box = player(".scrub").bounding_box()
    player.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert abs(player.step() - 250) <= 5
    player.keys("ArrowRight")
    assert abs(player.step() - 251) <= 5


def test_pressing_a_curve_goes_to_its_step(player):
    box = player(".chart.loss .front").bounding_box()
    at = player.ask("p => p.lossChart.pixelX(200)")
    player.page.mouse.click(box["x"] + at, box["y"] + box["height"] / 2)
    player.plays(False)
    assert abs(player.step() - 200) <= 2


def pace(player):
    """Steps a second of the player's own clock."""
    return player.root.evaluate(
        """root => new Promise(done => {
            const [from, at] = [root.player.time, performance.now()];
            setTimeout(() => done((root.player.time - from) / (performance.now() - at) * 1000), 400);
        })"""
    )


def test_speed(visit):
    player = visit.race(LONG)
    player("select").select_option("0.1")
    slow = pace(player)
    player("select").select_option("2")
    fast = pace(player)
    assert 10 < fast / slow < 40


def test_it_stops_at_the_end_and_begins_again_in_a_loop(player):
    player("select").select_option("10")
    player.plays(False).at_step(500)
    player.do("loop")
    expect(player("[data-act=loop]")).to_have_attribute("aria-pressed", "true")
    player.do("play")
    player.root.evaluate("root => { root.seen = []; root.watch = setInterval(() => root.seen.push(root.player.time)) }")
    player.page.wait_for_function(
        "root => root.seen.some((time, i) => time < root.seen[i - 1])", arg=player.root.element_handle()
    )
    player.plays()


def test_zoom_and_pan(player):
    def view():
        return player.ask("p => [p.picture.view.left, p.picture.view.right, p.picture.view.bottom, p.picture.view.top]")

    def width(window):
        return window[1] - window[0]

    whole = view()
    player.do("closer")
    close = view()
    assert width(close) == pytest.approx(width(whole) / 1.5)
    box = player(".picture .front").bounding_box()
    middle = box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.3
    key = player.root.get_attribute("data-key")
    player.page.mouse.move(*middle)
    player.page.mouse.down()
    player.page.mouse.move(middle[0] + 30, middle[1] - 20, steps=4)
    player.page.mouse.up()
    moved_view = view()
    assert moved_view[0] < close[0] and moved_view[2] < close[2] and width(moved_view) == pytest.approx(width(close))
    assert player.root.get_attribute("data-key") == key, "panning has set the start"
    player.page.mouse.wheel(0, -200)
    player.until("(p, width) => p.picture.view.right - p.picture.view.left < width * 0.99", width(moved_view))
    player.do("wider")
    player.keys("0")
    assert view() == pytest.approx(whole)


def test_the_wheel_scrolls_the_page_until_the_player_is_chosen(player):
    box = player(".picture .front").bounding_box()
    player.page.mouse.move(box["x"] + 200, box["y"] + 200)
    player.page.mouse.wheel(0, 300)
    player.page.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollTop > 100")
    assert not player.ask("p => p.picture.zoomed")


@pytest.mark.parametrize("over", ["path", "curve", "chip", "row"])
def test_hovering_names_the_racer(player, over):
    r = 3
    player.do("last")
    label = pg.Race().labels()[r]
    if over in ("chip", "row"):
        player({"chip": f".chip[data-racer='{r}']", "row": f"tbody tr[data-racer='{r}']"}[over]).hover()
    else:
        x, y = place_of(player, over, r)
        player.page.mouse.move(x, y)
        expect(player(".tip strong")).to_have_text(label)
        expect(player(".tip")).to_contain_text(re.compile(r"step \d+.*x = .*y = .*loss = ", re.S))
    player.until(f"(p, r) => p.raised === r && ({UP})(p) === 1", r)
    expect(player(f".chip[data-racer='{r}']")).to_have_class(re.compile("raised"))
    expect(player(f".chip[data-racer='{r}']")).to_contain_text(label)
    player.page.mouse.move(5, 5)
    player.until("p => p.raised === -1 && p.parts.tip.hidden")


def place_of(player, over, r):
    """A place on the page where only racer `r` is."""
    box = player({"path": ".picture .front", "curve": ".chart.loss .front"}[over]).bounding_box()
    where = """(p, [over, r]) => {
        const chart = p.lossChart, race = p.race;
        for (let step = race.lastStep(r) - 1; step > 0; step--) {
            const at = over === "path" ? [p.picture.pixelX(race.x(r, step)), p.picture.pixelY(race.y(r, step))]
                : [chart.pixelX(step), chart.pixelY(race.value("loss", r, step))];
            const found = (over === "path" ? p.picture : chart).nearest(...at, { ...p.show(), order: [0, 1, 2, 3] });
            if (found?.r === r) return at;
        }
    }"""
    x, y = player.ask(where, [over, r])
    return box["x"] + x, box["y"] + y


def test_a_chip_hides_and_a_double_click_isolates(player):
    def shown():
        return player.ask("p => p.show().order.toSorted()")

    chips = player(".chip")
    chips.nth(1).click()
    assert shown() == [0, 2, 3]
    expect(chips.nth(1)).to_have_attribute("aria-pressed", "false")
    chips.nth(1).click()
    assert shown() == [0, 1, 2, 3]
    chips.nth(2).dblclick()
    assert shown() == [2]
    chips.nth(2).dblclick()
    assert shown() == [0, 1, 2, 3]


def test_divergence_is_told(visit):
    spec = pg.Race(surface=pg.surfaces["bowl"](condition=100.0), racers=(racer("sgd", lr=1.0), racer("adam", lr=0.1)))
    player = visit.race(spec)
    player.do("last")
    expect(player(".chip").first).to_contain_text("diverged at step")
    expect(player(".notes li")).to_have_count(1)
    expect(player(".keys")).to_contain_text("diverged")


def test_reduced_motion_shows_the_end_at_rest(visit):
    player = visit.race(reduced_motion="reduce").plays(False)
    player.at_step(500)
    player.do("play")  # who asks for it gets it
    player.plays().until("p => p.time > 5 && p.time < 400")


def test_reduced_motion_on_home(visit):
    Player(visit.open("/", reduced_motion="reduce")).plays(False).at_step(500)
