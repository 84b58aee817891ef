"""Comparisons of forms that answer a question in one click."""

from __future__ import annotations

from playground.choices.forms import forms
from playground.choices.schedules import schedules
from playground.choices.surfaces import surfaces
from playground.presets.race import Preset
from playground.specs.forms import Forms

FORMS = (
    Preset(
        name="forms-momentum",
        question="Are ρv + g and ρv − αg the same?",
        look="Three ways to write momentum, one method: 500 steps later they differ in the last digits only. The grey "
        "region is what rounding explains; a line that stays in it belongs to the same method.",
        make=Forms,
    ),
    Preset(
        name="forms-schedule",
        question="What if the learning rate changes midway?",
        look="The rate falls to a tenth at step 100. A velocity of steps keeps its speed and coasts on, a velocity of "
        "gradients is slowed down at once: two methods now, and the heavy ball goes with the velocity of steps.",
        make=lambda: Forms(schedule=schedules.make("step", every=100, gamma=0.1), steps=300),
    ),
    Preset(
        name="forms-nesterov",
        question="Where is Nesterov's look ahead in a framework?",
        look="Frameworks never look ahead: their iterate is the point looked ahead to. Compared directly the paths "
        "differ (dotted), after the change of variables x = p + ρv they do not.",
        make=lambda: Forms(form=forms.make("nesterov_forms", lr=0.01), surface=surfaces["himmelblau"](), steps=150),
    ),
    Preset(
        name="forms-mean",
        question="A mean or a sum of gradients?",
        look="The mean is 1 - ρ times the sum, so that its learning rate must be 1 / (1 - ρ) times as large. With the "
        "rate left as it is the third path is ten times slower.",
        make=lambda: Forms(form=forms.make("mean_or_sum", lr=0.01), surface=surfaces["booth"](), steps=200),
    ),
    Preset(
        name="forms-correction",
        question="What does Adam's bias correction do?",
        look="Without it the first steps are three times as long: m starts near 0, but the root of v starts nearer "
        "still. The two end in different minima here, so the choice is not a detail.",
        make=lambda: Forms(
            form=forms.make("adam_correction", lr=0.3), surface=surfaces["himmelblau"](), x=0.0, y=0.0, steps=150
        ),
    ),
    Preset(
        name="forms-folded",
        question="Can the correction move into the learning rate?",
        look="Yes, to the last digits, if ε is scaled along; the paper's shorter version keeps ε, and that is another "
        "method as far as ε counts. It is large here so that it does.",
        make=lambda: Forms(form=forms["adam_folded"](), surface=surfaces["himmelblau"](), steps=200),
    ),
    Preset(
        name="forms-sgd-decay",
        question="Is weight decay an L2 penalty? For SGD",
        look="Yes: without momentum the two forms differ in the last digits only, with any schedule. Now raise ρ.",
        make=lambda: Forms(
            form=forms.make("sgd_decay", lr=0.01), surface=surfaces["booth"](), schedule=schedules["cosine"]()
        ),
    ),
    Preset(
        name="forms-adam-decay",
        question="Is weight decay an L2 penalty? For Adam",
        look="No: Adam divides the penalty's pull by the size of the gradients, as it does with everything in the "
        "gradient. Decoupled, the pull acts in full, and AdamW settles elsewhere.",
        make=lambda: Forms(form=forms["adam_decay"](), surface=surfaces["booth"](), steps=400),
    ),
)
