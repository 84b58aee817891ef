"""Components that draw in the browser, each by the module of its folder."""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

from pages.ui.modules import script
from playground.messages import ENGLISH, language


def component(folder: str):
    """The component whose front-end is `assets/<folder>`: the module `<folder>.js`, by its address. Each language has a
    script of its own, and so has a component of its own."""

    @cache
    def mount(spoken: str):
        name = folder if spoken == ENGLISH else f"{folder}_{spoken}"
        return st.components.v2.component(name, js=script(folder, spoken))

    def show(**arguments: Any):
        return mount(language())(**arguments)

    mount(ENGLISH)
    return show
