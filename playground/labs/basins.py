"""Basins: which minimum every start reaches, and how fast."""

from __future__ import annotations

from collections.abc import Iterator

from playground.figures import Figure, later
from playground.labs.lab import SURFACES, Lab
from playground.messages import marked, tr
from playground.numbers import percent
from playground.presets import BASINS
from playground.record import BasinRecord
from playground.specs import BasinMap


def lines(record: BasinRecord) -> Iterator[str]:
    """How the starts of every racer end."""
    from playground.view.basins import shares

    yield tr("{surface}: where {n:count} starts end", surface=record.title, n=record.reached[0].size)
    for r, label in enumerate(record.labels):
        yield f"  {label:<32} " + ", ".join(f"{words} {percent(share)}" for _, words, share in shares(record, r))


LAB = Lab(
    name="basins",
    title=marked("Basins"),
    section=marked(SURFACES),
    about=marked("where every start ends"),
    spec=BasinMap,
    record=BasinRecord,
    opening=BASINS[0].race,
    questions=BASINS,
    related=marked("where every other start ends"),
    lines=lines,
    place=1,
    figures=(
        Figure(
            name="basins", title=marked("Basins"), draw=later("view.basins_figure", "basins_figure"),
            csv=later("export.basins", "table"), alt=later("view.basins", "alt_text"),
            live=later("view.standalone", "maps_page"),
        ),
    ),
)  # fmt: skip
