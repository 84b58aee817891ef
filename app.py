"""The app: `streamlit run app.py`."""

import streamlit as st

from pages.ui import shell

home = st.Page("pages/start/home.py", title="Home", default=True)
race = st.Page("pages/surfaces/race.py", title="Race", url_path="race")

shell.open_page(st.navigation([home, race], position="top"))
