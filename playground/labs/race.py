"""Race: optimizers on a loss surface, from the same start."""

from __future__ import annotations

from collections.abc import Iterator

from playground.figures import Figure, later
from playground.labs.lab import SURFACES, Lab
from playground.messages import marked, tr
from playground.presets import PRESETS
from playground.record import RaceRecord
from playground.specs import Race


def lines(record: RaceRecord) -> Iterator[str]:
    """The losses of every racer from the first start."""
    x, y = record.starts[0]
    yield tr("{surface} from {x:exact}, {y:exact}", surface=record.title, x=x, y=y)
    for label, final, best, sentence in zip(record.labels, record.final, record.best, record.sentences):
        losses = tr("final {final:<12.4g} best {best:<12.4g}", final=final[0], best=best[0])
        yield f"  {label:<32} {losses} {sentence[0]}"


NUMBERS = {"csv": later("export.files", "table"), "arrays": later("export.files", "arrays")}
ALT = later("view.player", "alt_text")

LAB = Lab(
    name="race",
    title=marked("Race"),
    section=marked(SURFACES),
    about=marked("optimizers on a loss surface"),
    spec=Race,
    record=RaceRecord,
    questions=PRESETS,
    related=marked("the race itself"),
    lines=lines,
    place=0,
    figures=(
        Figure(
            name="race", title=marked("Race"), draw=later("view.race_figure", "race_figure"), alt=ALT,
            live=later("view.standalone", "player_page"), **NUMBERS,
        ),
        Figure(
            name="surface", title=marked("Surface in 3-D"), draw=later("view.surface_3d", "surface_still"), alt=ALT,
            live=later("view.surface_3d", "surface_page"), **NUMBERS,
        ),
    ),
)  # fmt: skip
