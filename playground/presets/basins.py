"""Basin maps that tell a story in one click."""

from __future__ import annotations

from typing import Any

from playground.choices.surfaces import surfaces
from playground.presets.race import Preset, racer
from playground.specs import BasinMap, Racer


def _map(surface: str, racers: list[Racer], start: tuple[float, float] | None = None, **rest: Any) -> BasinMap:
    knobs = rest.pop("knobs", {})
    starts = (start,) if start else ()
    return BasinMap.of(surface=surfaces[surface](**knobs), racers=tuple(racers), starts=starts, **rest)


BASINS = (
    Preset(
        name="other-starts",
        question="Where do other starts end?",
        look="SGD's basins follow the shape of the land. Momentum rolls over rims, so that its basins interlock; "
        "Adam's first steps are equally long everywhere; Newton jumps, to the hill and the saddles as well.",
        make=lambda: _map(
            "himmelblau",
            [racer("sgd", lr=0.01), racer("momentum", lr=0.01), racer("adam", lr=0.1), racer("newton")],
        ),
    ),
    Preset(
        name="small-changes",
        question="Why do small changes of the start matter?",
        look="The more momentum, the longer it rolls before it settles, and the more often its basins interlock. On "
        "their borders a change too small to be seen decides where it ends: click two neighbours there.",
        make=lambda: _map(
            "himmelblau",
            [racer("momentum", lr=0.01, rho=rho) for rho in (0.5, 0.8, 0.9, 0.95)],
            start=(0.5078125, -0.46875),
        ),
    ),
    Preset(
        name="sharp-minima",
        question="Which minima can a large step hold?",
        look="A minimum holds SGD only while the step is below 2 / its largest curvature, which is 134 at C, 105 at D, "
        "82 at A and 81 at B. With 0.017 C is lost, with 0.021 D too: large steps end in flat minima, or nowhere.",
        make=lambda: _map(
            "himmelblau", [racer("sgd", lr=lr) for lr in (0.005, 0.014, 0.017, 0.021)], start=(-2.0, -3.0)
        ),
    ),
    Preset(
        name="newton-damped",
        question="What does damping do for Newton?",
        look="Undamped it jumps to wherever the gradient vanishes, from much of the middle to the hill or a saddle. "
        "Damping above the steepest downward curvature makes every jump lead downhill.",
        make=lambda: _map("himmelblau", [racer("newton", damping=damping) for damping in (0.0, 20.0, 60.0)]),
    ),
    Preset(
        name="lowest-one",
        question="Which optimizer finds the lowest of many minima?",
        look="The funnel leads to A, but SGD and Adam stay in the dent they start in. Momentum rolls over the dents "
        "and reaches A from afar; with more of it also from the corners, though no longer predictably.",
        make=lambda: _map(
            "ackley",
            [
                racer("sgd", lr=0.01),
                racer("momentum", lr=0.01),
                racer("momentum", lr=0.01, rho=0.98),
                racer("adam", lr=0.1),
            ],
        ),
    ),
)
