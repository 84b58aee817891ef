"""The language of a visitor: in the link, kept from page to page, as a setting, on the command line and in Python."""

import made_up
import opened
import pytest
from opened import go_to, open_page, quiet

import playground as pg
from playground import messages
from playground.__main__ import main
from playground.messages import language, languages, speaking, tr
from playground.registry import ChoiceError
from playground.runs.settings import read


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return made_up.write(tmp_path_factory.mktemp("locale"))


@pytest.fixture(autouse=True)
def spoken(folder, monkeypatch):
    opened.in_root(monkeypatch)
    monkeypatch.setenv(messages.MORE, str(folder))
    monkeypatch.setattr(messages, "_language_callbacks", list(messages._language_callbacks))


def test_the_made_up_language_is_one_of_them():
    assert languages() == ("en", made_up.NAME)
    assert made_up.accented(r"loss {loss:digits} of $x$, `code` :material/link: :red[high]") == (
        "łøšš {loss:digits} øƒ $x$, `code` :material/link: :red[ħíĝħ]"
    )


def test_python_and_the_command_line(capsys):
    pg.language(made_up.NAME)
    assert language() == made_up.NAME and tr("on or off") == "øñ øř øƒƒ"
    with pytest.raises(ChoiceError):
        pg.language("tlh")
    assert main(["--lang", "en", "race", "v=2", "--out", "x"]) == 2
    english = capsys.readouterr().err
    assert main(["--lang", made_up.NAME, "race", "v=1&racer=adam,lr:9999~constant~auto", "--out", "x"]) == 2
    assert "must be" in english and "ɱûšŧ ƀé" in capsys.readouterr().err
    assert main(["--lang", "tlh", "list"]) == 2 and "'tlh'" in capsys.readouterr().err


def test_the_setting(tmp_path, monkeypatch):
    assert read().language == "en"
    (tmp_path / "settings.toml").write_text(f'language = "{made_up.NAME}"')
    monkeypatch.setenv("PLAYGROUND_SETTINGS", str(tmp_path / "settings.toml"))
    assert read().language == made_up.NAME
    (tmp_path / "settings.toml").write_text('language = "tlh"')
    with pytest.raises(ChoiceError, match="language is 'tlh', but must be one of en, xx"):
        read()


def test_a_link_may_name_a_language_and_means_the_same():
    spec, problems = pg.Race.read_query(pg.Race().to_query() + "&lang=xx")
    assert spec == pg.Race() and not problems and "lang" not in spec.to_query()


def test_a_page_keeps_the_language_of_its_link():
    app = open_page("race", pg.Race(steps=77).to_query() + "&lang=xx&racer=adam,lr:9999~constant~auto")
    assert app.session_state["race.spec"].steps == 77 and "ɱûšŧ ƀé" in app.warning[0].value
    assert "ɱøřé" not in app.warning[0].value and "Ŧħé řéšŧ øƒ ŧħé łíñķ" in app.warning[0].value
    with speaking(made_up.NAME):  # what a menu held is looked up outside of the page's run
        go_to(app, "sweep")
        quiet(app.run())
        assert app.query_params["lang"] in ("xx", ["xx"]) and len(app.query_params) > 3
        links = [link.proto.query_string for link in app.get("page_link")]
        assert links and all("lang=xx" in link for link in links if link)
        app.switch_page("pages/start/home.py")
        assert "lang" in quiet(app.run()).query_params


def test_the_server_s_own_language_is_in_no_link():
    assert "lang" not in open_page("race").query_params
