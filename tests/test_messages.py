"""Messages: templates with values, rendered late and in the visitor's language."""

import json
import pickle

import made_up
import pytest

import playground as pg
from playground import messages
from playground.messages import Message, listed, speaking, tr, translate
from playground.registry import ChoiceError


@pytest.fixture
def shouting(monkeypatch, tmp_path):
    """A made-up language in which every template has accents, its placeholders left alone."""
    monkeypatch.setenv(messages.MORE, str(made_up.write(tmp_path)))


def test_a_message_is_rendered_with_its_values():
    assert str(Message("Loss {loss:.3g} at step {step}.", loss=0.123456, step=7)) == "Loss 0.123 at step 7."


def test_braces_without_values_are_left_alone():
    assert str(Message(r"the formula \frac{1}{2}")) == r"the formula \frac{1}{2}"


def test_a_plural_follows_n():
    assert [tr("{n} racer", "{n} racers", n=n) for n in (0, 1, 2)] == ["0 racers", "1 racer", "2 racers"]


def test_a_format_of_our_own(monkeypatch):
    monkeypatch.setitem(messages.FORMATS, "twice", lambda value: str(2 * value))
    assert tr("{n:twice} of {n}", n=3) == "6 of 3"


def test_a_message_in_a_message_is_translated_too(shouting):
    inner = Message("a number from {low} to {high}", low="Adam", high=1)
    with speaking("xx"):
        assert str(Message("one of {options}", options=inner)) == "øñé øƒ å ñûɱƀéř ƒřøɱ Adam ŧø 1"
        assert translate("on or off") == "øñ øř øƒƒ" and translate("not collected") == "not collected"
    assert translate("on or off") == "on or off"


def test_a_language_without_a_catalogue_is_english():
    with speaking("tlh"):
        assert messages.language() == messages.ENGLISH


def test_json_gives_the_message_back():
    message = Message("{n} of {what}", "{n} of {what}", n=2, what=Message("runs of {name}", name="x"))
    assert Message.from_json(json.loads(json.dumps(message.to_json()))) == message
    assert message != Message("{n} of {what}", "{n} of {what}", n=3, what=message)


def test_a_list_renders_its_messages(shouting):
    with speaking("xx"):
        assert str(listed(["lr", Message("on or off")])) == "lr, øñ øř øƒƒ"


def test_an_empty_message_says_so():
    assert not Message("") and Message("x")


def test_a_refusal_is_a_message(shouting):
    with pytest.raises(ChoiceError) as caught:
        pg.optimizers["adam"](beta1=2.0)
    problem = pickle.loads(pickle.dumps(caught.value))
    assert str(problem) == "Adam: beta1 is 2, but must be a number from 0 to 0.9999."
    with speaking("xx"):
        assert str(problem) == "Åđåɱ: beta1 íš 2, ƀûŧ ɱûšŧ ƀé å ñûɱƀéř ƒřøɱ 0 ŧø 0.9999."
    assert str(ChoiceError("nothing of {this} kind")) == "nothing of {this} kind"
    assert ChoiceError(problem.message).message == problem.message == caught.value.message
    assert str(ChoiceError("{n} is too much", n=3)) == "3 is too much"
