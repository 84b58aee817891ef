"""The app: `streamlit run app.py`."""

import streamlit as st

from pages.ui import shell

home = st.Page("pages/start/home.py", title="Home", default=True)
race = st.Page("pages/surfaces/race.py", title="Race", url_path="race")
page = st.navigation([home, race], position="top")

if __name__ == "__main__":
    shell.open_page(page)
else:
    # The server imports this module before its first visitor comes. Without that, Streamlit would take the folder
    # pages/ for the page table of that visitor, and greet a deep link with "Page not found".
    app = st.App(__file__)
