"""Components that draw in the browser, each by the module of its folder."""

from __future__ import annotations

import streamlit as st

from pages.ui.modules import script


def component(folder: str):
    """The component whose front-end is `assets/<folder>`: the module `<folder>.js`, by its address."""
    return st.components.v2.component(folder, js=script(folder))
