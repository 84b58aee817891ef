"""Basin maps that tell a story in one click."""

from __future__ import annotations

from playground.choices.surfaces import surfaces
from playground.presets.race import Preset, racer
from playground.spec import BasinMap, Racer


def _map(surface: str, racers: list[Racer], start: tuple[float, float] | None = None, **rest) -> BasinMap:
    knobs = rest.pop("knobs", {})
    starts = (start,) if start else ()
    return BasinMap(surface=surfaces[surface](**knobs), racers=tuple(racers), starts=starts, **rest)


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
)
