"""In which language a page speaks: that of its link, else the one of the visitor's last link, else the server's."""

from __future__ import annotations

from functools import cache

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from playground.messages import follow, language, languages
from playground.runs import settings
from playground.specs.text import LANGUAGE


@cache
def of_server() -> str:
    """The setting."""
    return settings.read().language


def of_visitor() -> str:
    """What the session remembers; work beside the pages has no visitor."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return of_server()
    return st.session_state.get(LANGUAGE) or of_server()


def listen() -> None:
    """Take the language of the link, if it has one; before anything is rendered."""
    follow(of_visitor)
    name = st.query_params.get(LANGUAGE)
    if name in languages():
        st.session_state[LANGUAGE] = name
    elif pairs():
        st.query_params[LANGUAGE] = language()


def pairs() -> list[tuple[str, str]]:
    """The part of a link that keeps the language; nothing where it is the server's own."""
    return [(LANGUAGE, language())] if language() != of_server() else []
