"""Places the player: the component that animates a race in the browser."""

from __future__ import annotations

import streamlit as st

from pages.ui import page_cache
from pages.ui.component import component
from playground.record import RaceRecord

player, bring = component("player"), component("lasting")


def lasting(name: str, data: bytes) -> None:
    """What several components draw, or what outlasts many reruns: it has a message of its own because Streamlit sends
    one that has not changed by its hash alone. With every turned knob that is 81 kB less for the losses of a surface,
    and 790 kB with every other start for the maps of four racers."""
    bring(key=f"lasting-{name}", data=data)


def show(record: RaceRecord, *, compact: bool = False, start: int = 0, on_start=None, on_knob=None) -> None:
    """One start of the race, playing.

    `on_start()` is called when the reader has moved it, see `moved_start`; `on_knob()` when one of the knobs in the
    player has been turned, see `turned_knobs`; without it there are none to turn. The small player asks for neither.
    """
    lasting("ground", page_cache.ground(record))
    key = "home_player" if compact else "player"
    data = page_cache.payload(record, compact=compact, start=start, knobs=on_knob is not None)
    callbacks = {"on_start_change": on_start or _ignore, "on_knob_change": on_knob or _ignore}
    player(key=key, data=data, height="content", **callbacks)


def _ignore() -> None:
    """What is dragged in the small player stays there."""


def moved_start() -> tuple[float, float] | None:
    """Where the reader has put the start, inside `on_start`."""
    point = st.session_state.player.start
    return tuple(point) if point else None


def turned_knobs() -> list[tuple[int, str, float]]:
    """The knobs that the reader has turned, inside `on_knob`: the racer's look, the knob's name and its value."""
    return [tuple(entry) for entry in st.session_state.player.knob or ()]
