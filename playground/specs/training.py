"""The specs of a training and of a comparison of several, and their links.

The query of a training reads

    v=1&data=generated,seed:0&images=4000&...&net=vgg,width:32&...&optimizer=nesterov,lr:0.05,rho:0.9&...&regularize=
    dropout,p:0.1,form:inverted*l2,strength:0.0005&augment=flip,p:0.5&...&switch=1204:lr:0.01

where several choices of one kind are joined by `*`. A comparison is its first training, and for each other one a
`run=` with what differs from the first, written `name~text~name~text`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self, cast

from playground.choices.activations import Activation, activations
from playground.choices.augmentations import Augmentation, augmentations
from playground.choices.datasets import Dataset, datasets
from playground.choices.initializers import Initializer, initializers
from playground.choices.live import live
from playground.choices.networks import Network, networks
from playground.choices.normalizations import Normalization, normalizations
from playground.choices.optimizers import Optimizer
from playground.choices.optimizers.networks import net_optimizers
from playground.choices.optimizers.whole_net import changeable
from playground.choices.preprocessings import Preprocessing, preprocessings
from playground.choices.regularizers import Recipe, Regularizer, recipe, regularizers
from playground.choices.schedules import Schedule, schedules
from playground.messages import Message, listed
from playground.registry import Choice, ChoiceError, Knob, knob
from playground.specs.fields import RowsField, choice, choices, declare, variants
from playground.specs.spec import Spec
from playground.specs.text import Report, numbered, wrong

MOST_RUNS, MOST_SWITCHES = 4, 40
STEP = Knob(default=1, low=1, high=10**8)


@dataclass(frozen=True, kw_only=True, order=True)
class Switch:
    """From step `step` on (so that this is the first step it acts on), the setting `field` of `live` has `value`."""

    step: int
    field: str
    value: float

    def __post_init__(self) -> None:
        STEP.check("switch: step", self.step)
        if self.field not in live:
            raise ChoiceError(wrong("switch: field", self.field, _settings()))
        object.__setattr__(self, "value", live[self.field].knob.check(f"switch: {self.field}", self.value))

    def to_text(self) -> str:
        """`step:field:value`, as in a link."""
        return f"{self.step}:{self.field}:{live[self.field].knob.format(self.value)}"

    @classmethod
    def read_text(cls, text: str, report: Report) -> Self:
        """The switch that `text` describes. Raises `ChoiceError`."""
        parts = text.split(":")
        if len(parts) != 3 or parts[1] not in live:
            raise ChoiceError(wrong("switch", text, Message("step:field:value with {fields}", fields=_settings())))
        value = live[parts[1]].knob.parse(f"switch: {parts[1]}", parts[2])
        return cls(step=STEP.parse("switch: step", parts[0]), field=parts[1], value=value)


def setting_titles() -> dict[str, Message]:
    """What can be changed while a net is trained: titles by the names that they have in links."""
    return {name: Message(setting.knob.label) for name, setting in live.items()}


def _settings() -> Message:
    return Message("one of {options}", options=listed(live))


@dataclass(frozen=True, kw_only=True)
class SwitchesField(RowsField):
    """The settings changed while it trains, in order of time."""

    def check(self, value: Sequence[Switch]) -> tuple[Switch, ...]:
        return tuple(sorted(super().check(value)))

    def difference(self, value: Sequence[Switch], values: Sequence[Sequence[Switch]]) -> str:
        return "changed while training" if value else "unchanged"


@dataclass(frozen=True, kw_only=True)
class Training(Spec):
    """A net, the images it learns, and everything about how it does.

    `images`: how many, the share `validation` of them held out; `batch`: images for a step, 0 for all; `schedule_by`:
    what the schedule counts; `switches`: settings changed while it trains. Raises `ChoiceError`.
    """

    kind: ClassVar[str] = "training"
    mixed: ClassVar[bool] = True

    data: Dataset = choice(datasets, "generated")
    images: int = knob(
        5000, 500, 60_000, label="Images",
        help="how many of the training images are used, the validation part included; more than there are means all",
    )  # fmt: skip
    validation: float = knob(0.2, 0.02, 0.5, label="Validation", help="share of these images kept to validate with")
    preprocessing: Preprocessing = choice(preprocessings, "channel_normalise")
    network: Network = choice(networks, "vgg", link="net", label="Net")
    activation: Activation = choice(activations, "relu")
    normalization: Normalization = choice(normalizations, "batch")
    initializer: Initializer = choice(initializers, "he_normal", link="init", label="Initialization")
    optimizer: Optimizer = choice(net_optimizers, "nesterov", knobs={"lr": 0.05})
    schedule: Schedule = choice(schedules, "one_cycle")
    schedule_by: str = knob(
        "step", options=("step", "epoch"), label="Schedule counts",
        help="whether the schedule moves on at every step or at every epoch",
    )  # fmt: skip
    batch: int = knob(
        128, 0, 8192, label="Batch",
        help="images for each step; 0 takes all of them. Those that fill no batch at the end of an epoch are left out. "
        "More than 1,024 go through the net in parts, which batch normalization sees one at a time",
    )  # fmt: skip
    epochs: int = knob(12, 1, 1000, label="Epochs", help="how often every image is seen")
    regularizers: tuple[Regularizer, ...] = choices(regularizers, link="regularize", label="Regularization")
    augmentations: tuple[Augmentation, ...] = choices(augmentations, link="augment", label="Augmentation")
    precision: str = knob(
        "float32", options=("float32", "bfloat16"), label="Precision",
        help="of the net's arithmetic; bfloat16 is faster where the processor has it",
    )  # fmt: skip
    seed: int = knob(
        0, 0, 2**31 - 1, label="Seed",
        help="seeds the split, the first weights, the batches and everything else that is random",
    )  # fmt: skip
    switches: tuple[Switch, ...] = declare(
        SwitchesField(of=Switch, link="switch", label="Changes", joint="*", most=MOST_SWITCHES), ()
    )

    def recipe(self) -> Recipe:
        """What the regularizers come to."""
        return recipe(self.regularizers)

    @classmethod
    def read_query(cls, query: str) -> tuple[Self, list[Message]]:
        """The training of a link as far as it can be read, and a sentence for each part that could not."""
        comparison, problems = Comparison.read_query(query)
        if (count := len(comparison.runs)) > 1:
            more = "the link holds {n} runs, but must hold one: use pg.Comparison.from_query."
            problems = [*problems, Message(more, n=count)]
        return cast(Self, comparison.runs[0]), problems

    def at(self, step: int, field: str, value: float) -> Self:
        """The same training with a setting changed from `step` on; a change of it at the same step is replaced."""
        other_switches = [switch for switch in self.switches if (switch.step, switch.field) != (step, field)]
        return replace(self, switches=(*other_switches, Switch(step=step, field=field, value=value)))

    def live(self) -> dict[str, tuple[Choice, str]]:
        """The settings that can change while it trains, each with the choice and the knob of it that it is.

        The knob is "" for the decoupled weight decay, which comes before every step of the optimizer.
        """
        own = {name: (self.optimizer, field) for name, field in changeable(type(self.optimizer)).items()}
        knobs = [
            (regularizer, field, knob)
            for regularizer in self.regularizers
            for field, knob in regularizer.knobs().items()
        ]
        return own | {knob.live: (choice, field) for choice, field, knob in knobs if knob.live}

    def settings(self) -> dict[str, float | None]:
        """Every setting as it is after the last change; None where this training has none."""
        first = {
            name: getattr(choice, field) if field else self.recipe().decay
            for name, (choice, field) in self.live().items()
        }
        last = {switch.field: switch.value for switch in self.switches if switch.field in first}
        return dict.fromkeys(live) | first | last

    def check_switches(self) -> None:
        """Raises `ChoiceError` where this training has no such setting, or one that cannot have the value.

        Apart from the other checks, because a change of the optimizer would otherwise lose the switches.
        """
        holders = self.live()
        for switch in self.switches:
            if switch.field not in holders:
                raise ChoiceError(
                    "{field} is to change at step {step}, but cannot in this training. {why}",
                    field=switch.field, step=switch.step, why=live[switch.field].absent,
                )  # fmt: skip
            choice, field = holders[switch.field]
            if field:
                replace(choice, **{field: switch.value})

    @property
    def origin(self) -> Self | None:
        """The same training without the switches of its last switching step: it goes the same way up to there."""
        if not self.switches:
            return None
        return replace(self, switches=tuple(switch for switch in self.switches if switch.step < self.switches[-1].step))


@dataclass(frozen=True, kw_only=True)
class Comparison(Spec):
    """One to four trainings, side by side. Raises `ChoiceError`."""

    kind: ClassVar[str] = "comparison"
    mixed: ClassVar[bool] = True

    runs: tuple[Training, ...] = variants(Training, link="run", most=MOST_RUNS)

    def labels(self) -> tuple[str, ...]:
        """A short name for each run: what tells it from the others."""
        values = {name: [getattr(run, name) for run in self.runs] for name in Training.fields()}
        different_fields = [field for name, field in Training.fields().items() if len(set(values[name])) > 1]
        labels = [
            ", ".join(field.difference(getattr(run, field.name), values[field.name]) for field in different_fields)
            or run.optimizer.label
            for run in self.runs
        ]
        return numbered(labels)
