"""The modules and styles of components: addresses, how long a browser keeps them, what is sent with a rerun instead."""

import gzip
import json
import re

import made_up
import pytest

from pages.ui import modules
from pages.ui.modules import digest, script
from playground import messages
from playground.paths import ASSETS
from tests.test_server import ask

COMPONENTS = ("player", "step_inspector", "basins", "observatory", "lasting", "copy_link")


@pytest.mark.parametrize("base", ["", "/train", "/some/base/path"])
@pytest.mark.parametrize("folder", COMPONENTS)
def test_a_module_is_kept_for_ever_at_its_address_below_any_path(folder, base):
    name = f"{folder}/{folder}.js"
    status, headers, body = ask(f"{base}/assets/{digest()}/{name}")
    assert status == 200 and headers["content-type"].startswith("text/javascript")
    assert "immutable" in headers["cache-control"] and headers["content-encoding"] == "identity"
    assert body == (ASSETS / name).read_bytes() == gzip.decompress(modules._compressed(name))


@pytest.mark.parametrize("path", [
    "0123456789abcdef/player/player.js", "{digest}/player/none.js", "{digest}/../app.py", "{digest}/style.css",
])  # fmt: skip
def test_another_version_and_what_is_no_module_are_not_there(path):
    status, headers, _ = ask(f"/assets/{path.format(digest=digest())}")
    assert status == 404 and headers["cache-control"] == "no-store"


def test_a_style_sheet_has_its_kind():
    status, headers, body = ask(f"/assets/{digest()}/kit/kit.css")
    assert (
        status == 200
        and headers["content-type"].startswith("text/css")
        and body == (ASSETS / "kit/kit.css").read_bytes()
    )


@pytest.mark.parametrize("folder", COMPONENTS)
def test_the_script_of_a_rerun_is_short_and_names_the_module(folder):
    text = script(folder)
    assert len(text) < 1000 and digest() in text and f'at("{folder}/{folder}.js")' in text and "kit/kit.css" in text


def test_the_texts_of_a_language_are_those_of_scripts_and_logs(tmp_path, monkeypatch):
    monkeypatch.setenv(messages.MORE, str(made_up.write(tmp_path)))
    monkeypatch.setattr(messages, "languages", lambda: (messages.ENGLISH, made_up.NAME))
    monkeypatch.setattr(messages, "_languages", lambda more: (messages.ENGLISH, made_up.NAME))
    texts = json.loads(modules.texts(made_up.NAME))
    assert texts["Zoom in (+)"] == made_up.accented("Zoom in (+)")
    assert texts["Trained {epochs} epochs."] == made_up.accented("Trained {epochs} epochs.")
    assert 300 < len(texts) < 800


@pytest.mark.parametrize("folder", COMPONENTS)
def test_another_language_has_a_script_of_its_own(folder):
    text = script(folder, made_up.NAME)
    assert len(text) < 1200 and f"locale/{made_up.NAME}.json" in text and "locale" not in script(folder)


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
