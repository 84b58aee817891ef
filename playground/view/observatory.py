"""Trainings as the payload of the observatory in the browser, which reads the curves themselves from the runs' logs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from playground.specs.training import setting_titles
from playground.view.theme import MARKERS, THEMES, racer_style
from playground.view.training_figure import BAND

SHADES = 64  # of a heat map
LAYERS = 31


@dataclass(frozen=True, kw_only=True)
class ShownRun:
    """One run in the figures: its key, its name, its look, and how the server knows it to be."""

    key: str
    label: str
    place: int  # of its look
    state: str = ""
    stored: bool = False  # shown instead of one that was not trained yet
    log: str = ""  # the whole log in base64, on a page without a server


def payload(
    runs: Sequence[ShownRun], *, visitor: str, base: str = ".", pulse: int = 0, note: str = ""
) -> dict[str, Any]:
    """What the component takes, as plain values.

    `base` is where the route of the logs begins, relative to the page's address; with another `pulse` the component
    asks for all runs again at once. `marks` tell layers apart, as they do racers. `note` says what is shown where that
    is not what was asked for.
    """
    return {
        "runs": [
            asdict(racer_style(run.place)) | {name: value for name, value in asdict(run).items() if name != "place"}
            for run in runs
        ],
        "visitor": visitor,
        "base": base,
        "pulse": pulse,
        "note": note,
        "healthy": BAND,
        "settings": {name: str(title) for name, title in setting_titles().items()},
        "marks": [{"dash": style.dash, "marker": style.marker} for style in map(racer_style, range(len(MARKERS)))],
        "theme": {name: _theme(name) for name in THEMES},
    }


def _theme(name: str) -> dict[str, Any]:
    theme = THEMES[name]
    names = ("background", "text", "muted", "grid", "panel", "accent", "halo", "deep", "alarm")
    return {key: getattr(theme, key) for key in names} | {"heat": theme.heat(SHADES), "layers": theme.layers(LAYERS)}
