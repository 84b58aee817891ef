"""Text as data: a template with its values, written where something is known and rendered where it is shown.

The English template is also the key of the catalogues below `playground/locale/`. Whoever shows a message renders it
in the visitor's language (`str(message)`); engines, specs, records and logs hold messages and no sentences.
"""

from __future__ import annotations

import gettext
import math
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from playground.numbers import FORMATS

ENGLISH = "en"
LOCALE = Path(__file__).parent / "locale"
MORE = "PLAYGROUND_LOCALE"  # environment variable: another folder of catalogues, such as those of a test


_spoken: ContextVar[str] = ContextVar("language")
_language_callbacks: list[Callable[[], str]] = [lambda: ENGLISH]


@dataclass(frozen=True, init=False)
class Message:
    """A template such as `"Validation loss rises since epoch {epoch}: overfitting."` and its values.

    A placeholder may name a format of `FORMATS` (`{share:percent}`) or one of Python's (`{loss:.3g}`). A value is a
    number, a text that is never translated (a name), or another message. With a `plural` template, the value `n`
    decides which of the two is used.
    """

    template: str
    plural: str
    values: tuple[tuple[str, Any], ...]

    def __init__(self, template: str, plural: str = "", /, **values: Any) -> None:
        for name, value in (("template", template), ("plural", plural), ("values", tuple(values.items()))):
            object.__setattr__(self, name, value)

    def __str__(self) -> str:
        values = dict(self.values)
        text = _catalogue(language()).ngettext(self.template, self.plural, values["n"]) if self.plural else None
        return _formatter.vformat(text or translate(self.template), (), values) if values else translate(self.template)

    def __bool__(self) -> bool:
        return bool(self.template)

    def inner(self) -> Iterator[Message]:
        """The messages among its values."""
        return (value for _, value in self.values if isinstance(value, Message))

    def to_json(self) -> list[Any]:
        """`[template, plural, {name: value}]`, which `from_json` reads; JSON holds no more than that."""
        values = {name: _json(value) for name, value in self.values}
        return [self.template, self.plural, values]

    @classmethod
    def from_json(cls, data: list[Any]) -> Message:
        """The message of `to_json`."""
        template, plural, values = data
        return cls(template, plural, **{name: _value(value) for name, value in values.items()})


NOTHING = Message("")


class _Formatter(Formatter):
    """`str.format` with the formats of `FORMATS`."""

    def format_field(self, value: Any, format_spec: str) -> str:
        own = FORMATS.get(format_spec)
        return own(value) if own else super().format_field(value, format_spec)


_formatter = _Formatter()


def marked(text: str) -> str:
    """The text itself: a mark by which the extractor collects a template that reaches `Message` by way of a name."""
    return text


def listed(items: Iterable[Any]) -> Message:
    """The items with commas between them; those that are messages are rendered with the rest."""
    values = {f"item{index}": item for index, item in enumerate(items)}
    return Message(", ".join(f"{{{name}}}" for name in values), **values)


def _json(value: Any) -> Any:
    """A value as JSON holds it: a NumPy scalar becomes a number, one that JSON lacks `{"number": "NaN"}`."""
    if isinstance(value, Message):
        return value.to_json()
    value = getattr(value, "item", lambda: value)()
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": str(value).replace("nan", "NaN").replace("inf", "Infinity")}  # as JavaScript calls them
    return value


def _value(value: Any) -> Any:
    """What `_json` wrote."""
    if isinstance(value, dict):
        return float(value["number"])
    return Message.from_json(value) if isinstance(value, list) else value


def tr(template: str, plural: str = "", /, **values: Any) -> str:
    """The text of `Message(template, plural, **values)` in the visitor's language, for views and pages."""
    return str(Message(template, plural, **values))


def translate(text: str) -> str:
    """A text without placeholders (a label, a help text, a docstring's line) in the visitor's language."""
    return _catalogue(language()).gettext(text) if text else ""


def both(template: str, plural: str) -> tuple[str, str]:
    """The texts for one and for several of something in the visitor's language, placeholders and all."""
    catalogue = _catalogue(language())
    return catalogue.ngettext(template, plural, 1), catalogue.ngettext(template, plural, 2)


def language() -> str:
    """The language in which messages are rendered here and now: of the block `speaking`, else what `follow` says."""
    return _spoken.get("") or _known_language(_language_callbacks[-1]())


def follow(ask: Callable[[], str]) -> None:
    """From here on, in the whole process, render in the language that `ask()` names: a visitor's, or a setting."""
    _language_callbacks[:] = [ask]


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Render in the language `name`, one of `languages()` or else English, within the block and thread."""
    before = _spoken.set(_known_language(name))
    try:
        yield
    finally:
        _spoken.reset(before)


def languages() -> tuple[str, ...]:
    """English and every language that has a catalogue."""
    names = {path.parts[-3] for folder in _folders() for path in folder.glob("*/LC_MESSAGES/playground.mo")}
    return (ENGLISH, *sorted(names - {ENGLISH}))


def _known_language(name: str) -> str:
    return name if name == ENGLISH or name in _languages(os.environ.get(MORE, "")) else ENGLISH


@cache
def _languages(more: str) -> tuple[str, ...]:
    return languages()


def _folders() -> list[Path]:
    more = os.environ.get(MORE)
    return [LOCALE, *([Path(more)] if more else [])]


def _catalogue(name: str) -> gettext.NullTranslations:
    return _read(name, os.environ.get(MORE, ""))


@cache
def _read(name: str, more: str) -> gettext.NullTranslations:
    if name == ENGLISH:
        return gettext.NullTranslations()
    folder = next(folder for folder in _folders() if (folder / name).is_dir())
    return gettext.translation("playground", folder, [name])
