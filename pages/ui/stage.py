"""Places the player: the component that animates a race in the browser."""

from __future__ import annotations

import streamlit as st

from pages.ui import compute
from pages.ui.component import component
from playground.record import RaceRecord

player = component("player")


def show(record: RaceRecord, *, compact: bool = False, start: int = 0, on_start=None) -> None:
    """One start of the race, playing. `on_start()` is called when the reader moves it; see `moved_start`."""
    key = "home_player" if compact else "player"
    data = compute.payload(record, compact=compact, start=start)
    player(key=key, data=data, height="content", on_start_change=on_start or _ignore)


def _ignore() -> None:
    """The small player's start cannot be moved."""


def moved_start() -> tuple[float, float] | None:
    """Where the reader has put the start, inside `on_start`."""
    place = st.session_state.player.start
    return tuple(place) if place else None
