"""For all tests."""

import sys

import pytest


@pytest.fixture(autouse=True)
def links_of_lone_pages(monkeypatch):
    """A page that a test opens by itself knows no other pages: its links to them are texts."""
    st = sys.modules.get("streamlit")
    if st is None:
        return
    from streamlit.errors import StreamlitPageNotFoundError

    real = st.page_link

    def page_link(page, *, label, **more):
        try:
            return real(page, label=label, **more)
        except StreamlitPageNotFoundError:
            return st.caption(f"{label}: {page}")

    monkeypatch.setattr(st, "page_link", page_link)
