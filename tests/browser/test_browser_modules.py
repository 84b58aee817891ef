"""What a page asks the server for: its components' modules and styles once and early, and little with a rerun."""

import pytest
from conftest import Visit
from playwright.sync_api import expect

import playground as pg
from pages.ui.modules import imported_modules


def names(addresses, ending):
    """Those below `assets/<hash>/`, without the hash."""
    files = [address.split("/assets/")[1].split("/", 1)[1] for address in addresses if "/assets/" in address]
    return sorted(name for name in files if name.endswith(ending))


def test_modules_and_styles_are_asked_for_at_once_and_once(visit):
    page = visit.race().page
    addresses = page.evaluate("() => performance.getEntriesByType('resource').map((one) => one.name)")
    early = page.evaluate("() => [...document.querySelectorAll('link[rel=modulepreload]')].map((one) => one.href)")
    modules = sorted({*imported_modules("player/player.js"), *imported_modules("lasting/lasting.js")})
    assert sorted(set(names(early, ".js"))) == modules
    assert names(addresses, ".js") == sorted([*modules, "player/player.js", "lasting/lasting.js"])
    assert names(addresses, ".css") == ["kit/kit.css", "player/player.css"]


def test_a_player_is_never_seen_without_its_style(visit):
    player = visit.race()
    sheets = "root => root.getRootNode().adoptedStyleSheets.map(sheet => sheet.cssRules.length > 10)"
    assert player.root.evaluate(sheets) == [True, True]
    expect(player(".unseen").first).to_have_css("clip-path", "inset(50%)")


def counted(page):
    """The sizes of the messages that the server sends from here on, after the page was loaded again."""
    received = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame))))
    page.reload()
    page.wait_for_selector(".player[data-painted]")
    page.wait_for_timeout(1500)
    return received


def test_the_losses_take_no_room_and_come_once(visit):
    player = visit.race()
    page = player.page
    expect(page.locator(".st-key-lasting-ground")).to_have_css("display", "none")
    received = counted(page)
    assert sum(received) > 100_000
    player.racers().first.click()
    page.wait_for_timeout(1000)
    received.clear()
    before = player.root.get_attribute("data-painted")
    player.set("lr", 0.0012)
    expect(player.root).not_to_have_attribute("data-painted", before)
    page.wait_for_timeout(1500)
    assert 30_000 < sum(received) < 70_000


def test_another_start_sends_no_maps(visit):
    page = visit.open("/basins")
    page.wait_for_selector(".basins[data-side='256']")
    received = counted(page)
    page.wait_for_selector(".basins[data-side='256']")
    before = page.locator(".player").get_attribute("data-painted")
    received.clear()
    field = page.get_by_role("spinbutton", name="Start x", exact=True)
    field.fill("0.5")
    field.press("Enter")
    expect(page.locator(".player")).not_to_have_attribute("data-painted", before)
    page.wait_for_timeout(1500)
    assert 50_000 < sum(received) < 100_000


def test_a_deep_link_below_a_base_path_draws_the_player(browser, start_server, tmp_path):
    visit = Visit(browser, start_server("/courses/ml"), tmp_path)
    try:
        player = visit.race(pg.Race(steps=40))
        addresses = player.page.evaluate("() => performance.getEntriesByType('resource').map((one) => one.name)")
        assert all("/courses/ml/assets/" in address for address in addresses if "/assets/" in address)
        visit.must_be_quiet()
    finally:
        visit.end()


SHIFTS = """() => {
    window.shifts = [];
    new PerformanceObserver((list) => list.getEntries().forEach((shift) => window.shifts.push([
        ...shift.sources.map(({ currentRect, previousRect }) => currentRect.y - previousRect.y),
    ]))).observe({ type: "layout-shift", buffered: true });
}"""


@pytest.mark.parametrize("path", ["/race", "/"])
def test_nothing_jumps_when_the_player_comes(visit, path):
    page = visit.page()
    page.add_init_script(f"({SHIFTS})()")
    requests = []
    page.route("**/player/picture.js", lambda route: requests.append(route))
    page.goto(visit.server.url + path)
    page.get_by_text({"/race": "What to look at", "/": "More questions"}[path]).first.wait_for(state="attached")
    page.wait_for_timeout(1500)
    page.evaluate("() => { window.shifts = []; }")
    requests[0].continue_()
    page.wait_for_selector(".player[data-painted]")
    page.wait_for_timeout(500)
    late = page.evaluate("() => window.shifts")
    assert all(abs(move) < 60 for moves in late for move in moves), late
