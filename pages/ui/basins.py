"""Places the basin maps: the component that draws them in the browser, and the race from the start that is marked."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

import playground as pg
from pages.ui import about, page_cache, player
from pages.ui.component import component
from pages.ui.race_controls import RaceControls
from playground.messages import tr
from playground.record import BasinRecord

maps = component("basins")


def show(spec: pg.BasinMap, record: BasinRecord, controls: RaceControls) -> None:
    """The maps, and below them the race from the start on show.

    A click on a map, or a start that is dragged in the player, moves the start of both. While the maps are coarse
    they ask for the whole ones by themselves, which runs the page again.
    """

    def on_click() -> None:
        point = st.session_state["basins.maps"].start
        if point:
            controls.set_start(tuple(point))

    whole = len(record.xs) == spec.side
    start, race = controls.shown_start(), page_cache.record(pg.Race.of(spec))
    player.lasting("fates", page_cache.fates(record))
    maps(
        key="basins.maps", data=page_cache.map_payload(record, race, start, whole), height="content",
        on_start_change=on_click, on_ask_change=lambda: None,
    )  # fmt: skip
    st.markdown(f"**{tr('The race from the marked start')}**")
    # Under the map's name, so that the link that the player copies is one of this page.
    player.show(
        replace(race, spec=spec),
        start=start,
        on_start=controls.on_start,
        on_knob=controls.on_knob,
    )


def words(spec: pg.BasinMap) -> None:
    """What the maps say, and how it was decided."""
    surface = spec.race.surface
    st.markdown(
        about.words(surface, look=True) + "\n\n"
        + tr(
            "A start has reached a minimum when its last point, after {steps} steps, lies within {radius:g} of the "
            "window's width and height of it. The steps needed are those after which it never leaves that circle "
            "again: a path that only rolls through has not arrived. Listed are the minima inside the window, local "
            "ones too, the lowest first.",
            steps=spec.race.steps, radius=spec.radius,
        )
    )  # fmt: skip
    st.caption(about.source(surface.source))
