"""What all records have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar


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
