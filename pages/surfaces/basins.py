"""Basins: which minimum every start reaches, and how fast."""

import streamlit as st

import playground as pg
from pages.ui import basins, downloads, link, others
from pages.ui.race_controls import RaceControls
from playground.presets import BASINS

NAME = "basins"
controls = RaceControls(NAME, BASINS)
spec = link.current(NAME, pg.BasinMap, BASINS[0].race())
with st.container(key="lab-frame"):
    left, right = st.columns([1, 3], gap="medium")
    with left.container(key="lab-controls"):
        spec = controls.of(spec)
    with right:
        link.keep(NAME, spec)
        with st.container(key="lab-stage"):
            link.show_problems(NAME, spec)
            record = basins.show(spec, controls)
        with st.container(key="lab-notes"):
            with st.container(horizontal=True):
                downloads.of_maps(record)
                others.links(spec)
            basins.words(spec)
