"""What is on the screen: themes, a phone, tabs, texts for those who do not see, files to take away."""

import re

import pytest
from conftest import PHONE, Player
from playwright.sync_api import expect

import playground as pg

NARROW = """() => [...document.querySelectorAll("html, body, [data-testid=stMain]")].every(
    element => element.scrollWidth <= element.clientWidth
)"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/race"])
def test_theme(visit, path, scheme):
    page = visit.open(path, color_scheme=scheme)
    expect(page.locator(".player")).to_have_attribute("data-scheme", scheme)
    page.emulate_media(color_scheme={"light": "dark", "dark": "light"}[scheme])
    Player(page).plays()


def test_on_a_phone_the_picture_and_its_buttons_come_first(visit):
    player = visit.race(size=PHONE, has_touch=True)
    for selector in (".picture", ".scrub", "[data-act=play]"):
        box = player(selector).bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE[0], selector
        assert box["y"] >= 0 and box["y"] + box["height"] <= PHONE[1], selector
    assert player.page.evaluate(NARROW)
    player.set("Seed", 3)
    player.page.wait_for_url("**seed=3**")
    assert player.page.evaluate(NARROW)


def test_home_fits_a_phone(visit):
    page = visit.open("/", size=PHONE)
    assert page.evaluate(NARROW)
    chips = [chip.bounding_box() for chip in page.locator(".player .chip").all()]
    assert {box["x"] for box in chips[::2]} != {box["x"] for box in chips[1::2]}, "two by two"
    assert all(left["x"] + left["width"] <= right["x"] for left, right in zip(chips[::2], chips[1::2]))


@pytest.mark.parametrize("agent", [None, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile Safari"])
def test_the_menu_of_a_phone_closes_with_the_choice_of_a_page(visit, agent):
    page = visit.open("/", size=PHONE, has_touch=True, is_mobile=True, user_agent=agent)
    menu = page.get_by_test_id("stSidebar")
    page.get_by_test_id("stExpandSidebarButton").tap()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Race").tap()
    page.wait_for_url("**/race?**")
    expect(menu).to_have_attribute("data-collapsed", "true")
    page.get_by_test_id("stExpandSidebarButton").tap()
    expect(menu).to_have_attribute("data-collapsed", "false")
    visit.open("/", page)
    expect(menu).to_have_attribute("data-collapsed", "true")


def test_twelve_racers_fit_a_phone(visit):
    racers = [pg.Racer(optimizer=make()) for make in list(pg.optimizers.values())[:12]]
    player = visit.race(pg.Race(racers=racers), size=PHONE)
    player.do("last")
    assert player.page.evaluate(NARROW)


def test_the_surface_in_3d(visit):
    page = visit.race().page
    page.get_by_role("tab", name="3-D").click()
    page.wait_for_selector(".js-plotly-plot .gl-container canvas")
    expect(
        page.get_by_role("img", name=re.compile("Rosenbrock"))
        .or_(page.get_by_label(re.compile("^Contour picture")))
        .last
    ).to_be_visible()


def test_formula_and_code(visit):
    page = visit.race().page
    page.get_by_role("tab", name="Formula and code").click()
    page.get_by_text("With this racer's numbers").wait_for()
    expect(page.locator(".katex").first).to_be_visible()
    expect(page.locator(".katex-error")).to_have_count(0)
    expect(page.get_by_test_id("stCode")).to_contain_text("def step(self, x, g, state")


def test_every_figure_has_a_text(visit):
    spec = pg.Race(racers=[pg.Racer(optimizer=pg.optimizers["adam"](), schedule=pg.schedules["cosine"]())])
    player = visit.race(spec)
    assert player("canvas").count() == 6
    for canvas in player("canvas").all():
        assert canvas.get_attribute("aria-hidden") == "true" or len(canvas.get_attribute("aria-label")) > 20
    expect(player(".picture .front")).to_have_attribute("aria-label", re.compile("Rosenbrock.*Adam: final loss", re.S))
    for button in player("button, input, select").all():
        named = button.get_attribute("aria-label") or button.inner_text().strip()
        assert named, button.evaluate("e => e.outerHTML")


@pytest.mark.parametrize("label, kind", [("PNG", "png"), ("SVG", "svg"), ("CSV", "csv"), ("NPZ", "npz")])
def test_downloads_hold_the_configuration(visit, label, kind):
    spec = pg.Race(steps=40, seed=9)
    page = visit.race(spec).page
    page.get_by_test_id("stPopover").get_by_role("button").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=label).click()
    assert download.value.suggested_filename == f"race-{spec.key[:12]}.{kind}"
    content = download.value.path().read_bytes()
    if kind in ("svg", "csv"):
        assert "steps=40" in content.decode().replace("&amp;", "&") and "seed=9" in content.decode()
    starts = {"png": b"\x89PNG\r\n", "svg": b"<svg", "csv": b"# ", "npz": b"PK"}
    assert content.startswith(starts[kind]) and len(content) > 2000


@pytest.mark.parametrize("name", ["bfgs", "adam", "rprop", "newton"])
def test_the_formula_of_an_opened_racer_is_not_clipped(visit, name):
    player = visit.race(pg.Race(racers=(pg.Racer(optimizer=pg.optimizers[name]()),)))
    player.racers().first.click()
    lines = player.page.locator(".st-key-lab-controls .stElementContainer:has(.katex-display)")
    expect(lines.last).to_be_visible()
    heights = lines.evaluate_all("all => all.map(e => [e.querySelector('.katex-html').offsetHeight, e.clientHeight])")
    assert all(0 < formula <= box for formula, box in heights), heights
