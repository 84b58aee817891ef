"""The observatory in a browser, on logs of trainings that were never run, without the app around it."""

import math
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from conftest import PHONE, Visit
from made_runs import CLASSES, LAYERS, Log, LogServer, made
from playwright.sync_api import expect

from playground.messages import Message
from playground.record import End, Probe, Tick, Validation
from playground.runs.log import decode
from playground.view.observatory import ShownRun, payload

LABELS = ("SGD, lr 0.05", "Adam, lr 0.001", "RMSProp", "SGD")
SHORT = {"epochs": 4, "per_epoch": 50, "seconds": 20.0, "probes": 40}
LAYER_TABS = ("activations", "gradients", "weights", "updates", "units")
PICTURE_TABS = ("filters", "samples", "confusion", "mistakes")


@pytest.fixture(scope="module")
def lab():
    server = LogServer()
    yield server
    server.end()


@pytest.fixture
def visit(browser, lab, tmp_path):
    lab.logs, lab.broken, lab.delay = {}, False, 0.0
    visit = Visit(browser, lab, tmp_path)
    yield visit
    visit.end()


class Observed:
    """The observatory in a page, asked and operated from outside."""

    def __init__(self, page, lab):
        self.page, self.lab = page, lab
        self.root = page.locator(".observatory")

    def __call__(self, selector):
        return self.root.locator(selector)

    def show(self, **facts):
        """What the page of the app does at a rerun."""
        runs = [
            ShownRun(
                key=key,
                label=LABELS[i],
                place=i,
                state=facts.get("states", {}).get(key, log.state),
                stored="stored" in facts,
            )
            for i, (key, log) in enumerate(self.lab.logs.items())
        ]
        options = {name: facts[name] for name in ("pulse", "note") if name in facts}
        self.page.evaluate("data => window.show(data)", payload(runs, visitor="somebody", **options))
        return self

    def ask(self, script, value=None):
        return self.root.evaluate(f"(root, value) => ({script})(root.observatory, value)", value)

    def until(self, script, value=None):
        handle = self.root.element_handle()
        self.page.wait_for_function(f"([root, value]) => ({script})(root.observatory, value)", arg=[handle, value])
        return self

    def read(self):
        """Wait until all that is there has been read and drawn."""
        sizes = {key: log.size for key, log in self.lab.logs.items()}
        return self.until(
            "(o, sizes) => o.shown.every(({ run }) => run.offset === sizes[run.key]) && !o.stale && !o.dirty", sizes
        )

    def at(self, step):
        expect(self.root).to_have_attribute("data-step", str(step))
        return self

    def seek(self, x):
        self.ask("(o, x) => o.seek(x)", x)
        return self.until("o => !o.dirty")

    def told(self):
        return self.page.evaluate("window.told")


@pytest.fixture
def observe(visit, lab):
    """Opens the page on these logs."""

    def open_page(states=None, stored=False, **logs):
        options = logs.pop("options", {})
        lab.logs = logs
        page = visit.page(**{"size": (1100, 900), **options})
        page.goto(lab.url)
        page.wait_for_function("window.ready")
        facts = {"states": states or {}} | ({"stored": True} if stored else {})
        return Observed(page, lab).show(**facts)

    return open_page


def events(log, kind):
    return [event for event in decode(log.data[: log.size]) if isinstance(event, kind)]


def test_what_is_shown_is_what_the_log_says(observe):
    log = Log(made(1, **SHORT, averaged=True))
    observed = observe(a=log).read()
    ticks, validations, probes = (events(log, kind) for kind in (Tick, Validation, Probe))
    arrays = observed.ask(
        """o => { const run = o.shown[0].run, table = (t, n) => [...t[n].subarray(0, t.length)];
        return { rate: table(run.ticks, "rate"), seconds: table(run.ticks, "seconds"), each: table(run.each, "loss"),
            loss: table(run.validations, "loss"), average: table(run.validations, "average_accuracy"),
            steps: run.probes.map((p) => p.step), weights: [...run.probes.upTo(10).weights],
            ranges: [...run.probes.upTo(10).gradient_range], confusion: [...run.reports[0].confusion],
            mean: run.mean("accuracy", 77, 20), classes: run.start.classes } }"""
    )
    np.testing.assert_allclose(arrays["rate"], [tick.rate for tick in ticks])
    np.testing.assert_allclose(arrays["seconds"], [tick.seconds for tick in ticks])
    np.testing.assert_array_equal(np.float32(arrays["each"]), np.concatenate([tick.losses for tick in ticks]))
    np.testing.assert_allclose(arrays["loss"], [validation.loss for validation in validations])
    np.testing.assert_allclose(arrays["average"], [validation.average_accuracy for validation in validations])
    assert arrays["steps"] == [probe.step for probe in probes] and tuple(arrays["classes"]) == CLASSES
    last_probe = [probe for probe in probes if probe.step <= 10][-1]
    np.testing.assert_array_equal(arrays["weights"], last_probe.weights.ravel())
    np.testing.assert_allclose(arrays["ranges"], last_probe.gradient_range.ravel())
    np.testing.assert_array_equal(arrays["confusion"], validations[0].confusion.ravel())
    accuracies = np.concatenate([tick.accuracies for tick in ticks])
    assert math.isclose(arrays["mean"], accuracies[57:77].mean(), rel_tol=1e-5)


def test_a_growing_log_is_followed_and_the_axes_keep_still(observe):
    log = Log(made(1, **SHORT), state="running").until(6)
    observed = observe(a=log).read()
    last = observed.ask("o => o.shown[0].run.lastStep")
    observed.at(last)
    assert 40 < last < 80
    axes = "o => [o.axis.end, ...o.plots.all.flatMap(({ scale }) => [scale.low, scale.high])].slice(0, 7)"
    before = observed.ask(axes)
    log.until(12)
    observed.read()
    expect(observed.root).to_have_attribute("data-following", "true")
    assert observed.ask("o => o.shown[0].run.lastStep") > last + 40
    assert observed.ask(axes) == before
    offsets = [offset for offset, _ in log.asked]
    assert offsets[0] == 0 and 0 not in offsets[1:] and all(a <= b for a, b in pairwise(offsets))
    assert {visitor for _, visitor in log.asked} == {"somebody"}


def test_a_refresh_shows_the_whole_curve(observe, lab):
    log = Log(made(1, **SHORT), state="running").until(10)
    observed = observe(a=log).read()
    whole = observed.ask("o => [...o.shown[0].run.each.loss.subarray(0, o.shown[0].run.each.length)]")
    observed.page.reload()
    observed.page.wait_for_function("window.ready")
    observed.show().read()
    assert observed.ask("o => [...o.shown[0].run.each.loss.subarray(0, o.shown[0].run.each.length)]") == whole


def test_four_questions_a_second_and_none_when_it_is_over(observe):
    log = Log(made(1, **SHORT), state="running").until(8)
    observed = observe(a=log).read()
    count = len(log.asked)
    observed.page.wait_for_timeout(2000)
    assert 4 <= len(log.asked) - count <= 9
    log.until(1e9).state = "finished"
    observed.read().until("o => !o.shown[0].run.timer && !o.shown[0].run.asking")
    count = len(log.asked)
    observed.page.wait_for_timeout(700)
    assert len(log.asked) == count
    observed.show(pulse=1)
    observed.page.wait_for_timeout(300)
    assert len(log.asked) == count + 1


def test_a_hidden_page_asks_seldom(observe):
    log = Log(made(1, **SHORT), state="running").until(8)
    observed = observe(a=log).read()
    hide = """state => { Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
        document.dispatchEvent(new Event("visibilitychange")); }"""
    observed.page.evaluate(hide, "hidden")
    observed.page.wait_for_timeout(600)
    count = len(log.asked)
    observed.page.wait_for_timeout(1500)
    assert len(log.asked) - count <= 1
    log.until(10)
    observed.page.evaluate(hide, "visible")
    observed.read()


def test_a_lost_connection_is_said_and_mended(observe, lab, visit):
    log = Log(made(1, **SHORT), state="running").until(6)
    observed = observe(a=log).read()
    lab.broken = True
    expect(observed(".words")).to_have_text("connection lost, retrying")
    log.until(9)
    lab.broken = False
    observed.read()
    expect(observed(".words")).to_contain_text("images/s")
    assert all("503" in error for error in visit.errors), visit.errors  # the browser's own lines about the answers
    visit.errors.clear()


def test_a_log_that_was_cut_back_is_read_again(observe):
    log = Log(made(1, **SHORT), state="running").until(12)
    observed = observe(a=log).read()
    cut = Log(made(2, **SHORT)).until(13)
    log.data, log.size, log.facts["generation"] = cut.data, cut.size, 1
    observed.until("o => o.shown[0].run.state.generation === 1").read()
    expected = np.concatenate([tick.losses for tick in events(cut, Tick)])
    losses = observed.ask("o => [...o.shown[0].run.each.loss.subarray(0, o.shown[0].run.each.length)]")
    np.testing.assert_array_equal(np.float32(losses), expected)


def test_another_list_of_runs_keeps_what_is_loaded(observe, lab):
    first = Log(made(1, **SHORT))
    observed = observe(a=first).read()
    lab.logs = {"b": Log(made(2, **SHORT)), "a": first}
    count = len(first.asked)
    observed.show().read()
    assert all(offset == first.size for offset, _ in first.asked[count:])
    expect(observed(".run")).to_have_count(2)


def test_what_is_shown_stays_until_something_is_known_of_what_follows(observe, lab):
    observed = observe(a=Log(made(1, **SHORT), state="running").until(10)).read()
    expect(observed.root).to_have_attribute("data-painted", "a")
    lab.logs, lab.delay = {"b": Log(made(1, **SHORT), state="running").until(10.5)}, 0.3
    observed.show()
    observed.page.wait_for_timeout(100)
    assert observed.ask("o => o.shown[0].run.key") == "a" and observed("canvas").first.is_visible()
    observed.until("o => o.shown[0].run.key === 'b'").read()
    assert observed.ask("o => o.plots.charts.loss.scale.known && o.shown[0].run.each.length > 100")


def test_the_page_hears_of_a_new_state(observe):
    log = Log(made(1, **SHORT), state="queued", position=1).until(0)
    observed = observe(a=log).read()
    assert observed.told() == []
    for state, seconds in (("running", 6), ("finished", 1e9)):
        log.until(seconds).state = state
        observed.page.wait_for_function("state => window.told.at(-1)?.[1].a === state", arg=state)
    assert [value["a"] for _, value in observed.told()] == ["running", "finished"]


@pytest.mark.parametrize(
    "facts, words",
    [
        ({"state": "queued", "position": 2, "watchers": 14}, "queued: number 2 · watched by 14"),
        ({"state": "missing"}, "not trained yet; press Start"),
        ({"state": "starting"}, "starting"),
        ({"state": "failed"}, "failed"),
        ({"state": "lost", "resumable": True}, "interrupted · can be resumed"),
    ],
)
def test_a_run_without_a_curve_says_how_it_is(observe, facts, words):
    observed = observe(a=Log(**facts))
    expect(observed(".words")).to_have_text(words)
    expect(observed("[data-tab=filters]")).to_be_visible()


def test_the_words_of_a_run(observe, lab):
    log = Log(made(1, **SHORT), state="running", watchers=3).until(10)
    observed = observe(a=log)
    expect(observed(".words")).to_have_text(
        re.compile(r"epoch 2\.\d of 4 · [\d,]+ images/s · \d+ s left · watched by 3")
    )
    log.until(0.001)
    end = End(word="stopped", sentence=Message("Stopped at step 200."), step=200, seconds=20.0, best_step=200, layer="")
    observed = observe(a=Log([*made(1, **SHORT, ends=False), end], state="stopped", resumable=True))
    expect(observed(".words")).to_have_text("Stopped at step 200. It can be resumed.")
    observed = observe(a=Log(made(1, **SHORT), state="running").until(0))
    expect(observed(".words")).to_have_text("reading the images")
    observed = observe(a=Log(made(1, **SHORT, diverges_at=120)))
    expect(observed(".alarmed .words")).to_contain_text("left the finite numbers at step 120")
    assert observed.read().ask("o => o.plots.charts.loss.crosses.length") == 1


def test_a_stored_run_is_grey_and_says_so(observe):
    observed = observe(a=Log(made(1, **SHORT)), stored=True).read()
    observed.show(stored=True, note="This is the stored run.")
    expect(observed(".stored-note")).to_have_text("This is the stored run.")
    expect(observed.root).to_have_class(re.compile("stored"))
    observed.show()
    expect(observed(".stored-note")).to_be_hidden()


# ---- the slider ----


def test_the_slider_ties_all_panels(observe):
    log = Log(made(1, **SHORT))
    observed = observe(a=log, options={"size": (1100, 2200)}).read().at(200)
    observed.seek(2.3).at(115)
    ticks, validations, probes = (events(log, kind) for kind in (Tick, Validation, Probe))
    losses = np.concatenate([tick.losses for tick in ticks])
    numbers = observed(".number").all_inner_texts()
    assert float(numbers[0]) == pytest.approx(losses[110:115].mean(), rel=3e-3)
    assert float(numbers[2]) == pytest.approx(validations[1].loss, rel=3e-3)
    assert numbers[3] == f"{100 * validations[1].accuracy:.1f} %"
    probe = [probe for probe in probes if probe.step <= 115][-1]
    std = observed(".layer-numbers b").nth(1).inner_text()
    assert float(std) == pytest.approx(probe.activation_std[0], rel=6e-3)
    for tab, words in (
        ("filters", "at step 100"),
        ("samples", "step 100 "),
        ("confusion", "at step 100"),
        ("mistakes", "step 100"),
    ):
        observed(f"[data-tab={tab}]").click()
        expect(observed(".pictures-panes .about")).to_contain_text(words)
    observed(".chart.loss .front").click(position={"x": observed.ask("o => o.plots.charts.loss.pixelX(1)"), "y": 60})
    assert abs(observed.ask("o => o.stepOf(o.focus)") - 50) <= 1
    observed("canvas.map").first.click(
        position={"x": observed.ask("o => o.inside.panes[0].layers.rows.pixelX(3)"), "y": 20}
    )
    assert abs(observed.ask("o => o.stepOf(o.focus)") - 150) <= 1


def test_live_is_left_by_dragging_and_found_again(observe):
    log = Log(made(1, **SHORT), state="running").until(10)
    observed = observe(a=log).read()
    box = observed(".scrub").bounding_box()
    observed.page.mouse.click(box["x"] + box["width"] * 0.25, box["y"] + box["height"] / 2)
    expect(observed.root).to_have_attribute("data-following", "false")
    step = observed.ask("o => o.stepOf(o.focus)")
    assert abs(step - 50) < 5
    log.until(15)
    observed.read().at(step)
    observed(".live").click()
    expect(observed.root).to_have_attribute("data-following", "true")
    observed.at(observed.ask("o => o.shown[0].run.lastStep"))
    expect(observed(".live")).to_have_attribute("aria-pressed", "true")


def test_keys(observe):
    log = Log(made(1, **SHORT))
    observed = observe(a=log).read()
    steps = [probe.step for probe in events(log, Probe)]
    for key, step in (
        ("Home", 0), ("ArrowRight", steps[0]), ("ArrowRight", steps[1]), ("Shift+ArrowRight", steps[11]),
        ("ArrowLeft", steps[10]), ("End", 200), ("ArrowLeft", steps[-2]),
    ):  # fmt: skip
        observed.root.press(key)
        observed.at(step)
    observed(".scrub").press("ArrowUp")
    observed.at(200)
    observed("[data-tab=activations]").focus()
    observed("[data-tab=activations]").press("ArrowRight")
    expect(observed("[data-tab=gradients]")).to_be_focused()
    expect(observed("[data-tab=gradients]")).to_have_attribute("aria-selected", "true")


def test_play_goes_through_the_training(observe):
    observed = observe(a=Log(made(1, **SHORT))).read()
    observed("[data-act=play]").click()
    expect(observed.root).to_have_attribute("data-playing", "true")
    observed.until("o => o.x > 0.2 && o.x < 3")
    observed.root.press(" ")
    expect(observed.root).to_have_attribute("data-playing", "false")


def test_the_axis_can_be_changed_and_the_place_stays(observe):
    observed = observe(a=Log(made(1, **SHORT))).read()
    observed.seek(2).at(100)
    for name, end in (("step", 200), ("seconds", 20), ("epoch", 4)):
        observed(f".axis input[value={name}]").check()
        observed.until("(o, name) => o.axis.name === name && !o.stale", name).at(100)
        assert observed.ask("o => o.axis.end") == end
    low = observed.ask("o => o.plots.charts.loss.scale.low")
    observed(".log").check()
    observed.until("o => o.plots.charts.loss.scale.low > 0")
    assert low == 0 and observed.ask("o => o.plots.charts.loss.scale.log")


# ---- several runs ----


@pytest.fixture
def four(observe):
    return observe(**{key: Log(made(i, **SHORT)) for i, key in enumerate("abcd")}).read()


def test_a_chip_hides_raises_and_isolates(four):
    def drawn():
        return four.until("o => !o.stale").ask(
            "o => [...new Set(o.plots.charts.loss.series.map(({ run }) => run))].sort()"
        )

    chips = four(".runs .chip")
    chips.nth(1).click()
    four.until("o => o.plots.charts.loss.series.every(({ run }) => run !== 1)")
    expect(chips.nth(1)).to_have_attribute("aria-pressed", "false")
    chips.nth(1).click()
    four.until("o => o.plots.charts.loss.series.some(({ run }) => run === 1)")
    chips.nth(2).dblclick()
    four.until("o => o.plots.charts.loss.series.every(({ run }) => run === 2)")
    chips.nth(2).dblclick()
    four.until("o => new Set(o.plots.charts.loss.series.map(({ run }) => run)).size === 4")
    chips.nth(3).hover()
    expect(chips.nth(3)).to_have_class(re.compile("raised"))
    assert drawn() == [0, 1, 2, 3]


def test_hovering_a_curve_names_its_run_and_numbers(four):
    box = four(".chart.loss .front").bounding_box()
    x, y = four.ask(
        """o => { const chart = o.plots.charts.loss;
        const one = chart.series.find(({ run, kind }) => run === 1 && kind === "validation");
        return [chart.pixelX(one.x(0)), chart.pixelY(one.y(0))]; }"""
    )
    four.page.mouse.move(box["x"] + x, box["y"] + y)
    expect(four(".tip strong")).to_have_text(LABELS[1])
    expect(four(".tip")).to_contain_text(re.compile(r"validation loss \d.*step 50, epoch 1\.0", re.S))
    four.page.mouse.move(5, 5)
    expect(four(".tip")).to_be_hidden()


def test_the_inside_of_two_runs_side_by_side(four):
    four("[data-pick='2']").click()
    expect(four(".layers-panes .pane")).to_have_count(1)
    four(".two").check()
    expect(four(".layers-panes .pane")).to_have_count(2)
    expect(four(".layers-panes .pane-head b")).to_have_text([LABELS[0], LABELS[2]])
    four("[data-pick='3']").click()
    expect(four(".layers-panes .pane-head b")).to_have_text([LABELS[2], LABELS[3]])
    expect(four(".pictures-panes .pane")).to_have_count(2)


def test_the_same_sentence_of_several_runs_is_said_once(four):
    expect(four(".finding")).to_have_count(1)
    expect(four(".finding svg")).to_have_count(4)


# ---- panels ----


def test_every_panel_draws(observe):
    log = Log(made(1, **SHORT, saturated=(1,), dead=(2,), changes=((60, "lr", 0.01),)))
    observed = observe(a=log, options={"size": (1100, 2400)}).read()
    inked = """(o) => [...o.inside.panes[0].boxes[0].querySelectorAll("canvas")].every((canvas) => {
        if (!canvas.offsetParent) return true;
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return data.some((value) => value > 0);
    })"""
    for tab in LAYER_TABS:
        observed(f"[data-tab={tab}]").click()
        for mode in ("heat", "ridges", "lines") if tab in LAYER_TABS[:3] else ("",):
            if mode:
                observed(f".mode input[value={mode}]").check()
            observed.until("o => !o.stale && !o.dirty").until(inked)
    for tab, selector, count in (
        ("filters", ".filters canvas", 32), ("samples", ".samples figure", 18),
        ("confusion", ".confusion tbody td", 110), ("mistakes", ".mistakes figure", 12),
    ):  # fmt: skip
        observed(f"[data-tab={tab}]").click()
        expect(observed(selector)).to_have_count(count)
    expect(observed(".guess").first).to_contain_text("%")


def test_too_many_dead_or_saturated_units_are_marked_in_words(observe):
    observed = observe(a=Log(made(1, **SHORT, saturated=(1,), dead=(2,)))).read()
    expect(observed(".layer-name .alarm").nth(1)).to_contain_text("saturated")
    expect(observed(".layer-name .alarm").nth(2)).to_contain_text("dead")
    expect(observed(".layer-name .alarm").nth(0)).to_be_hidden()


def test_a_confusion_matrix_has_its_counts(observe):
    log = Log(made(1, **SHORT))
    observed = observe(a=log, options={"size": (1100, 2000)}).read()
    observed("[data-tab=confusion]").click()
    last = events(log, Validation)[-1].confusion
    expect(observed(".confusion tbody tr")).to_have_count(10)
    cells = observed(".confusion tbody td:not(.part)").all_inner_texts()
    assert [int(cell) for cell in cells] == last.ravel().tolist()
    expect(observed(".confusion td.part").first).to_have_text(f"{100 * last[0, 0] / last[0].sum():.0f} %")


def test_a_finding_leads_to_its_evidence(observe):
    observed = observe(a=Log(made(1, **SHORT, overfits=0.6, dead=(2,)))).read()
    finding = observed(".finding").filter(has_text="overfitting")
    finding.hover()
    observed.until("o => o.plots.charts.loss.bands.some(({ active }) => active)")
    finding.click()
    observed.at(160)
    observed("[data-tab=weights]").click()
    observed(".finding").filter(has_text="dead").click()
    observed.at(66)
    expect(observed("[data-tab=activations]")).to_have_attribute("aria-selected", "true")
    expect(observed(".layer-name").nth(2)).to_have_attribute("data-findings", "2")


def test_numbers_of_findings_at_one_place_stand_below_each_other(observe):
    observed = observe(a=Log(made(1, **SHORT))).read()
    places = observed.ask("""(o) => {
        const [chart, taken] = [o.plots.charts.loss, []];
        for (const number of [1, 2, 1, 3]) chart.drawNumber(chart.backCtx, { from: 1, to: 2, number }, taken);
        chart.drawNumber(chart.backCtx, { from: 3, to: 4, number: 4 }, taken);
        return taken.map(({ x, y }) => [x, y, chart.look.fontSize]);
    }""")
    (x, y, size), *others, far = places
    assert [point[0] for point in others] == [x, x] and far[1] == y
    assert [round(point[1] - y) for point in others] == [round(k * (1.44 * size + 2)) for k in (1, 2)]


def test_a_change_is_marked(observe):
    observed = observe(a=Log(made(1, **SHORT, changes=((60, "lr", 0.01),)))).read()
    assert observed.ask("o => o.plots.charts.rate.flags.map(({ x, label }) => [x, label])") == [
        [1.2, "Learning rate 0.01"]
    ]


def test_the_ring_is_at_the_best_of_what_a_chart_shows_and_its_word_is_clear_of_others(observe):
    log = Log(
        replace(event, accuracy=[0.3, 0.6, 0.5, 0.25][event.step // 50 - 1]) if isinstance(event, Validation) else event
        for event in made(1, **SHORT)
    )
    observed = observe(a=log).read()
    losses = [validation.loss for validation in events(log, Validation)]
    best = "(o, name) => o.plots.charts[name].series.find(({ kind }) => kind === 'validation').best"
    assert observed.ask(best, "accuracy") == 1 and observed.ask(best, "loss") == losses.index(min(losses))
    placed = """(o, [name, x]) => {
        const chart = o.plots.charts[name];
        let found;
        chart.drawWords = (ctx, text, place) => { found = [text, ...place, ctx.measureText(text).width]; };
        chart.drawFront(x, { raised: -1 }, null);
        delete chart.drawWords;
        const lines = chart.lines.map(({ label, value }) => chart.placeOf(chart.frontCtx, label, value));
        return [...found, chart.plot.right, lines[0][1]];
    }"""
    for name, word in (("accuracy", "highest"), ("loss", "lowest")):
        for x in (1, 2, 3, 4):
            text, across, down, wide, right, line = observed.ask(placed, [name, x])
            assert text == word and across + wide / 2 < right, (name, x)
            assert abs(down - line) > 12 or across < right - 100, (name, x)


def test_layers_are_told_apart_without_their_hue(observe):
    layers = [f"conv {i}" for i in range(12)]
    observed = observe(a=Log(made(1, **SHORT, layers=layers))).read()
    observed("[data-tab=updates]").click()
    looks = observed.until("o => o.inside.panes[0].layers.figures?.[0].series.length").ask(
        """o => o.inside.panes[0].layers.figures[0].series.filter(({ kind }) => kind === "layer")
            .map(({ dash, marker }) => `${dash} ${marker}`)"""
    )
    assert len(looks) == len(set(looks)) == 12


# ---- page ----


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_theme(observe, scheme):
    observed = observe(a=Log(made(1, **SHORT)), options={"color_scheme": scheme}).read()
    expect(observed.root).to_have_attribute("data-scheme", scheme)
    observed.page.emulate_media(color_scheme={"light": "dark", "dark": "light"}[scheme])
    expect(observed.root).not_to_have_attribute("data-scheme", scheme)


def test_a_phone(observe):
    logs = {key: Log(made(i, **SHORT, dead=(2,), overfits=0.5)) for i, key in enumerate("ab")}
    observed = observe(**logs, options={"size": PHONE, "has_touch": True}).read()
    for tab in (*LAYER_TABS, *PICTURE_TABS):
        observed(f"[data-tab={tab}]").click()
        observed.until("o => !o.stale && !o.dirty")
        assert observed.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), tab
    expect(observed(".layers-panes .pane")).to_have_count(1)


def test_every_control_has_a_name_and_every_figure_a_text(observe):
    observed = observe(a=Log(made(1, **SHORT)), options={"size": (1100, 2000)}).read()
    for control in observed("button, input, select").all():
        named = control.evaluate(
            "e => e.getAttribute('aria-label') || e.textContent.trim() || e.closest('label')?.textContent.trim()"
        )
        assert named, control.evaluate("e => e.outerHTML")
    for canvas in observed("canvas").all():
        assert canvas.get_attribute("aria-hidden") == "true" or len(canvas.get_attribute("aria-label") or "") > 7
    expect(observed(".chart.loss .front")).to_have_attribute(
        "aria-label", re.compile("Loss against epoch.*training 0.*validation")
    )


def test_four_long_runs_are_drawn_in_time(observe):
    layers = [*(f"conv {i}" for i in range(11)), LAYERS[-1]]
    size = {"epochs": 40, "per_epoch": 250, "seconds": 500.0, "ticks": 2000, "probes": 400, "layers": layers}
    log = Log(made(1, **size))
    observed = observe(**{key: Log(state="finished") for key in "abcd"})
    for lab_log in observed.lab.logs.values():
        lab_log.data, lab_log.size = log.data, log.size
    observed.show(pulse=1).read()
    spent = observed.ask(
        """o => { const begun = performance.now(); o.stale = true; o.drawnAt = -Infinity; o.draw(performance.now());
        const drawn = performance.now(); for (let i = 1; i < 11; i++) { o.seek(i); o.draw(performance.now()); }
        return [drawn - begun, (performance.now() - drawn) / 10]; }"""
    )
    assert spent[0] < 1000 and spent[1] < 100, spent
