"""Settings that may change while a net is trained, by the name that they have in links.

A knob says by `live` that it is one of them; an optimizer's are found out by `changeable`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playground.messages import Message
from playground.registry import Knob


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What can change: its range, title and help; `absent`: why a training may have no such setting."""

    knob: Knob[float]
    absent: Message


live: dict[str, Setting] = {}


def setting(name: str, absent: str, default: float, low: float, high: float, **facts: Any) -> None:
    """List a setting; arguments as of `Knob`."""
    live[name] = Setting(knob=Knob(default=default, low=low, high=high, **facts), absent=Message(absent))
