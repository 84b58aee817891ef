"""Paths that bend: while the start or a knob is dragged, the player shows what the engine would compute, and the
record takes over without a jump."""

import re
from dataclasses import replace

import numpy as np
import pytest
from conftest import PHONE, Player, shown_spec
from playwright.sync_api import expect

import playground as pg
from playground.presets.race import racer

FOUR = pg.Race(starts=[(-0.5, 1.2)])
KINDS = ("sgd", "momentum", "rmsprop", "adam", "newton", "local_search", "polyak", "rprop")
NOISY = pg.Race(starts=FOUR.starts, racers=[racer(name) for name in KINDS], noise=0.05, steps=300)
WITH_BFGS = pg.Race(racers=[racer("sgd", lr=0.001), racer("bfgs"), racer("adam", lr=0.05)])
DRAWN = "({race}) => [[...race.arrays.path], [...race.arrays.loss], race.racers.map(r => r.length)]"
STATE = "p => [p.playing, p.picture.view, p.show().order.length]"


def drawn_paths(player):
    """What is on the screen: positions (R, T + 1, 2), losses (R, T + 1) and lengths (R); NaN behind the end."""
    player.until("p => !p.bending.stale && !p.dirty || p.playing")
    path, loss, lengths = (np.array(values, dtype=float) for values in player.ask(DRAWN))
    loss = loss.reshape(len(lengths), -1)
    return path.reshape(*loss.shape, 2), loss, lengths


def must_show(player, spec, racers=None):
    """The paths, losses and lengths on the screen are those of the engine for this spec, and so are all doubles."""
    record, racers = pg.run(spec), racers or range(len(spec.racers))
    path, loss, lengths = drawn_paths(player)
    for r in racers:
        assert lengths[r] == record.lengths[r, 0]
        np.testing.assert_allclose(path[r], record.positions[r, 0], rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(loss[r], record.losses[r, 0], rtol=1e-6, atol=1e-12)
        table = np.array(player.ask("(p, r) => [...p.race.table(r).rows]", r), dtype=float)
        table = table.reshape(spec.steps + 1, -1)
        expected = np.concatenate(
            [record.positions[r, 0], record.losses[r, 0][:, None], record.gradients[r, 0]], axis=1
        )
        scale = np.nanmax(np.abs(expected), axis=0, initial=1e-300)
        np.testing.assert_allclose(table[:, :5] / scale, expected / scale, rtol=0, atol=1e-12)
    return record


def take(player, point):
    """Press the mouse on the start and move it to a place of the surface."""
    mouse = player.page.mouse
    mouse.move(*player.pixel(*player.ask("p => p.bending.start")))
    mouse.down()
    mouse.move(*player.pixel(*point), steps=6)
    player.until("p => p.race.bent && !p.bending.stale")


def answered(player, spec):
    """Wait until the server's record for this spec is on show."""
    player.painted(spec)
    player.until("p => !p.race.bent && !p.bending.wanted")


def wanted_spec(player, spec):
    """The spec with the start that the player shows at present."""
    return replace(spec, starts=[tuple(player.ask("p => p.bending.start"))])


@pytest.mark.parametrize("spec", [FOUR, NOISY], ids=["four", "noise and all kinds"])
def test_dragging_the_start_bends_the_paths(visit, spec):
    player = visit.race(spec)
    player("[data-act=closer]").click()
    player(".scrub").fill("40")
    state = player.ask(STATE)
    take(player, (-0.9, 1.4))
    player.page.mouse.move(*player.pixel(-0.6, 1.1), steps=3)
    player.until("p => !p.bending.stale")
    new_spec = wanted_spec(player, spec)
    assert new_spec != spec and player.ask("p => p.show().whole")
    must_show(player, new_spec)
    expect(player(".start .where")).to_be_visible()
    before = drawn_paths(player)
    player.ask("p => { p.seen = []; setInterval(() => p.seen.push(p.race.x(0, 100)), 5) }")
    player.page.mouse.up()
    player.at_step(40)
    answered(player, new_spec)
    positions = player.ask("p => p.seen")
    assert len(positions) > 5 and np.ptp(positions) < 1e-6, "it has jumped on the way"
    for old, new in zip(before, drawn_paths(player)):
        np.testing.assert_allclose(old, new, rtol=1e-6)
    assert player.ask(STATE) == state
    player.at_step(40)
    player.page.wait_for_url(lambda url: pg.Race.from_query(url) == new_spec)
    expect(player.number("Start x")).to_have_value(f"{new_spec.starts[0][0]:g}")


def test_the_clock_goes_on(visit):
    player = visit.race(pg.Race(steps=3000))
    player.until("p => p.time > 150")
    take(player, (0.5, 0.5))
    new_spec = wanted_spec(player, pg.Race(steps=3000))
    player.page.mouse.up()
    time = player.ask("p => p.time")
    answered(player, new_spec)
    player.plays()
    assert player.ask("p => p.time") >= time > 150


def test_a_drag_asks_the_server_once(visit):
    player = visit.race()
    player.do("last")
    player.page.wait_for_load_state("networkidle")
    count = len(visit.sent)
    take(player, (0.5, 0.5))
    take_more = [(0.2, 0.1), (-0.3, 0.4), (0.6, -0.2)]
    for point in take_more:
        player.page.mouse.move(*player.pixel(*point), steps=5)
    player.until("p => !p.bending.stale")
    assert len(visit.sent) == count
    new_spec = wanted_spec(player, pg.Race())
    player.page.mouse.up()
    answered(player, new_spec)
    assert len(visit.sent) == count + 1


def test_a_second_drag_before_the_answer_wins(visit):
    player = visit.race()
    take(player, (0.5, 0.5))
    player.page.mouse.up()
    take(player, (-0.5, 1.0))
    must_show(player, wanted_spec(player, pg.Race()))
    player.page.wait_for_timeout(700)  # the answer to the first one comes while the second is held
    second = wanted_spec(player, pg.Race())
    must_show(player, second)
    player.page.mouse.up()
    answered(player, second)
    player.page.wait_for_url(lambda url: pg.Race.from_query(url) == second)


def test_the_arrow_keys_bend_at_once(visit):
    player = visit.race()
    player.do("last")
    player(".start").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp"):
        player(".start").press(key)
    player.until("p => p.race.bent")
    new_spec = wanted_spec(player, pg.Race())
    must_show(player, new_spec)
    answered(player, new_spec)
    player.at_step(500)


def test_a_click_races_from_there_at_once(visit):
    player = visit.race()
    player.do("last")
    player.page.mouse.click(*player.pixel(0.0, 1.5))
    player.plays().until("p => p.race.bent || !p.bending.wanted")
    new_spec = wanted_spec(player, pg.Race())
    answered(player, new_spec)
    assert player.ask("p => p.time") < 400
    must_show(player, new_spec)


def test_what_a_library_computes_waits_for_the_release(visit):
    player = visit.race(WITH_BFGS)
    player.do("last")
    take(player, (0.5, 0.5))
    expect(player(".refusal")).to_have_text("BFGS: computed on release, by a library.")
    expect(player(".chip").nth(1)).to_contain_text("on release")
    new_spec = wanted_spec(player, WITH_BFGS)
    must_show(player, new_spec, [0, 2])
    assert np.isnan(drawn_paths(player)[0][1]).all()
    player.page.mouse.up()
    answered(player, new_spec)
    expect(player(".refusal")).to_be_hidden()
    assert np.isfinite(drawn_paths(player)[0][1][:3]).all()


def slider(player, label):
    return player.root.get_by_label(label, exact=True).and_(player(".slider"))


def turned_spec(player, spec, index):
    """The spec with the knobs of racer `index` that the player shows at present."""
    values = player.ask("(p, r) => p.bending.knobs(p.race.racers[r].id)", index)
    optimizer = spec.racers[index].optimizer
    new_optimizer = replace(optimizer, **dict(zip(optimizer.numbers(), values)))
    racers = [replace(racer, optimizer=new_optimizer) if i == index else racer for i, racer in enumerate(spec.racers)]
    return replace(spec, racers=racers)


def pull(player, label, share):
    """Press the mouse on a slider and move it to a share of its length."""
    box = slider(player, label).bounding_box()
    y = box["y"] + box["height"] / 2
    position = player.ask("(p, i) => p.parts.knobs.querySelectorAll('input')[i].value / 400", 0)
    player.page.mouse.move(box["x"] + 10 + position * (box["width"] - 20), y)
    player.page.mouse.down()
    player.page.mouse.move(box["x"] + share * box["width"], y, steps=6)
    player.until("p => p.race.bent && !p.bending.stale")


@pytest.mark.parametrize("open_on_the_left", [False, True])
def test_dragging_a_knob_bends_the_paths(visit, open_on_the_left):
    spec = replace(pg.Race(), racers=[racer("adam", lr=0.05), *pg.Race().racers[:3]])
    player = visit.race(spec)
    if open_on_the_left:
        player.racers().nth(0).click()
        expect(player.number("lr")).to_have_value("0.05")
    player(".scrub").fill("60")
    player(".tune").nth(0).click()
    pull(player, "lr", 0.8)
    new_spec = turned_spec(player, spec, 0)
    assert new_spec.racers[0].optimizer.lr > 0.2
    must_show(player, new_spec)
    before = drawn_paths(player)
    player.page.mouse.up()
    answered(player, new_spec)
    for old, new in zip(before, drawn_paths(player)):
        np.testing.assert_allclose(old, new, rtol=1e-6)
    player.plays(False).at_step(60)
    player.page.wait_for_url(lambda url: pg.Race.from_query(url) == new_spec)
    expect(player.racers().nth(0)).to_contain_text(f"lr {new_spec.racers[0].optimizer.lr:g}")
    if open_on_the_left:
        expect(player.number("lr")).to_have_value(f"{new_spec.racers[0].optimizer.lr:g}")
        player.set("lr", 0.07)  # and the field still works
        player.painted(turned_to(new_spec, 0.07))
        expect(slider(player, "lr").locator("xpath=preceding-sibling::output")).to_have_text("0.07")


def turned_to(spec, lr):
    first = replace(spec.racers[0], optimizer=replace(spec.racers[0].optimizer, lr=lr))
    return replace(spec, racers=[first, *spec.racers[1:]])


def test_a_knob_by_keys_keeps_the_focus(visit):
    player = visit.race()
    player(".tune").nth(3).click()
    field = slider(player, "Beta1")
    field.focus()
    for _ in range(3):
        field.press("ArrowRight")
    player.until("p => p.race.bent")
    new_spec = turned_spec(player, pg.Race(), 3)
    assert new_spec.racers[3].optimizer.beta1 > 0.9
    must_show(player, new_spec)
    answered(player, new_spec)
    expect(field).to_be_focused()
    field.press("ArrowRight")
    player.until("p => p.race.bent")


def test_every_knob_has_a_slider_that_reaches_its_ends(visit):
    names = ("adam", "rprop", "polyak", "newton", "bfgs", "random_search", "lion", "nadam")
    spec = pg.Race(racers=[racer(name) for name in names], steps=20)
    player = visit.race(spec)
    for index, tuned_racer in enumerate(spec.racers):
        player(".tune").nth(index).click()
        knobs = {name: tuned_racer.optimizer.knobs()[name] for name in tuned_racer.optimizer.numbers()}
        expect(player(".slider")).to_have_count(len(knobs))
        scales = "p => p.knobs.scales.map(s => [s.value(0), s.value(400), ...[...Array(401).keys()].map(s.value)])"
        for (name, knob), (low, high, *all_of) in zip(knobs.items(), player.ask(scales)):
            assert (low, high) == (knob.low, knob.high), name
            assert all_of == sorted(all_of) and len(set(all_of)) >= min(30, high - low), name
            assert all(knob.check(name, value) == value for value in all_of)
        values = [getattr(tuned_racer.optimizer, name) for name in knobs]
        texts = player(".knobs output").all_text_contents()
        assert [float(text.replace("−", "-")) for text in texts] == pytest.approx(values)
    player("[data-act=close]").click()
    expect(player(".knobs")).to_be_hidden()


def test_a_value_that_no_slider_gives_is_refused_with_a_sentence(visit):
    player = visit.race()
    player.ask("p => p.setTriggerValue('knob', [[99, 'lr', 1], [0, 'rho', 1], [0, 'lr', 1e9]])")
    expect(player.page.get_by_test_id("stToast")).to_contain_text(re.compile("lr is 1000000000, but must be .* to 10"))
    assert shown_spec(player.page) == pg.Race()


def test_the_knobs_on_a_phone(visit):
    player = visit.race(size=PHONE, has_touch=True)
    player(".tune").nth(3).tap()
    field = slider(player, "lr")
    box = field.bounding_box()
    picture = player(".picture").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE[0] and box["height"] >= 30
    assert box["y"] + box["height"] - picture["y"] < PHONE[1], "picture and slider are not in sight together"
    field.fill("300")
    player.until("p => p.race.bent")
    new_spec = turned_spec(player, pg.Race(), 3)
    must_show(player, new_spec)
    answered(player, new_spec)


def test_a_drag_that_comes_home_changes_nothing(visit):
    player = visit.race()
    player.do("last")
    player.page.wait_for_load_state("networkidle")
    count, home = len(visit.sent), player.ask("p => p.race.header.start")
    take(player, (0.5, 0.5))
    player.page.mouse.move(*player.pixel(*home), steps=4)
    player.until("(p, home) => String(p.bending.start) === String(home)", home)
    player.page.mouse.up()
    player.until("p => !p.race.bent && !p.bending.wanted")
    must_show(player, pg.Race())
    assert len(visit.sent) == count


def test_home_bends_too(visit):
    player = Player(visit.open("/")).plays()
    expect(player(".tune").first).to_be_hidden()
    take(player, (0.5, 0.5))
    player.page.mouse.up()
    assert player.ask("p => p.race.bent")
    expect(player(".chip").first).to_contain_text(re.compile(r"\d"))


def test_where_a_policy_forbids_computing_the_server_answers(visit):
    page = visit.page()
    page.add_init_script("window.Function = function () { throw new EvalError('forbidden'); }")
    player = visit.race(page=page)
    take(player, (0.5, 0.5))
    expect(player(".refusal")).to_have_text("SGD, Momentum, RMSProp, Adam: computed on release.")
    new_spec = wanted_spec(player, pg.Race())
    player.page.mouse.up()
    answered(player, new_spec)
    assert np.isfinite(drawn_paths(player)[0]).all()
