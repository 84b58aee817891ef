"""Home: a race already running, and questions to start from."""

import streamlit as st

from pages.ui import compute, stage
from pages.ui.shell import ASSETS, RACE_PAGE, TRAIN_PAGE, theme
from playground.presets import PRESETS, TRAININGS

with st.container(key="hero"):
    words, picture = st.columns([1, 2], gap="large", vertical_alignment="center")
with words:
    st.title("Optimizer Playground", anchor=False)
    st.markdown(
        "See how neural networks learn: race optimizers down a loss surface, step by step, from the same start. "
        "Every comparison is a link that you can send to a class."
    )
    st.page_link(RACE_PAGE, label="**Race**: choose a surface and up to twelve optimizers", icon=":material/timeline:")
    st.page_link(TRAIN_PAGE, label="**Train**: a small net on images, watched from the inside", icon=":material/hub:")
with picture:
    stage.show(compute.record(PRESETS[0].race()), compact=True)

st.subheader("Start from a question", anchor=False)
cards = [(RACE_PAGE, preset, preset.race()) for preset in PRESETS]
cards += [(TRAIN_PAGE, preset, preset.comparison()) for preset in TRAININGS if preset.stored]
rows = [cards[i : i + 4] for i in range(0, len(cards), 4)]
for row in rows:
    cells = st.columns(4)
    for cell, (page, preset, spec) in zip(cells, row):
        with cell.container(border=True, height="stretch", key=f"card-{preset.name}"):
            st.image(ASSETS / "cards" / theme() / f"{preset.name}.png", width="stretch", alt=preset.look)
            st.page_link(page, label=f"**{preset.question}**", query_params=compute.query_pairs(spec))
with cells[len(row) % 4].container(border=True, height="stretch", key="more-questions", gap="xxsmall"):
    for preset in TRAININGS:
        if not preset.stored:
            st.page_link(TRAIN_PAGE, label=preset.question, query_params=compute.query_pairs(preset.comparison()))
