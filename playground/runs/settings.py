"""The limits of this copy of the app, from `settings.toml` beside `app.py` or the file $PLAYGROUND_SETTINGS."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from playground.messages import ENGLISH, follow, languages, listed
from playground.numbers import quoted
from playground.paths import SETTINGS
from playground.registry import Choice, ChoiceError, knob


def check_language(name: str) -> None:
    """Raises `ChoiceError` for a language without a catalogue."""
    if name not in languages():
        allowed = listed(languages())
        raise ChoiceError("language is {value}, but must be one of {allowed}.", value=quoted(name), allowed=allowed)


def speak(name: str) -> None:
    """From here on render every text in this language. Raises `ChoiceError` where there is no such catalogue."""
    check_language(name)
    follow(lambda: name)


@dataclass(frozen=True, kw_only=True)
class Settings(Choice):
    """The limits; each is explained in the file."""

    name: ClassVar[str] = "settings"
    label: ClassVar[str] = "settings"

    epochs: int = knob(1000, 1, 1000)
    images: int = knob(60_000, 500, 60_000)
    seconds: int = knob(0, 0, 10**7)
    runs_at_once: int = knob(2, 1, 256)
    runs_per_visitor: int = knob(4, 1, 10_000)
    queue_length: int = knob(50, 0, 10_000)
    threads_per_run: int = knob(0, 0, 1024)
    memory_megabytes: int = knob(0, 0, 10**8)
    store_megabytes: int = knob(4000, 10, 10**8)
    unwatched_minutes: float = knob(3.0, 0.0, 10**5)
    language: str = knob(ENGLISH, check_text=check_language)

    def check(self, spec: Any) -> None:
        """Raises `ChoiceError` for a spec that is larger than this copy allows."""
        for field in ("epochs", "images"):
            value, most = getattr(spec, field, 0), getattr(self, field)
            if value > most:
                raise ChoiceError(
                    "{field} is {value}, but must be at most {most} on this server.",
                    field=field, value=value, most=most,
                )  # fmt: skip

    @property
    def threads(self) -> int:
        """Processor threads for each run."""
        return self.threads_per_run or cores()

    @property
    def crowded(self) -> bool:
        """Whether runs may have more threads together than there are cores."""
        return self.runs_at_once * self.threads > cores()


def cores() -> int:
    """How many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def read(path: Path | None = None) -> Settings:
    """The settings of a file. Raises `ChoiceError`: one sentence that names the file and what is wrong in it."""
    name = path or os.environ.get("PLAYGROUND_SETTINGS")
    file = Path(name) if name else SETTINGS
    if not name and not file.exists():
        return Settings()
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        why = str(problem)
        raise ChoiceError("The settings cannot be read from {file}: {why}.", file=str(file), why=why) from None
    for key in values:
        if key not in Settings.knobs():
            raise ChoiceError(
                "{file} has a key called {key}, but may have only {allowed}.",
                file=file.name, key=quoted(key), allowed=listed(Settings.knobs()),
            )  # fmt: skip
    return Settings(**values)
