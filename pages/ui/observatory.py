"""Places the observatory: the component that follows trainings by reading their logs from the server."""

from __future__ import annotations

from collections.abc import Sequence

from pages.ui import runs
from pages.ui.component import component
from playground.presets import TRAININGS
from playground.spec.training import Comparison
from playground.view.observatory import ShownRun, payload

observatory = component("observatory")


def show(spec: Comparison, found: Sequence) -> None:
    """The runs of a comparison; in the place of such as nobody has trained yet, a preset's stored ones, greyed.

    `found` holds how the Runner knows each run. The page runs again when the state of a run changes.
    """
    stored = _stored() if all(one.state == "missing" for one in found) else None
    if stored:
        spec, found = stored, [runs.runner().status(run.key) for run in stored.runs]
    shown = [
        ShownRun(key=run.key, label=label, place=place, state=one.state, stored=bool(stored))
        for place, (run, label, one) in enumerate(zip(spec.runs, spec.labels(), found))
    ]
    data = payload(shown, visitor=runs.visitor())
    observatory(key="observatory", data=data, height="content", on_state_change=_turned)


def _stored() -> Comparison | None:
    """The first preset all of whose runs are stored."""
    for preset in TRAININGS:
        comparison = preset.comparison()
        if all(runs.runner().status(run.key).state == "finished" for run in comparison.runs):
            return comparison
    return None


def _turned() -> None:
    """A run has begun, ended or moved up: that the page runs again is all there is to do."""
