"""The style sheet: each selector of Streamlit's own elements, whose names may change, matches something on a page."""

import pytest
from conftest import Visit
from playwright.sync_api import expect

import playground as pg

# Those of the style sheet that name what Streamlit or KaTeX calls its own, with the pages' screens put aside.
SELECTORS = """() => {
    const has = ({ cssRules }) => [...cssRules].some(({ cssText }) => cssText.includes("lab-frame"));
    const sheet = [...document.styleSheets].find(has);
    const rules = [...sheet.cssRules].flatMap((rule) => rule.selectorText ? [rule] : [...rule.cssRules ?? []]);
    const texts = rules.flatMap(({ selectorText }) => selectorText.split(/,(?![^(]*\\))/));
    const plain = texts.map((text) => text.trim().replace(/::?(after|hover)/g, ""));
    return plain.filter((text) => /data-testid|\\.st[A-Z]|katex/.test(text));
}"""
INSPECTED = f"/race?{pg.Race().to_query()}&inside=3,100"

PAGES = {  # and what is there once they are
    "/": ".st-key-hero",
    INSPECTED: ".st-key-race-step-words table",
    "/train": ".st-key-train-start",
    "/ranking": "[class*=st-key-ranking-heat]",
}


@pytest.fixture(scope="module")
def matched(browser, server, tmp_path_factory):
    """The selectors, and those that match something on one of these pages."""
    visit = Visit(browser, server, tmp_path_factory.mktemp("style"))
    matches = set()
    for path, sign in PAGES.items():
        page = visit.page()
        page.goto(server.url + path)
        expect(page.locator(sign).first).to_be_attached()
        page.wait_for_timeout(2000)
        if path == INSPECTED:
            page.get_by_role("button", name="Adam").first.click()
            expect(page.locator(".st-key-lab-controls .katex-display").first).to_be_attached()
        selectors = page.evaluate(SELECTORS)
        matches |= {selector for selector in selectors if page.locator(f"css={selector}").count()}
    visit.end()
    return set(selectors), matches


def test_every_selector_of_private_elements_matches_on_some_page(matched):
    selectors, matches = matched
    assert len(selectors) > 20 and not selectors - matches, sorted(selectors - matches)
