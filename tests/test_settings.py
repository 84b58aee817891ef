"""The settings file."""

import re
from dataclasses import fields

import pytest

from playground.paths import SETTINGS
from playground.registry import ChoiceError
from playground.runs.settings import Settings, read
from playground.specs.training import Training


def written(tmp_path, text):
    path = tmp_path / "settings.toml"
    path.write_text(text)
    return path


def test_the_file_explains_every_setting_and_holds_the_defaults(monkeypatch):
    monkeypatch.delenv("PLAYGROUND_SETTINGS", raising=False)
    lines = dict(re.findall(r"^(\w+) = \S+ +# (.{15,})$", SETTINGS.read_text(), re.M))
    assert list(lines) == [field.name for field in fields(Settings)]
    assert read() == Settings()


def test_another_file_is_read_where_the_environment_names_one(tmp_path, monkeypatch):
    path = written(tmp_path, "epochs = 20\nunwatched_minutes = 5\n")
    monkeypatch.setenv("PLAYGROUND_SETTINGS", str(path))
    assert read() == Settings(epochs=20, unwatched_minutes=5.0)


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("epoch = 3", "settings.toml has a key called 'epoch', but may have only epochs, images, .*"),
        ("epochs = 0", "settings: epochs is 0, but must be a whole number from 1 to 1000."),
        ("epochs = '3'", "settings: epochs is '3', but must be a whole number from 1 to 1000."),
        ("epochs = true", "settings: epochs is True, but must be a whole number from 1 to 1000."),
        ("epochs =", "The settings cannot be read from .*settings.toml: .*"),
    ],
)
def test_what_is_wrong_in_it_is_one_sentence(tmp_path, text, sentence):
    with pytest.raises(ChoiceError) as problem:
        read(written(tmp_path, text))
    assert re.fullmatch(sentence, str(problem.value))


def test_a_file_that_is_named_must_be_there(tmp_path):
    with pytest.raises(ChoiceError, match="cannot be read"):
        read(tmp_path / "none.toml")


def test_trainings_are_checked_against_them():
    settings = Settings(epochs=5, images=1000)
    settings.check(Training(epochs=5, images=1000))
    with pytest.raises(ChoiceError, match="epochs is 6, but must be at most 5 on this server"):
        settings.check(Training(epochs=6, images=1000))
    with pytest.raises(ChoiceError, match="images is 2000, but must be at most 1000"):
        settings.check(Training(epochs=5, images=2000))


def test_runs_take_every_core_or_as_many_threads_as_said():
    assert Settings(threads_per_run=3).threads == 3 and Settings().threads >= 1
