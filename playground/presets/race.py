"""Races that tell a story in one click."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from playground.choices.optimizers import optimizers
from playground.choices.schedules import schedules
from playground.choices.surfaces import surfaces
from playground.specs import Race, Racer


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A story: its name in file names and on the command line, the question it answers, and where to look.

    `make()` is its spec: a race, or what else the page asks.
    """

    name: str
    question: str
    look: str
    make: Callable[[], Any]

    @cache  # noqa: B019  (as many as there are presets)
    def race(self) -> Any:
        """The spec."""
        return self.make()


def racer(name: str, schedule: str = "constant", **knobs: float | bool | str) -> Racer:
    """A racer by the name of its optimizer, on one of the schedules at its defaults."""
    return Racer(optimizer=optimizers[name](**knobs), schedule=schedules[schedule]())


def _race(surface: str, racers: list[Racer], start: tuple[float, float] | None = None, **rest: Any) -> Race:
    knobs = rest.pop("knobs", {})
    return Race(surface=surfaces[surface](**knobs), racers=tuple(racers), starts=(start,) if start else (), **rest)


PRESETS = (
    Preset(
        name="first-race",
        question="Which one reaches the valley's end?",
        look="All four fall into the valley within 50 steps. Along its floor the gradient is tiny, and methods that "
        "remember (momentum) or rescale (Adam) leave plain SGD behind.",
        make=Race,
    ),
    Preset(
        name="zig-zag",
        question="Why does SGD zig-zag?",
        look="The bowl is 50 times steeper across than along. Close to the largest stable step SGD jumps across the "
        "ravine at every step; half that step crawls; momentum averages the jumps away and keeps the speed.",
        make=lambda: _race(
            "bowl",
            [racer("sgd", lr=0.0385), racer("sgd", lr=0.018), racer("momentum", lr=0.018, rho=0.8)],
            start=(-1.8, 0.5),
            steps=80,
            knobs={"condition": 50.0},
        ),
    ),
    Preset(
        name="local-minimum",
        question="What does momentum buy?",
        look="SGD stops in the first hollow it meets. With momentum the ball rolls through it and over the next rim; "
        "with more of it, it also rolls out of the deepest one again.",
        make=lambda: _race(
            "styblinski_tang",
            [racer("sgd", lr=0.01), racer("momentum", lr=0.01, rho=0.9), racer("momentum", lr=0.01, rho=0.97)],
            start=(4.6, 4.2),
            steps=250,
        ),
    ),
    Preset(
        name="adagrad-stops",
        question="Why does AdaGrad stop early?",
        look="AdaGrad divides by the sum of all squared gradients, which only grows, so its step shrinks for ever. "
        "RMSProp and Adam forget old gradients and keep going.",
        make=lambda: _race(
            "booth",
            [racer("adagrad", lr=0.2), racer("rmsprop", lr=0.02), racer("adam", lr=0.05)],
            start=(-4.0, 0.5),
            steps=600,
        ),
    ),
    Preset(
        name="adam-jumps",
        question="When does Adam jump?",
        look="Without bias correction the second moment starts near zero, faster than the first: the first steps are "
        "several times too long. Bias correction makes the very first step exactly one learning rate long.",
        make=lambda: _race(
            "himmelblau",
            [racer("adam", lr=0.3), racer("adam", lr=0.3, bias_correction=False)],
            start=(0.0, 0.0),
            steps=150,
        ),
    ),
    Preset(
        name="too-large",
        question="What if the step is too large?",
        look="On a bowl with largest curvature 20 the limit is 2 / 20 = 0.1. Just below it SGD rings and settles, just "
        "above it every step is a little longer than the last: it diverges.",
        make=lambda: _race(
            "bowl",
            [racer("sgd", lr=0.02), racer("sgd", lr=0.095), racer("sgd", lr=0.102)],
            start=(-1.8, 0.3),
            steps=60,
            knobs={"condition": 20.0},
        ),
    ),
    Preset(
        name="saddle",
        question="How does one leave a saddle?",
        look="The start lies almost on the ridge line, where the gradient points into the saddle. SGD lingers; "
        "momentum gathers speed; methods that divide by the gradient's size leave at once.",
        make=lambda: _race(
            "two_valleys",
            [racer("sgd", lr=0.02), racer("momentum", lr=0.02), racer("rmsprop", lr=0.02), racer("adam", lr=0.05)],
            start=(0.001, 1.4),
            steps=400,
        ),
    ),
    Preset(
        name="noise",
        question="How does one settle in noise?",
        look="With noisy gradients a constant step never settles: it jitters around the minimum. A decaying step and "
        "averaging the iterates (Polyak) both do.",
        make=lambda: _race(
            "bowl",
            [racer("sgd", lr=0.08), racer("sgd", "cosine", lr=0.08), racer("polyak", lr=0.08)],
            steps=400,
            noise=1.5,
            seed=1,
            knobs={"condition": 10.0},
        ),
    ),
)
