"""Components that draw in the browser: the scripts of their folder, after those that all of them share."""

from __future__ import annotations

import streamlit as st

from pages.ui.shell import ASSETS


def component(folder: str):
    """The component whose front-end is `assets/<folder>`: one module and one style sheet, joined in the order of names.

    Streamlit takes a single text of each; so the scripts are plain ones without imports, and the last one exports.
    """
    script, style = (
        "\n".join(path.read_text() for part in ("canvas", folder) for path in sorted((ASSETS / part).glob(ending)))
        for ending in ("*.js", "*.css")
    )
    return st.components.v2.component(folder, js=script, css=style)
