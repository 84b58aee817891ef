"""The app: `streamlit run app.py`."""

import logging

import streamlit as st

# The server imports this module before it has a visitor (see below); Streamlit would say so three times.
logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").setLevel(logging.ERROR)

if __name__ == "__main__":
    from pages.ui import shell

    tr = shell.tr
    shell.listen()
else:
    tr = str  # type: ignore[assignment]  # nobody reads the titles of this first pass, and the package takes a second to import

home = st.Page("pages/start/home.py", title=tr("Home"), default=True)
race = st.Page("pages/surfaces/race.py", title=tr("Race"), url_path="race")
basins = st.Page("pages/surfaces/basins.py", title=tr("Basins"), url_path="basins")
sweep = st.Page("pages/surfaces/sweep.py", title=tr("Learning rates"), url_path="sweep")
robustness = st.Page("pages/surfaces/robustness.py", title=tr("Robustness"), url_path="robustness")
gradients = st.Page("pages/surfaces/gradients.py", title=tr("Gradient check"), url_path="gradients")
forms = st.Page("pages/surfaces/forms.py", title=tr("Three forms"), url_path="forms")
ranking = st.Page("pages/surfaces/ranking.py", title=tr("Ranking"), url_path="ranking")
train = st.Page("pages/networks/train.py", title=tr("Train"), url_path="train")
surfaces = [race, basins, sweep, robustness, gradients, forms, ranking]
page = st.navigation({"": [home], tr("Surfaces"): surfaces, tr("Networks"): [train]}, position="top")

if __name__ == "__main__":
    shell.open_page(page)
else:
    # The server imports this module before its first visitor comes. Without that, Streamlit would take the folder
    # pages/ for the page table of that visitor, and greet a deep link with "Page not found".
    from pages.ui.server import ROUTES, lifespan

    app = st.App(__file__, routes=ROUTES, lifespan=lifespan)
