"""What every page has: its width, its style sheet and a process that does not waste time on garbage."""

from __future__ import annotations

import gc
from functools import partial

import streamlit as st

from pages.ui import link
from pages.ui.language import listen
from playground.labs import labs
from playground.messages import language, speaking, tr, translate
from playground.paths import ASSETS
from playground.view.theme import DARK, LIGHT

__all__ = ["listen", "open_page", "theme", "tr"]


def page_of(name: str) -> st.Page:
    """The page of a lab, for the navigation and for links to it."""
    from pages.ui import lab

    page_lab = labs()[name]
    return st.Page(partial(lab.show, page_lab), title=translate(page_lab.title), url_path=name)


def sections() -> dict[str, list[st.Page]]:
    """The pages of all labs, by the menu they are in."""
    pages_by_section: dict[str, list[st.Page]] = {}
    for name, page_lab in labs().items():
        if page_lab.section:
            pages_by_section.setdefault(translate(page_lab.section), []).append(page_of(name))
    return pages_by_section


@st.cache_resource
def _freeze() -> None:
    """Take everything imported so far out of the garbage collector's sight, once per process."""
    gc.collect()
    gc.freeze()


def open_page(page: st.Page) -> None:
    """Run a page of the navigation."""
    st.set_page_config(page_title=f"{page.title} · Optimizer Playground", page_icon=ASSETS / "icon.png", layout="wide")
    st.html(f"<style>:root {{ --page: light-dark({LIGHT.background}, {DARK.background}) }}</style>")
    st.html(ASSETS / "style.css")
    st.html(ASSETS / "touch.html", unsafe_allow_javascript=True)
    with speaking(language()):  # looked up once: a page renders hundreds of texts
        page.run()
    link.remember()
    _freeze()


def theme() -> str:
    """ "light" or "dark", as the reader has it."""
    return st.context.theme.type or "light"
