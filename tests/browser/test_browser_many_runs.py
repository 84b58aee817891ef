"""Learning rates and Robustness in a browser: painted, quiet, in both themes, on a phone, and updated in place."""

import re

import pytest
from conftest import PHONE
from playwright.sync_api import expect

import playground as pg
from playground.presets import CROWDS, SWEEPS
from playground.view.theme import THEMES

PAGES = {"sweep": SWEEPS, "robustness": CROWDS}
PAINTED = "[data-testid=stVegaLiteChart] svg.marks"
NARROW = """() => [...document.querySelectorAll("html, body, [data-testid=stMain]")].every(
    element => element.scrollWidth <= element.clientWidth
)"""


def opened(visit, name, query="", **options):
    """The page, its charts painted."""
    page = visit.page(**options)
    page.goto(f"{visit.server.url}/{name}" + (f"?{query}" if query else ""))
    page.wait_for_selector(PAINTED)
    expect(page.get_by_role("columnheader", name="Racer")).to_be_visible()
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_painted_in_both_themes(visit, name, scheme):
    page = opened(visit, name, color_scheme=scheme)
    expect(page.get_by_text(PAGES[name][0].look[:40])).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    html = page.locator(PAINTED).first.evaluate("e => e.outerHTML")
    theme = THEMES[scheme]
    background = ", ".join(str(int(theme.background[i : i + 2], 16)) for i in (1, 3, 5))
    assert f"rgb({background})" in html and all(colour in html for colour in (theme.text, *theme.racers[:3]))


@pytest.mark.parametrize("name", PAGES)
def test_the_page_fits_a_phone(visit, name):
    page = opened(visit, name, size=PHONE)
    assert page.evaluate(NARROW)
    lines = page.locator("td:first-child").evaluate_all("cells => cells.map(cell => cell.clientHeight)")
    assert len(lines) == 4 and max(lines) < 50, "mark and name of a racer stand in one line"
    box = page.locator("[data-testid=stVegaLiteChart]").first.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE[0] and box["y"] + box["height"] <= PHONE[1]


@pytest.mark.parametrize("name", PAGES)
def test_a_changed_knob_redraws_the_chart_where_it_stands(visit, name):
    page = opened(visit, name)
    chart = page.locator("[data-testid=stVegaLiteChart]").first
    chart.evaluate("e => { e.dataset.same = 'yes' }")
    before = chart.bounding_box()
    page.get_by_role("spinbutton", name="Steps", exact=True).fill("120")
    page.get_by_role("spinbutton", name="Steps", exact=True).press("Enter")
    page.wait_for_url(re.compile("steps=120"))
    expect(chart).to_have_attribute("data-same", "yes")
    assert chart.bounding_box() == before


def test_from_the_race_to_its_rates_and_back_tuned(visit):
    player = visit.race(pg.Race(steps=60, racers=[pg.Racer(optimizer=pg.optimizers["adam"](lr=0.001))]))
    page = player.page
    page.get_by_role("link", name="Learning rates").last.click()
    page.wait_for_url(re.compile(r"/sweep\?.*steps=60"))
    page.wait_for_selector(PAINTED)
    page.get_by_role("button", name="Tune each racer").click()
    expect(page.get_by_text("Every racer has its best rate.")).to_be_visible()
    page.get_by_role("link", name="Race with these rates").click()
    page.wait_for_url(re.compile(r"/race\?"))
    page.wait_for_selector(".player[data-painted]")
    spec = pg.Race.from_query(page.url)
    record = pg.run(pg.RateSweep.of(spec))
    assert spec.racers[0].optimizer.lr == record.tuned[0, 0] != 0.001


@pytest.mark.parametrize("label, begin", [("PNG", b"\x89PNG"), ("SVG", b"<svg"), ("CSV", b"# "), ("NPZ", b"PK")])
@pytest.mark.parametrize("name", PAGES)
def test_downloads(visit, name, label, begin):
    kind = {"sweep": pg.RateSweep, "robustness": pg.Robustness}[name]
    few = {"count": 5} if name == "sweep" else {"crowd": 4, "draws": 2}
    spec = kind(race=pg.Race(steps=30), **few)
    page = opened(visit, name, spec.to_query())
    page.get_by_test_id("stPopover").get_by_role("button").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=f", {label}").click()
    assert download.value.suggested_filename == f"{name}-{spec.key[:12]}.{label.lower()}"
    assert download.value.path().read_bytes().startswith(begin)


@pytest.mark.parametrize("name", PAGES)
def test_a_click_in_the_legend_raises_one_racer(visit, name):
    page = opened(visit, name)
    label = page.locator(PAINTED).first.get_by_text("Adam", exact=True)
    other = page.locator(PAINTED).first.get_by_text("SGD", exact=True)
    label.click()
    expect(other).not_to_have_attribute("opacity", "1")
    expect(label).to_have_attribute("opacity", "1")
