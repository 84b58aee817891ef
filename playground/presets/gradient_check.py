"""Gradient checks that answer a question in one click."""

from __future__ import annotations

from playground.choices.activations import activations
from playground.choices.small_nets import small_nets
from playground.choices.surfaces import surfaces
from playground.presets.race import Preset
from playground.specs.gradient_check import ON_NET, GradientCheck

CHECKS = (
    Preset(
        name="check-best-step",
        question="Why is 1e-12 a bad step?",
        look="To the right the error is what the Taylor series leaves out, and falls with h; to the left two nearly "
        "equal numbers are subtracted, and their rounding is divided by h. Between them lies the best step, near 1e-5 "
        "for central differences and near 1e-8 for forward ones. The complex step subtracts nothing and has no left "
        "branch.",
        make=GradientCheck,
    ),
    Preset(
        name="check-float32",
        question="What does float32 change?",
        look="The V moves up and to the right: rounding is half a billion times coarser, so that the best step is near "
        "1e-3, and even there five digits are all one gets. Check gradients in float64. Below 1e-7, x + h is x "
        "itself, and the numeric gradient is 0.",
        make=lambda: GradientCheck(precision="float32"),
    ),
    Preset(
        name="check-kink",
        question="Why can a correct gradient fail the check at a kink?",
        look="The point lies 0.0001 beside the kink of |x|. While h is larger, x + h and x - h lie on different sides, "
        "and the quotient mixes both slopes (crosses); the exact gradient is right all the time. With h below 0.0001 "
        "the error vanishes at once.",
        make=lambda: GradientCheck(surface=surfaces["absolute"](), x=1e-4, y=1.1),
    ),
    Preset(
        name="check-relu",
        question="What do the kinks of ReLU do to the check?",
        look="Each unit has a kink where its sum is 0, and with many samples some sum is close to it. As soon as a "
        "step carries one across, the error leaves the V; the complex step stays on its side. Tanh has no kinks.",
        make=lambda: GradientCheck(
            subject=ON_NET,
            small=small_nets["small_mlp"](hidden=2, width=12, samples=32),
            activation=activations["relu"](),
        ),
    ),
    Preset(
        name="check-wrong",
        question="How does a wrong gradient look?",
        look="The first derivative misses the factor 2 of the inner one, the second is right. Against a wrong gradient "
        "the numeric one has no V: the error stays where it is, however h is chosen. Correct it on the left: it is "
        "`-2*(1-x) - 400*x*(y-x**2)`.",
        make=lambda: GradientCheck(dx="-2*(1-x) - 200*x*(y-x**2)", dy="200*(y-x**2)"),
    ),
    Preset(
        name="check-quadratic",
        question="Which functions need no small step?",
        look="A bowl has no third derivative, so that central differences leave nothing out: the larger the step, the "
        "better. Forward differences still miss the curvature.",
        make=lambda: GradientCheck(surface=surfaces["bowl"]()),
    ),
    Preset(
        name="check-deep",
        question="Does depth make the check harder?",
        look="Three hidden layers. The best step and the least error hardly move, but the worst component is further "
        "off than the whole: some components are so small that their digits drown in the rounding of the loss.",
        make=lambda: GradientCheck(subject=ON_NET, small=small_nets["small_mlp"](hidden=3), compare="worst"),
    ),
)
