"""What a choice says of itself, in the visitor's language and as Markdown."""

from __future__ import annotations

from pages.ui.link import plain
from playground.messages import tr, translate
from playground.registry import Choice


def words(choice: Choice | type[Choice], look: bool = False) -> str:
    """Its label and what it is; `look`: and what to look at."""
    parts = [translate(choice.summary()), *([translate(getattr(choice, "look", ""))] if look else [])]
    return " ".join([f"**{plain(translate(choice.label))}.**", *parts])


def source(text: str) -> str:
    """Where something is from."""
    return tr("Source: {source}", source=text)


def reference(text: str) -> str:
    """Where something was published."""
    return tr("Reference: {reference}", reference=text)
