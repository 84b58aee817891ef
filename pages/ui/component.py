"""Components that draw in the browser: the module and the style of their folder, after the style that all share."""

from __future__ import annotations

import streamlit as st

from pages.ui.modules import script
from playground.paths import ASSETS


def component(folder: str):
    """The component whose front-end is `assets/<folder>`: the module `<folder>.js` by its address, and its style."""
    paths = (ASSETS / "kit" / "kit.css", *sorted((ASSETS / folder).glob("*.css")))
    return st.components.v2.component(folder, js=script(folder), css="\n".join(path.read_text() for path in paths))
