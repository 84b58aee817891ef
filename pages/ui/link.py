"""The spec of a page and its link: the address bar always holds the whole comparison.

One mechanism instead of a query parameter per widget: the spec's own `to_query` is written after every run, and read
whenever the address differs from what was written (a link, browser Back, a preset).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from pages.ui import language
from playground.messages import Message, tr
from playground.registry import ChoiceError
from playground.specs import Spec
from playground.specs.text import LANGUAGE

S = TypeVar("S", bound=Spec)
NEVER: tuple[tuple[str, ...], float] = ((), 0.0)
LATE = 10.0  # seconds after which a browser knows its address, also over a slow line
CHANGEABLE = re.compile(r"\w+(\d\.|\.spec$)")  # in the session: the widgets of a spec (see `lines.key`), and specs


def current(name: str, kind: type[S], default: S, view_state: Mapping[str, Callable[[str], Any]] | None = None) -> S:
    """The page's spec: from the address where somebody has changed it, else as the session left it.

    `name` keeps the specs of different pages apart; `kind.read_query` reads the address. `view_state` are parts of the
    address that say what the page shows besides, each with a function that reads its text and raises `ChoiceError`;
    what it gives, or None, is in the session as `name.part`.
    """
    address = _address()
    session_spec = st.session_state.setdefault(f"{name}.spec", None)
    if address == st.session_state.get(f"{name}.written"):
        st.session_state[f"{name}.earlier"] = NEVER
    elif address and not _late(name, address):
        spec, problems = kind.read_query(address)
        values = {part: _read(part, reader, problems) for part, reader in (view_state or {}).items()}
        if problems or session_spec is None or spec.key != session_spec.key:
            put(name, spec)
        for part, value in values.items():
            st.session_state[f"{name}.{part}"] = value
        st.session_state[f"{name}.problems"] = (spec.key, problems)
        # The address says it already, in whatever words; writing it again would swallow the browser's Back.
        st.session_state[f"{name}.written"], st.session_state[f"{name}.written_for"] = (
            address,
            (spec.key, _texts(values)),
        )
        session_spec = st.session_state[f"{name}.spec"]
    if session_spec is None:
        put(name, default)
    return st.session_state[f"{name}.spec"]


def _late(name: str, address: str) -> bool:
    """Whether the browser sends an old address only because it has not yet received what was written since.

    That is so where a visitor changes something before the answer to the change before has arrived. Back sends an old
    address as well, but with nothing changed.
    """
    addresses, written_at = st.session_state.get(f"{name}.earlier", NEVER)
    if address not in addresses or monotonic() - written_at > LATE:
        return False
    before, now = st.session_state.get("shown", {}), _changeable()
    return any(before[key] != now[key] for key in before.keys() & now.keys())  # Streamlit forgets what is not drawn


def _changeable() -> dict[str, Any]:
    """The values of what visitors change in the specs of the pages: widgets, and specs themselves by callbacks."""
    return {str(key): value for key, value in st.session_state.items() if CHANGEABLE.match(str(key))}


def remember() -> None:
    """At the end of a run of a page: what visitors may change, by which the next run sees whether they have."""
    st.session_state["shown"] = _changeable()


def _address() -> str:
    """What the address says, but for the language."""
    keys = [key for key in st.query_params if key != LANGUAGE]
    return urlencode([(key, value) for key in keys for value in st.query_params.get_all(key)])


def _read(part: str, reader: Callable[[str], Any], problems: list[Message]) -> Any:
    """What a part of the address beside the spec says, or None, and a sentence if it is wrong."""
    texts = st.query_params.get_all(part)
    try:
        return reader(texts[-1]) if texts else None
    except ChoiceError as problem:
        problems.append(problem.message)
        return None


def _texts(view_state: Mapping[str, Any]) -> dict[str, str]:
    return {part: str(value) for part, value in view_state.items() if value is not None}


def put(name: str, spec: Spec) -> None:
    """Take over a whole spec: the widgets start afresh from it."""
    st.session_state[f"{name}.spec"] = spec
    st.session_state[f"{name}.generation"] = st.session_state.get(f"{name}.generation", 0) + 1


def keep(name: str, spec: Spec, view_state: Mapping[str, Any] | None = None) -> None:
    """Remember the spec that the widgets describe now, and write it and `view_state` into the address."""
    st.session_state[f"{name}.spec"] = spec
    texts = _texts(view_state or {})
    if (spec.key, texts) != st.session_state.get(f"{name}.written_for") or not _address():
        pairs = [*parse_qsl(spec.to_query()), *texts.items()]
        params: dict[str, list[str]] = {}
        for key, value in [*pairs, *language.pairs()]:
            params.setdefault(key, []).append(value)
        addresses, _ = st.session_state.get(f"{name}.earlier", NEVER)
        earlier = (*addresses[-20:], st.session_state.get(f"{name}.written", ""))
        st.session_state[f"{name}.earlier"] = (earlier, monotonic())
        st.query_params.from_dict(params)
        st.session_state[f"{name}.written"] = urlencode(pairs)
        st.session_state[f"{name}.written_for"] = (spec.key, texts)


def show_problems(name: str, spec: Spec) -> None:
    """What the link said that could not be used, until the spec changes."""
    key, problems = st.session_state.get(f"{name}.problems", ("", []))
    if problems and key == spec.key:
        more = [tr("And {n} more like these.", n=len(problems) - 5)] if len(problems) > 5 else []
        rest = tr("The rest of the link was used, with the default of whatever was wrong or missing.")
        lines = [*(sentence(problem) for problem in problems[:5]), *more, rest]
        st.warning("  \n".join(lines), icon=":material/link_off:")


def sentence(problem: str | Message | ChoiceError) -> str:
    """A problem as a sentence that Markdown leaves alone."""
    text = str(problem)
    return plain(text[:1].upper() + text[1:])


def plain(text: str, but: str = "") -> str:
    """A text that Markdown leaves alone, except for the signs in `but`."""
    return "".join(f"\\{c}" if c in "*_`[]<>$~#:|" and c not in but else c for c in text)
