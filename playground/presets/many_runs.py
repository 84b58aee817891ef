"""Learning-rate sweeps and crowds of runs that answer a question in one click."""

from __future__ import annotations

from playground.choices.surfaces import surfaces
from playground.presets.race import Preset, racer
from playground.specs import Race, RateSweep, Robustness

SWEEPS = (
    Preset(
        name="sweep-which-rate",
        question="Which learning rate is right, and how far off may it be?",
        look="To the left of its best rate a racer is merely slow; to the right it falls off a cliff. SGD is good "
        "within a few per cent of its limit only, and of no use at a tenth of it; Adam works over more than a "
        "tenfold range.",
        make=lambda: RateSweep.of(Race()),
    ),
    Preset(
        name="sweep-curvature",
        question="Why does the best rate of SGD depend on curvature?",
        look="Along the steepest direction each step multiplies the distance by 1 - rate times curvature, so that SGD "
        "diverges above 2/λ, and its best rate lies just below. Momentum may go almost twice as far and needs "
        "less, because it gathers speed along the valley.",
        make=lambda: RateSweep.of(
            surface=surfaces.make("bowl", condition=50.0),
            steps=200,
            low=1e-3,
            high=1.0,
            racers=(racer("sgd", lr=0.02), racer("momentum", lr=0.02), racer("nesterov", lr=0.02)),
        ),
    ),
    Preset(
        name="sweep-noise",
        question="What does noise do to the best rate?",
        look="A constant rate is a trade-off: small ones arrive late, large ones never settle. A rate that decays, or "
        "the mean of the points, takes large rates without harm. Each dip is a lucky last step: look at "
        "Robustness before you trust it.",
        make=lambda: RateSweep.of(
            surface=surfaces.make("bowl", condition=10.0),
            steps=300,
            noise=1.0,
            low=1e-3,
            high=1.0,
            racers=(racer("sgd", lr=0.05), racer("sgd", "cosine", lr=0.05), racer("polyak", lr=0.05)),
        ),
    ),
    Preset(
        name="sweep-no-tuning",
        question="Which optimizer needs no tuning?",
        look="Rprop's line is flat because its strides adapt at once, and BFGS has no rate at all. AdaGrad and Adam "
        "find the minimum with almost any rate that is large enough; SGD's window ends at the stability limit.",
        make=lambda: RateSweep.of(
            surface=surfaces["himmelblau"](),
            racers=(
                racer("sgd", lr=0.01),
                racer("adagrad"),
                racer("adadelta"),
                racer("adam"),
                racer("rprop"),
                racer("bfgs"),
            ),
        ),
    ),
)

CROWDS = (
    Preset(
        name="crowd-lucky",
        question="Which optimizer is lucky, which is robust?",
        look="At this rate momentum never settles in the noise: its median is several times that of SGD. Yet it wins "
        "about one run in eight, by the luck of its last step. One race alone would have called that a victory.",
        make=lambda: Robustness.of(
            surface=surfaces["himmelblau"](),
            noise=3.0,
            steps=300,
            racers=(
                racer("sgd", lr=0.01),
                racer("momentum", lr=0.01),
                racer("rmsprop", lr=0.05),
                racer("adam", lr=0.3),
            ),
        ),
    ),
    Preset(
        name="crowd-start",
        question="Does the winner depend on the start?",
        look="Momentum wins about seven races of ten, and diverges from every seventh start: at the rim of the window "
        "the valley's walls are too steep for its rate. Winning and staying safe are two different things.",
        make=lambda: Robustness.of(Race()),
    ),
    Preset(
        name="crowd-hollows",
        question="Which optimizer gets out of the wrong hollow?",
        look="Four hollows, one the deepest. Methods that follow the slope end in the nearest one, so that their "
        "bands span several; the random search jumps the rims and wins most often, but it draws no precise line "
        "at the bottom.",
        make=lambda: Robustness.of(
            surface=surfaces["styblinski_tang"](),
            noise=20.0,
            steps=300,
            racers=(
                racer("sgd", lr=0.01),
                racer("momentum", lr=0.01),
                racer("adam", lr=0.1),
                racer("local_search", size=0.1),
            ),
        ),
    ),
)
