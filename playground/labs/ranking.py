"""Ranking: all optimizers on all surfaces at one tuning budget, from a stored run."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from playground.figures import Figure, later
from playground.labs.lab import SURFACES, Lab
from playground.messages import marked, tr
from playground.presets import RANKINGS
from playground.record import RankingRecord
from playground.specs import Ranking

TOLD = 20  # lines of the command


def lines(record: RankingRecord) -> Iterator[str]:
    """The first of those that are shown."""
    from playground.view.ranking import heading

    yield heading(record)
    for i in np.flatnonzero(record.shown)[:TOLD]:
        about = {"rank": record.median[i], "solved": record.solved[i]}
        yield f"  {i + 1:>3} {record.labels[i]:<32} " + tr("median rank {rank:<6.4g} solved {solved:percent}", **about)


LAB = Lab(
    name="ranking",
    title=marked("Ranking"),
    section=marked(SURFACES),
    about=marked("all optimizers at one tuning budget"),
    spec=Ranking,
    record=RankingRecord,
    questions=RANKINGS,
    lines=lines,
    place=6,
    figures=(
        Figure(
            name="heat", title=marked("Ranking"), draw=later("view.ranking", "heat"),
            csv=later("export.ranking", "ranks"),
        ),
        Figure(name="profile", title=marked("Surfaces solved"), draw=later("view.ranking", "profile")),
    ),
)  # fmt: skip
