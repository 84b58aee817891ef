"""The app: `streamlit run app.py`."""

import logging

import streamlit as st

# The server imports this module before it has a visitor (see below); Streamlit would say so three times.
logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").setLevel(logging.ERROR)

home = "pages/start/home.py"
if __name__ == "__main__":
    from pages.ui import shell

    shell.listen()
    pages = {"": [st.Page(home, title=shell.tr("Home"), default=True)], **shell.sections()}
else:
    pages = {"": [st.Page(home, default=True)]}  # whose labs nobody sees; the package takes a second to import
page = st.navigation(pages, position="top")

if __name__ == "__main__":
    shell.open_page(page)
else:
    # The server imports this module before its first visitor comes. Without that, Streamlit would take the folder
    # pages/ for the page table of that visitor, and greet a deep link with "Page not found".
    from pages.ui.server import ROUTES, lifespan

    app = st.App(__file__, routes=ROUTES, lifespan=lifespan)
