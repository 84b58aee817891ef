"""Home: a race already running, and questions to start from."""

import streamlit as st

from pages.ui import compute, stage
from pages.ui.shell import ASSETS, RACE_PAGE
from playground.presets import PRESETS

with st.container(key="hero"):
    words, picture = st.columns([1, 2], gap="large", vertical_alignment="center")
with words:
    st.title("Optimizer Playground", anchor=False)
    st.markdown(
        "See how neural networks learn: race optimizers down a loss surface, step by step, from the same start. "
        "Every comparison is a link that you can send to a class."
    )
    st.page_link(RACE_PAGE, label="**Race**: choose a surface and up to twelve optimizers", icon=":material/timeline:")
with picture:
    stage.show(compute.race(PRESETS[0].race()), compact=True)

st.subheader("Start from a question", anchor=False)
for i in range(0, len(PRESETS), 4):
    for cell, preset in zip(st.columns(4), PRESETS[i : i + 4]):
        with cell.container(border=True, height="stretch", key=f"card-{preset.name}"):
            st.image(ASSETS / "cards" / f"{preset.name}.png", width="stretch", alt=preset.look)
            st.page_link(RACE_PAGE, label=f"**{preset.question}**", query_params=compute.query_pairs(preset.race()))
