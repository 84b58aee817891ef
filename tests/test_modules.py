"""The modules of components: their addresses, how long a browser keeps them, and what is sent with a rerun instead."""

import gzip
import re

import pytest

from pages.ui import modules
from pages.ui.modules import digest, script
from playground.paths import ASSETS
from tests.test_server import ask

COMPONENTS = ("player", "dissector", "basins", "observatory", "copy")


@pytest.mark.parametrize("base", ["", "/train", "/some/base/path"])
@pytest.mark.parametrize("folder", COMPONENTS)
def test_a_module_is_kept_for_ever_at_its_address_below_any_path(folder, base):
    name = f"{folder}/{folder}.js"
    status, headers, body = ask(f"{base}/assets/{digest()}/{name}")
    assert status == 200 and headers["content-type"].startswith("text/javascript")
    assert "immutable" in headers["cache-control"] and headers["content-encoding"] == "identity"
    assert body == (ASSETS / name).read_bytes() == gzip.decompress(modules._compressed(name))


@pytest.mark.parametrize("path", [
    "0123456789abcdef/player/player.js", "{digest}/player/none.js", "{digest}/../app.py", "{digest}/kit/kit.css",
])  # fmt: skip
def test_another_version_and_what_is_no_module_are_not_there(path):
    status, headers, _ = ask(f"/assets/{path.format(digest=digest())}")
    assert status == 404 and headers["cache-control"] == "no-store"


@pytest.mark.parametrize("folder", COMPONENTS)
def test_the_script_of_a_rerun_is_short_and_names_the_module(folder):
    assert len(script(folder)) < 300 and f"./assets/{digest()}/{folder}/{folder}.js" in script(folder)


def test_any_changed_module_changes_the_address(monkeypatch):
    before = digest()
    changed = {**modules.modules(), "kit/view.js": b"export const clamp = 1;"}
    digest.cache_clear()
    monkeypatch.setattr(modules, "modules", lambda: changed)
    try:
        assert digest() != before
    finally:
        digest.cache_clear()


def test_no_name_of_a_module_has_a_number():
    assert not [path.name for path in ASSETS.glob("*/*.js") if re.search(r"\d", path.name)]
