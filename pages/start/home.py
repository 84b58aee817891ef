"""Home: a race already running, and questions to start from."""

import streamlit as st

from pages.ui import page_cache, player, presets_menu
from pages.ui.shell import page_of, theme
from playground.labs import labs
from playground.messages import tr, translate
from playground.paths import ASSETS
from playground.presets import CARDS, PRESETS

with st.container(key="hero"):
    words, picture = st.columns([1, 2], gap="large", vertical_alignment="center")
with words:
    st.title("Optimizer Playground", anchor=False)
    st.markdown(
        tr(
            "See how neural networks learn: race optimizers down a loss surface, step by step, from the same start. "
            "Every comparison is a link that you can send to a class."
        )
    )
    label = tr("**Race**: choose a surface and up to twelve optimizers")
    st.page_link(page_of("race"), label=label, icon=":material/timeline:")
    label = tr("**Train**: a small net on images, watched from the inside")
    st.page_link(page_of("train"), label=label, icon=":material/hub:")
with picture:
    player.show(page_cache.record(PRESETS[0].race()), compact=True)

st.subheader(tr("Start from a question"), anchor=False)
for first in range(0, len(CARDS), 4):
    for cell, preset in zip(st.columns(4), CARDS[first : first + 4]):
        with cell.container(border=True, height="stretch", key=f"card-{preset.name}"):
            st.image(ASSETS / "cards" / theme() / f"{preset.name}.png", width="stretch", alt=translate(preset.look))
            presets_menu.leads_to(preset, f"**{translate(preset.question)}**")

st.subheader(tr("More questions"), anchor=False)
shelves = [lab for lab in labs().values() if any(preset not in CARDS for preset in lab.questions)]
for first in range(0, len(shelves), 3):
    for cell, lab in zip(st.columns(3), shelves[first : first + 3]):
        with cell.container(key=f"more-{lab.name}", gap="xxsmall"):
            st.page_link(page_of(lab.name), label=f"**{translate(lab.title)}**: {translate(lab.about)}")
            for preset in lab.questions:
                if preset not in CARDS:
                    presets_menu.leads_to(preset, translate(preset.question))
