"""A page without a browser: opened at a link, quiet, its spec and its widgets."""

from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

ROOT = Path(__file__).parents[1]


def in_root(monkeypatch):
    """Pages find each other and their files from here."""
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT))


def open_page(name, query=""):
    """The page of a lab at a link, within the app, so that links to other pages find them."""
    app = go_to(AppTest.from_file(str(ROOT / "app.py"), default_timeout=60), name)
    for name, value in parse_qsl(query, keep_blank_values=True):
        app.query_params[name] = [*app.query_params.get(name, []), value]
    return quiet(app.run())


shared_page = cache(open_page)
"""The page of a lab at a link, opened once a process for tests that choose one thing after the other."""


def go_to(app, name):
    """The app, which shows the page of this address at its next run; a test of Streamlit finds scripts only."""
    app._page_hash = calc_hash(name)
    return app


def quiet(app):
    """The app, which has shown no exception."""
    assert not app.exception, app.exception[0].message
    return app


def widget(kind, app, part):
    """The widget whose key ends so."""
    elements = [element for element in getattr(app, kind) if (element.key or "").partition(".")[2] == part]
    assert len(elements) == 1, [element.key for element in getattr(app, kind)]
    return elements[0]


def links(app):
    """Label -> query of the links to other pages."""
    return {link.proto.label: link.proto.query_string for link in app.get("page_link")}
