"""Learning-rate sweeps and crowds: all runs of a racer side by side, against the same runs one after the other."""

from __future__ import annotations

from dataclasses import replace

import playground as pg
from bench.engine import medians, ten_racers
from playground.engine.robustness import _part as crowd_part
from playground.engine.sweep import _part as sweep_part

RATES = 200


def fresh(spec: pg.RateSweep | pg.Robustness) -> None:
    """The record of a spec whose parts nobody has kept."""
    sweep_part.cache_clear()
    crowd_part.cache_clear()
    pg.run(spec)


def one_by_one(spec: pg.RateSweep) -> None:
    """The same runs as races: with a rate of its own each, as Python floats."""
    for rate in spec.rates().tolist():
        allowed = [racer.optimizer.knobs()["lr"].low <= rate for racer in spec.race.racers]
        pg.run(pg.Race.of(spec.with_rates([rate if fits else float("nan") for fits in allowed])))


def rows() -> list[tuple[str, str, str]]:
    """Rows of the table: what, measured, bar."""
    rates = pg.RateSweep.of(ten_racers(), count=RATES)
    few = replace(rates, count=20)
    crowd = pg.Robustness.of(ten_racers(), noise=1.0)
    spent = medians(5, rates=lambda: fresh(rates), crowd=lambda: fresh(crowd), races=lambda: one_by_one(few))
    return [
        (f"10 optimizers x {RATES} learning rates x 500 steps", f"{spent['rates']:.2f} s", "at most 0.5 s"),
        ("the same against races one after the other, as Python floats (each rate of 200 at the price of one of 20)",
         f"{10 * spent['races'] / spent['rates']:.0f}x faster", ""),
        ("10 optimizers x 256 starts x 32 noise seeds x 500 steps, quartiles included", f"{spent['crowd']:.1f} s", ""),
    ]  # fmt: skip
