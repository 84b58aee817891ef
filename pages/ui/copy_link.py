"""The button "Copy link" of pages that show no player, which has one of its own."""

from __future__ import annotations

from pages.ui.component import component
from playground.specs import Spec

_copy = component("copy_link")


def button(page: str, spec: Spec) -> None:
    """It puts the whole spec into the link, also where the address says it in other words."""
    _copy(key=f"{page}.copy", data=spec.to_query(), width=136, height=42)
