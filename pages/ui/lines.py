"""Lines that open, and lasting numbers for what comes and goes.

A line is a button whose key is its identity: an expander takes a new label for a new expander, and would close when
something in it changes. What the left side of a page lists (racers, runs, sections) is made of these lines.
"""

from __future__ import annotations

import streamlit as st


def key(name: str, part: str) -> str:
    """A widget key of the page `name` that changes when a whole new spec comes in."""
    return f"{name}{st.session_state[f'{name}.generation']}.{part}"


def is_open(base: str) -> bool:
    """Whether the line of this key shows what it holds."""
    return f"{base}.open" in st.session_state


def toggle(base: str) -> None:
    """Open a line that is closed, close one that is open."""
    if is_open(base):
        del st.session_state[f"{base}.open"]
    else:
        st.session_state[f"{base}.open"] = True


def line(base: str, label: str) -> None:
    """The line; a click opens or closes it."""
    arrow = "keyboard_arrow_down" if is_open(base) else "keyboard_arrow_right"
    st.button(label, key=f"{base}.line", on_click=toggle, args=(base,), width="stretch", icon=f":material/{arrow}:")


def slots(name: str, count: int) -> list[int]:
    """A lasting number for each of the page's `count` items, so that widgets stay with their item when others come
    and go. The list is the session's own: code that adds or removes an item changes it."""
    generation = st.session_state[f"{name}.generation"]
    state = st.session_state.get(f"{name}.slots", (-1, []))
    if state[0] != generation:
        state = (generation, list(range(count)))
        st.session_state[f"{name}.slots"] = state
    return state[1]
