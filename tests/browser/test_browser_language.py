"""In a made-up language no component says an English word: in its texts, its labels, and on its canvases."""

import re

import made_up
import pytest
import visible
from conftest import Visit

from playground import messages

DRAWN = """
window.drawn = new Set();
for (const kind of [CanvasRenderingContext2D, OffscreenCanvasRenderingContext2D]) {
    for (const name of ["fillText", "strokeText"]) {
        const draw = kind.prototype[name];
        kind.prototype[name] = function (text, ...place) {
            window.drawn.add(text);
            return draw.call(this, text, ...place);
        };
    }
}
"""

SAID = """root => {
    const found = [];
    for (const element of [root, ...root.querySelectorAll("*")]) {
        for (const name of ["aria-label", "aria-valuetext", "title", "data-label", "data-empty", "placeholder"]) {
            if (element.hasAttribute(name)) found.push([name, element.getAttribute(name)]);
        }
        for (const node of element.childNodes) if (node.nodeType === 3) found.push([element.className, node.data]);
    }
    return [...found, ...[...window.drawn].map((text) => ["canvas", text])];
}"""

NAMES = re.compile(r"\b(?:SGD|Momentum|RMSProp|MLP|cpu|batch-norm)\b|%(?: of)?\b")


@pytest.fixture(scope="module")
def speaking(tmp_path_factory, start_server):
    """A server that knows the made-up language."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(messages.MORE, str(made_up.write(tmp_path_factory.mktemp("locale"))))
        return start_server()


@pytest.fixture
def visit(browser, speaking, tmp_path):
    visit = Visit(browser, speaking, tmp_path)
    yield visit
    visit.end()


def page(visit, path):
    page = visit.page()
    page.add_init_script(DRAWN)
    page.goto(f"{visit.server.url}{path}?lang={made_up.NAME}")
    return page


STORED = """root => (root.observatory?.shown ?? []).flatMap(({ run }) =>
    run.start ? [run.start.title, run.start.device, ...run.start.layers, ...run.start.classes] : [])"""


def untranslated(root):
    """English words besides names, and besides what logs hold as names: of data, devices, layers and classes."""
    names = re.compile("|".join([NAMES.pattern, *map(re.escape, sorted(root.evaluate(STORED), key=len, reverse=True))]))
    texts = root.evaluate(SAID)
    return {(where, text): words for where, text in texts if (words := visible.english(names.sub(" ", text or "")))}


def must_speak(root):
    assert root.evaluate("root => root.textContent.length") > 50
    assert untranslated(root) == {}


def test_the_player_and_a_step_taken_apart(visit):
    shown_page = page(visit, "/race")
    player = shown_page.locator(".player")
    shown_page.wait_for_selector(".player[data-painted]")
    must_speak(player)
    box = player.locator(".chart.loss .front").bounding_box()
    shown_page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    player.locator("[data-knobs]").first.click()
    must_speak(player)
    shown_page.locator(".st-key-race-step label").first.click()
    shown_page.wait_for_selector(".step_inspector .value")
    must_speak(shown_page.locator(".step_inspector"))


def test_the_maps(visit):
    shown_page = page(visit, "/basins")
    maps = shown_page.locator(".basins")
    shown_page.wait_for_selector(".basins[data-painted]")
    maps.locator(".front").first.hover()
    must_speak(maps)


def test_trainings_with_every_panel(visit):
    shown_page = page(visit, "/train")
    lab = shown_page.locator(".observatory")
    shown_page.wait_for_function("""() => [...document.querySelectorAll("*")].some((one) =>
        one.shadowRoot?.querySelector(".observatory")?.observatory.shown.some(({ run }) => run.end))""")
    for tab in lab.locator("[role=tab]").all():
        tab.click()
        shown_page.wait_for_timeout(150)
        must_speak(lab)
    lab.locator(".chart.loss .front").hover()
    must_speak(lab)
    for axis in ("step", "seconds"):
        lab.locator(f"input[value={axis}]").check(force=True)
        shown_page.wait_for_timeout(300)
    must_speak(lab)
