"""The page Ranking in a browser: painted, narrowed down, linked, raced, taken away."""

import pytest
from conftest import PHONE, Player, go_to
from playwright.sync_api import expect
from test_browser_checks import NARROW

import playground as pg

TIPS = """() => {
    window.tips = [];
    new MutationObserver(() => {
        const tip = document.querySelector(".vg-tooltip.visible");
        if (tip) window.tips.push(tip.innerText);
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""
CHART = "[data-testid=stVegaLiteChart] svg"


def opened(visit, query="", **options):
    """The page with its table and its map of all losses."""
    page = visit.page(**options)
    page.goto(f"{visit.server.url}/ranking" + (f"?{query}" if query else ""))
    return drawn(page)


def drawn(page):
    page.wait_for_selector("[data-testid=stDataFrame] canvas")
    page.wait_for_function("chart => document.querySelectorAll(`${chart} .mark-rect path`).length > 20", arg=CHART)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    return page


def choose(page, label, option):
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_painted_in_both_themes(visit, scheme):
    page = opened(visit, color_scheme=scheme)
    page.wait_for_url("**?v=1**")
    assert pg.Ranking.from_query(page.url) == pg.Ranking()
    expect(
        page.get_by_role("heading", name=f"{len(pg.optimizers)} optimizers on all {len(pg.surfaces)} surfaces")
    ).to_be_visible()


def test_it_fits_a_phone(visit):
    page = opened(visit, size=PHONE, has_touch=True)
    assert page.evaluate(NARROW)
    expect(page.locator(CHART).first.get_by_text("Rosenbrock", exact=True)).to_be_attached()
    box = page.get_by_test_id("stDataFrame").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE[0] and box["y"] < PHONE[1]


def test_a_tap_on_the_map_tells_the_numbers(visit):
    page = opened(visit, size=PHONE, has_touch=True, is_mobile=True)
    dot = page.locator(f"{CHART} .mark-symbol path").first
    dot.evaluate("dot => dot.scrollIntoView({ block: 'center' })")
    page.evaluate(TIPS)  # the headless shell moves a mouse into the corner after a tap, which ends the tip
    dot.tap()
    page.wait_for_function("() => window.tips.some((text) => text.includes('Best step size'))")
    page.get_by_text("surface by surface").first.tap()
    expect(page.locator(".vg-tooltip.visible")).to_have_count(0)


def test_it_is_in_the_navigation_and_narrowed_down_by_controls_and_link(visit):
    page = visit.open("/")
    go_to(page, "Ranking")
    drawn(page)
    choose(page, "On the surfaces", "saddles")
    page.wait_for_url("**surfaces=saddles**")
    choose(page, "Show optimizers", "torch.optim")
    page.wait_for_url("**group=torch.optim**")
    find = page.get_by_role("textbox", name="Find")
    find.fill("ada")
    find.press("Enter")
    page.wait_for_url("**find=ada**")
    spec = pg.Ranking.from_query(page.url)
    assert (spec.surfaces, spec.group, spec.find) == ("saddles", "torch.optim", "ada")
    again = opened(visit, spec.to_query())
    expect(again.get_by_role("textbox", name="Find")).to_have_value("ada")
    rows = int(pg.run(spec).shown.sum())
    expect(again.locator("[data-testid=stDataFrame] [role=grid]")).to_have_attribute("aria-rowcount", str(rows + 1))
    expect(again.get_by_text(f"The first {rows}, surface by surface.")).to_be_visible()


def test_a_search_that_finds_nobody_says_so_and_a_bad_link_keeps_the_rest(visit):
    page = opened(visit, "find=ada&surfaces=cubes")
    expect(page.get_by_test_id("stAlert").first).to_contain_text("cubes")
    expect(page.get_by_role("textbox", name="Find")).to_have_value("ada")
    find = page.get_by_role("textbox", name="Find")
    find.fill("zzz")
    find.press("Enter")
    expect(page.get_by_text("No optimizer has this in its name.")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_the_best_can_be_raced(visit):
    page = opened(visit, pg.Ranking(race="booth").to_query())
    link = page.get_by_role("link", name="Race the best 5 on Booth")
    link.click()
    page.wait_for_url("**/race?**")
    race = pg.Race.from_query(page.url)
    assert len(race.racers) == 5 and race.surface.name == "booth"
    Player(page).painted(race)


def test_every_tab_shows_something(visit):
    page = opened(visit)
    for tab, text in (
        ("How it was computed", "Ranks are among all optimizers"),
        ("Optimizers that cannot race", str(next(iter(pg.optimizers.refused.values())))[:40]),
    ):
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_role("tabpanel").get_by_text(text).first).to_be_visible()
    page.get_by_role("tab", name="Surfaces solved").click()
    page.wait_for_selector(f"[role=tabpanel] {CHART} .mark-line path")


@pytest.mark.parametrize("label, kind", [("PNG", "png"), ("SVG", "svg"), ("CSV", "csv"), ("NPZ", "npz")])
def test_downloads_hold_the_configuration(visit, label, kind):
    spec = pg.Ranking(find="ada", tolerance=0.01)
    page = opened(visit, spec.to_query())
    page.get_by_test_id("stPopover").get_by_role("button").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name=f", {label}").first.click()
    content = download.value.path().read_bytes()
    starts = {"png": b"\x89PNG\r\n", "svg": b"<svg", "csv": b"# ", "npz": b"PK"}
    assert content.startswith(starts[kind]) and len(content) > 2000
    if kind in ("svg", "csv"):
        assert "tolerance=0.01" in content.decode().replace("&amp;", "&")
