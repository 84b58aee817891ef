"""Places the player: the component that animates a race in the browser."""

from __future__ import annotations

import streamlit as st

from pages.ui import compute
from pages.ui.component import component
from playground.record import BasinRecord, RaceRecord

player, losses = component("player"), component("ground")


def ground(record: RaceRecord | BasinRecord) -> None:
    """The losses of the surface, for all that draws them. They have a message of their own because Streamlit sends one
    that has not changed by its hash alone: with every turned knob 81 kB less."""
    losses(key="ground", data=compute.ground(record))


def show(record: RaceRecord, *, compact: bool = False, start: int = 0, on_start=None, on_knob=None) -> None:
    """One start of the race, playing.

    `on_start()` is called when the reader has moved it, see `moved_start`; `on_knob()` when one of the knobs in the
    player has been turned, see `turned_knobs`; without it there are none to turn. The small player asks for neither.
    """
    ground(record)
    key = "home_player" if compact else "player"
    data = compute.payload(record, compact=compact, start=start, knobs=on_knob is not None)
    asked = {"on_start_change": on_start or _ignore, "on_knob_change": on_knob or _ignore}
    player(key=key, data=data, height="content", **asked)


def _ignore() -> None:
    """What is dragged in the small player stays there."""


def moved_start() -> tuple[float, float] | None:
    """Where the reader has put the start, inside `on_start`."""
    place = st.session_state.player.start
    return tuple(place) if place else None


def turned_knobs() -> list[tuple[int, str, float]]:
    """The knobs that the reader has turned, inside `on_knob`: the racer's look, the knob's name and its value."""
    return [tuple(one) for one in st.session_state.player.knob or ()]
