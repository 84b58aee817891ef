"""The spec of a page and its link: the address bar always holds the whole comparison.

One mechanism instead of a query parameter per widget: the spec's own `to_query` is written after every run, and read
whenever the address differs from what was written (a link, browser Back, a preset).
"""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from pages.ui.compute import query_pairs
from playground.registry import ChoiceError


def current(name: str, kind: type, default) -> object:
    """The page's spec: from the address where somebody has changed it, else as the session left it.

    `name` keeps the specs of different pages apart; `kind.read_query` reads the address.
    """
    asked = urlencode([(key, value) for key in st.query_params for value in st.query_params.get_all(key)])
    held = st.session_state.setdefault(f"{name}.spec", None)
    if asked and asked != st.session_state.get(f"{name}.written"):
        spec, problems = kind.read_query(asked)
        put(name, spec)
        st.session_state[f"{name}.problems"] = (spec.key, problems)
        # The address says it already, in whatever words; writing it again would swallow the browser's Back.
        st.session_state[f"{name}.written"], st.session_state[f"{name}.written_key"] = asked, spec.key
    elif held is None:
        put(name, default)
    return st.session_state[f"{name}.spec"]


def put(name: str, spec: object) -> None:
    """Take over a whole spec: the widgets start afresh from it."""
    st.session_state[f"{name}.spec"] = spec
    st.session_state[f"{name}.generation"] = st.session_state.get(f"{name}.generation", 0) + 1


def keep(name: str, spec: object) -> None:
    """Remember the spec that the widgets describe now, and write it into the address."""
    st.session_state[f"{name}.spec"] = spec
    if spec.key != st.session_state.get(f"{name}.written_key") or not st.query_params:
        pairs = query_pairs(spec)
        params: dict[str, list[str]] = {}
        for key, value in pairs:
            params.setdefault(key, []).append(value)
        st.query_params.from_dict(params)
        st.session_state[f"{name}.written"], st.session_state[f"{name}.written_key"] = urlencode(pairs), spec.key


def show_problems(name: str, spec: object) -> None:
    """What the link said that could not be used, until the spec changes."""
    key, problems = st.session_state.get(f"{name}.problems", ("", []))
    if problems and key == spec.key:
        more = [f"And {len(problems) - 5} more like these."] if len(problems) > 5 else []
        lines = [*(sentence(one) for one in problems[:5]), *more, "The rest of the link was used."]
        st.warning("  \n".join(lines), icon=":material/link_off:")


def sentence(problem: str | ChoiceError) -> str:
    """A problem as a sentence that Markdown leaves alone."""
    text = str(problem)
    return plain(text[:1].upper() + text[1:])


def plain(text: str, but: str = "") -> str:
    """A text that Markdown leaves alone, except for the signs in `but`."""
    return "".join(f"\\{c}" if c in "*_`[]<>$~#:|" and c not in but else c for c in text)
