"""The only way from a page to the runs: the one Runner of this server's process, and who is asking."""

from __future__ import annotations

import re
import secrets

import streamlit as st

from playground.runs.runner import Runner, runner

__all__ = ["COOKIE", "close", "runner", "visitor"]

COOKIE = "playground-visitor"


def visitor() -> str:
    """Who is asking: the same for all pages and refreshes of a browser, once it has read a log (see `route`)."""
    cookie = str(st.context.cookies.get(COOKIE))
    name = cookie if re.fullmatch(r"[\w-]{8,64}", cookie, re.ASCII) else secrets.token_hex(12)
    return st.session_state.setdefault("visitor", name)


def close() -> None:
    """Ends the cluster, if there is one."""
    if runner.cache_info().currsize:
        here: Runner = runner()
        here.close()
