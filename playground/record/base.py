"""What all records have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from playground.messages import Message


class Record:
    """Base of what `playground.run` gives: one short line as text, and its figure where a notebook shows it.

    A record is made of arrays and messages and knows nothing of figures; the package sets `picture`, which draws one.
    """

    picture: ClassVar[Callable[[Any], str]]
    key: str
    query: str
    stamp: str

    def __repr__(self) -> str:
        title = str(getattr(self, "title", "")) or type(self).__name__
        return f"<{type(self).__name__} {title[:60]!r}, key {self.key[:12]}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """As IPython asks."""
        return {"text/plain": repr(self), "image/svg+xml": type(self).picture(self)}


@dataclass(frozen=True, kw_only=True, repr=False)
class Answer(Record):
    """A record that holds the spec it answers, and says no second time what follows from it."""

    spec: Any

    @property
    def key(self) -> str:  # type: ignore[override]
        """Of the spec."""
        return self.spec.key

    @property
    def query(self) -> str:  # type: ignore[override]
        """The spec as a link."""
        return self.spec.to_query()

    @property
    def stamp(self) -> str:  # type: ignore[override]
        """The configuration in one line of small print."""
        return f"Optimizer Playground  {self.query}"


@dataclass(frozen=True, kw_only=True, repr=False)
class RacersAnswer(Answer):
    """What a spec with racers has: R of them, with a name and a style each."""

    @property
    def title(self) -> Message:
        """The surface and what is added to it."""
        return self.spec.race.title()

    @property
    def labels(self) -> tuple[str, ...]:
        """A short name for each racer, (R,)."""
        return self.spec.labels()

    @property
    def looks(self) -> tuple[int, ...]:
        """Colour, dash and mark of each racer, (R,)."""
        return tuple(racer.look for racer in self.spec.race.racers)
