"""Views of the ranking that answer a question in one click."""

from __future__ import annotations

from playground.presets.race import Preset
from playground.specs import Ranking

RANKINGS = (
    Preset(
        name="ranking-tuned",
        question="Which optimizer wins once every learning rate is tuned?",
        look="On two-dimensional surfaces without noise, Rprop and the quasi-Newton methods: Rprop solves 87 % of the "
        "surfaces, L-BFGS 70 %, Adam 67 %, plain SGD 43 %. With noise and millions of weights the order is another "
        "one.",
        make=Ranking,
    ),
    Preset(
        name="ranking-untuned",
        question="Which optimizer hardly needs tuning?",
        look="Compare the columns Solved and Runs solved: the second counts every step size, not only the best. BFGS "
        "searches along a line and Rprop adapts its steps, so that both stay near their best; Adam falls from 67 % "
        "to 23 %, SGD from 43 % to 10 %.",
        make=lambda: Ranking(group="our own"),
    ),
    Preset(
        name="ranking-many-minima",
        question="Does a better optimizer find the deepest of many minima?",
        look="Hardly: where the start decides into which hollow one falls, random search passes plain SGD and Adam, "
        "and Newton is among the last.",
        make=lambda: Ranking(surfaces="many minima", group="our own", race="rastrigin"),
    ),
)
