"""What every page has: its width, its style sheet and a process that does not waste time on garbage."""

from __future__ import annotations

import gc

import streamlit as st

from pages.ui.language import listen
from playground.messages import tr
from playground.paths import ASSETS
from playground.view.theme import DARK, LIGHT

__all__ = ["listen", "open_page", "theme", "tr"]

RACE_PAGE, TRAIN_PAGE = "pages/surfaces/race.py", "pages/networks/train.py"
BASINS_PAGE = "pages/surfaces/basins.py"
SWEEP_PAGE, ROBUSTNESS_PAGE = "pages/surfaces/sweep.py", "pages/surfaces/robustness.py"
GRADIENTS_PAGE, FORMS_PAGE = "pages/surfaces/gradients.py", "pages/surfaces/forms.py"


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
    page.run()
    _freeze()


def theme() -> str:
    """ "light" or "dark", as the reader has it."""
    return st.context.theme.type or "light"
