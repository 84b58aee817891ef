"""The pages Gradient check and Three forms in a browser: painted, changed, bent, taken away."""

import re
from urllib.parse import urlsplit

import numpy as np
import pytest
from conftest import PHONE, Player, go_to
from playwright.sync_api import expect
from test_browser_bend import take

import playground as pg
from playground.presets import CHECKS, FORMS

PATHS = {"/gradients": (pg.GradientCheck, CHECKS), "/forms": (pg.Forms, FORMS)}
LINKS = [(path, preset) for path, (_, presets) in PATHS.items() for preset in presets]
CHART = "[data-testid=stVegaLiteChart] svg"
LINES = """selector => [...document.querySelectorAll(selector)].every(chart => !chart.outerHTML.includes("NaN")
    && [...chart.querySelectorAll(".mark-line path")].some(path => path.getAttribute("d").length > 60))"""
NARROW = """() => [...document.querySelectorAll("html, body, [data-testid=stMain]")].every(
    element => element.scrollWidth <= element.clientWidth
)"""


def opened(visit, path, query="", **options):
    """A page with its first chart drawn."""
    page = visit.page(**options)
    page.goto(visit.server.url + path + (f"?{query}" if query else ""))
    return drawn(page)


def drawn(page):
    """The page, once its charts have lines and its player, which would move what is below it, is painted."""
    page.wait_for_selector(CHART)
    page.wait_for_function(LINES, arg=CHART)
    if urlsplit(page.url).path == "/forms":
        page.wait_for_selector(".player[data-painted]")
    expect(page.get_by_test_id("stException")).to_have_count(0)
    return page


def spec_of(page):
    kind, _ = PATHS[urlsplit(page.url).path]
    return kind.from_query(page.url)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", list(PATHS))
def test_both_pages_are_painted_in_both_themes(visit, path, scheme):
    page = opened(visit, path, color_scheme=scheme)
    page.wait_for_url("**?v=1**")
    assert spec_of(page) == PATHS[path][0]()


@pytest.mark.parametrize("path, preset", LINKS, ids=lambda value: getattr(value, "name", None))
def test_every_question_is_painted(visit, path, preset):
    page = opened(visit, path, preset.make().to_query())
    expect(page.get_by_text(preset.look[:60])).to_be_visible()
    expect(page.locator(".katex-error")).to_have_count(0)
    expect(page.get_by_text("The rest of the link was used")).to_have_count(0)


@pytest.mark.parametrize("path", list(PATHS))
def test_both_pages_fit_a_phone(visit, path):
    page = opened(visit, path, size=PHONE, has_touch=True)
    assert page.evaluate(NARROW)
    box = page.locator(CHART).first.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE[0] and box["y"] < PHONE[1] / 2


def test_the_pages_are_in_the_navigation(visit):
    page = visit.open("/")
    go_to(page, "Gradient check")
    page.wait_for_url("**/gradients**")
    drawn(page)
    go_to(page, "Three forms")
    page.wait_for_url("**/forms**")
    drawn(page)


def test_one_types_a_gradient_and_is_told(visit):
    page = opened(visit, "/gradients")
    for label, text in (("Your df/dx", "-2*(1-x) - 400*x*(y-x**2)"), ("Your df/dy", "100*(y-x**2)")):
        field = page.get_by_role("textbox", name=label)
        field.fill(text)
        field.press("Enter")
        page.wait_for_url(re.compile(f"{label[-2:]}=[^&]"))
    alert = page.get_by_test_id("stAlert")
    expect(alert).to_contain_text("Your df/dx is right")
    expect(alert).to_contain_text("Your df/dy is 0.5 times the right one")
    drawn(page)
    assert spec_of(page).dy == "100*(y-x**2)"


def test_surface_and_net_keep_what_was_set(visit):
    page = opened(visit, "/gradients", "surface=booth")
    page.get_by_role("radio", name="A small net").click()
    expect(page.get_by_role("heading", name=re.compile("Small net with 67 parameters"))).to_be_visible()
    page.wait_for_url("**subject=net**")
    page.get_by_role("radio", name="A surface").click()
    expect(page.get_by_role("heading", name=re.compile("Booth"))).to_be_visible()
    drawn(page)


@pytest.mark.parametrize("label, kind", [("PNG", "png"), ("SVG", "svg"), ("CSV", "csv"), ("NPZ", "npz")])
@pytest.mark.parametrize("path", list(PATHS))
def test_downloads_hold_the_configuration(visit, path, label, kind):
    spec = PATHS[path][0](seed=9)
    page = opened(visit, path, spec.to_query())
    page.get_by_test_id("stPopover").get_by_role("button").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name=f", {label}").first.click()
    assert download.value.suggested_filename == f"{path[1:]}-{spec.key[:12]}.{kind}"
    content = download.value.path().read_bytes()
    if kind in ("svg", "csv"):
        assert "seed=9" in content.decode().replace("&amp;", "&")
    starts = {"png": b"\x89PNG\r\n", "svg": b"<svg", "csv": b"# ", "npz": b"PK"}
    assert content.startswith(starts[kind]) and len(content) > 2000


def test_dragging_the_start_moves_all_variants(visit):
    page = opened(visit, "/forms", pg.Forms(form=pg.forms["nesterov_forms"]()).to_query())
    player = Player(page)
    page.wait_for_selector(".player[data-painted]")
    page.wait_for_load_state("networkidle")
    take(player, (-0.5, 1.2))
    page.mouse.up()
    page.wait_for_function("() => Math.abs(Number(new URLSearchParams(location.search).get('x')) + 0.5) < 0.05")
    spec = spec_of(page)
    player.painted(spec)
    record = pg.run(spec)
    np.testing.assert_allclose(player.heads(40), record.race.positions[:, 0, 40], rtol=1e-6)
    expect(player.number("Start x")).to_have_value(f"{spec.x:g}")


def test_a_knob_in_the_player_turns_all_variants(visit):
    page = opened(visit, "/forms", pg.Forms(form=pg.forms["mean_or_sum"]()).to_query())
    player = Player(page)
    page.wait_for_selector(".player[data-painted]")
    player("[data-knobs='0']").click()
    rho = player("input[type=range]").nth(1)
    rho.focus()
    for _ in range(3):
        rho.press("ArrowLeft")
    page.wait_for_function("() => !new URLSearchParams(location.search).get('form').includes('rho:0.9')")
    spec = spec_of(page)
    assert {variant.rule.rho for variant in spec.form.variants()} == {spec.form.rho} != {0.9}
    player.painted(spec)
