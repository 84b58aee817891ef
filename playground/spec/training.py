"""The specs of a training and of a comparison of several, and their links.

The query of a training reads

    v=1&data=generated,seed:0&images=4000&...&net=vgg,width:32&...&optimizer=nesterov,lr:0.05,rho:0.9&...&regularize=
    dropout,p:0.1,form:inverted*l2,strength:0.0005&augment=flip,p:0.5&...&switch=1204:lr:0.01

where several choices of one kind are joined by `*`. A comparison is its first training, and for each other one a
`run=` with what differs from the first, written `name~text~name~text`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from playground.choices.activations import Activation, activations
from playground.choices.augmentations import Augmentation, augmentations
from playground.choices.datasets import Dataset, datasets
from playground.choices.initializers import Initializer, initializers
from playground.choices.networks import Network, networks
from playground.choices.normalizations import Normalization, normalizations
from playground.choices.optimizers import Optimizer
from playground.choices.optimizers.networks import trainers
from playground.choices.optimizers.whole_net import changed
from playground.choices.preprocessings import Preprocessing, preprocessings
from playground.choices.regularizers import Recipe, Regularizer, recipe, regularizers
from playground.choices.schedules import Schedule, schedules
from playground.registry import Choice, ChoiceError, Knob, Registry, format_number, shown
from playground.spec.text import Linked, Query, Report, numbered, read_choice, write_choice

MOST_RUNS, MOST_SWITCHES = 4, 40

IMAGES = Knob(
    default=5000, low=500, high=60_000, label="Images",
    help="how many of the training images are used, the validation part included; more than there are means all",
)  # fmt: skip
VALIDATION = Knob(
    default=0.2, low=0.02, high=0.5, label="Validation", help="share of these images kept to validate with"
)
BATCH = Knob(
    default=128, low=0, high=8192, label="Batch",
    help="images for each step; 0 takes all of them. Those that fill no batch at the end of an epoch are left out. "
    "More than 1,024 go through the net in parts, which batch normalization sees one at a time",
)  # fmt: skip
EPOCHS = Knob(default=12, low=1, high=1000, label="Epochs", help="how often every image is seen")
SEED = Knob(
    default=0, low=0, high=2**31 - 1, label="Seed",
    help="the split, the first weights, the batches and everything else random follow from it",
)  # fmt: skip
SCHEDULE_BY = Knob(
    default="step", options=("step", "epoch"), label="Schedule counts",
    help="whether the schedule moves on at every step or at every epoch",
)  # fmt: skip
PRECISION = Knob(
    default="float32", options=("float32", "bfloat16"), label="Precision",
    help="of the net's arithmetic; bfloat16 is faster where the processor has it",
)  # fmt: skip
STEP = Knob(default=1, low=1, high=10**8)
CHANGEABLE = {
    "lr": Knob(default=0.01, low=1e-6, high=10.0, log=True, label="Learning rate", symbol=r"\alpha"),
    "momentum": Knob(default=0.9, low=0.0, high=0.9999, label="Momentum", symbol=r"\rho"),
    "weight_decay": Knob(default=0.0, low=0.0, high=10.0, log=True, label="Weight decay", symbol=r"\lambda"),
    "dropout": Knob(default=0.1, low=0.0, high=0.95, label="Dropout", symbol="p"),
}


@dataclass(frozen=True, kw_only=True, order=True)
class Switch:
    """From step `step` on (so that this is the first step it acts on), `field` of `CHANGEABLE` has `value`."""

    step: int
    field: str
    value: float

    def __post_init__(self) -> None:
        STEP.check("switch: step", self.step)
        if self.field not in CHANGEABLE:
            allowed = ", ".join(CHANGEABLE)
            raise ChoiceError(f"switch: field is {shown(self.field)}, but must be one of {allowed}.")
        object.__setattr__(self, "value", CHANGEABLE[self.field].check(f"switch: {self.field}", self.value))

    def to_text(self) -> str:
        """`step:field:value`, as in a link."""
        return f"{self.step}:{self.field}:{format_number(self.value)}"


def _read_switch(text: str, report: Report) -> Switch | None:
    parts = text.split(":")
    try:
        if len(parts) != 3 or parts[1] not in CHANGEABLE:
            allowed = ", ".join(CHANGEABLE)
            raise ChoiceError(f"switch is {shown(text)}, but must be step:field:value with one of {allowed}.")
        value = CHANGEABLE[parts[1]].parse(f"switch: {parts[1]}", parts[2])
        return Switch(step=STEP.parse("switch: step", parts[0]), field=parts[1], value=value)
    except ChoiceError as problem:
        report(str(problem))
        return None


@dataclass(frozen=True, kw_only=True)
class Part:
    """One field of a training: its name in links and its title, and what it holds.

    Exactly one of: `registry` (a choice, or with `many` a tuple of distinct ones), `made` (a knob), or neither (the
    switches). At most `most` of `many`.
    """

    link: str
    title: str
    registry: Registry | None = None
    base: type = object
    many: bool = False
    most: int = 100
    made: Knob | None = None

    def write(self, value: Any) -> str:
        """The text of the field in a link."""
        if self.made:
            return self.made.format(value)
        if self.registry and not self.many:
            return write_choice(value)
        return "*".join(write_choice(one) if self.registry else one.to_text() for one in value)

    def read(self, text: str, report: Report) -> Any:
        """The value that `text` describes, None where there is none; problems go to `report`."""
        if self.made:
            try:
                return self.made.parse(self.link, text)
            except ChoiceError as problem:
                report(str(problem))
                return None
        if self.registry and not self.many:
            return read_choice(self.registry, text, report)
        read: Callable[[str], Any] = lambda one: (  # noqa: E731
            read_choice(self.registry, one, report) if self.registry else _read_switch(one, report)
        )
        return tuple(one for one in map(read, text.split("*") if text else ()) if one)

    def check(self, value: Any) -> Any:
        """`value`, or a `ChoiceError`."""
        if self.made:
            return self.made.check(self.link, value)
        if not self.many:
            if not isinstance(value, self.base) or value.name not in self.registry:
                raise ChoiceError(f"{self.link} is {shown(value)}, but must be one of {self.plural}.")
            return value
        value = tuple(value)
        if len(value) > self.most:
            raise ChoiceError(f"{self.link} holds {len(value)}, but may hold at most {self.most}.")
        for one in value:
            if not isinstance(one, self.base):
                raise ChoiceError(f"{self.link} holds {shown(one)}, but may hold only {self.plural}.")
        names = [one.name for one in value] if self.registry else []
        for name in names:
            if names.count(name) > 1:
                raise ChoiceError(f"{self.link} holds {name} {names.count(name)} times, but may hold each once.")
        return value

    @property
    def plural(self) -> str:
        """Where its choices are found."""
        return f"the {self.registry.kind}s" if self.registry else "pg.Switch"


def _part(link: str, title: str, **facts: Any) -> Part:
    return Part(link=link, title=title, **facts)


PARTS: dict[str, Part] = {
    "data": _part("data", "Data", registry=datasets, base=Dataset),
    "images": _part("images", "Images", made=IMAGES),
    "validation": _part("validation", "Validation", made=VALIDATION),
    "preprocessing": _part("preprocessing", "Preprocessing", registry=preprocessings, base=Preprocessing),
    "network": _part("net", "Net", registry=networks, base=Network),
    "activation": _part("activation", "Activation", registry=activations, base=Activation),
    "normalization": _part("normalization", "Normalization", registry=normalizations, base=Normalization),
    "initializer": _part("init", "Initialization", registry=initializers, base=Initializer),
    "optimizer": _part("optimizer", "Optimizer", registry=trainers, base=Optimizer),
    "schedule": _part("schedule", "Schedule", registry=schedules, base=Schedule),
    "schedule_by": _part("schedule_by", "Schedule counts", made=SCHEDULE_BY),
    "batch": _part("batch", "Batch", made=BATCH),
    "epochs": _part("epochs", "Epochs", made=EPOCHS),
    "regularizers": _part("regularize", "Regularization", registry=regularizers, base=Regularizer, many=True),
    "augmentations": _part("augment", "Augmentation", registry=augmentations, base=Augmentation, many=True),
    "precision": _part("precision", "Precision", made=PRECISION),
    "seed": _part("seed", "Seed", made=SEED),
    "switches": _part("switch", "Changes", base=Switch, many=True, most=MOST_SWITCHES),
}
BY_LINK = {part.link: name for name, part in PARTS.items()}


@dataclass(frozen=True, kw_only=True)
class Training(Linked):
    """A net, the images it learns, and everything about how it does.

    `images`: how many, the share `validation` of them held out; `batch`: images for a step, 0 for all; `schedule_by`:
    what the schedule counts; `switches`: settings changed while it trains. Raises `ChoiceError`.
    """

    kind: ClassVar[str] = "training"

    data: Dataset = field(default_factory=lambda: datasets["generated"]())
    images: int = IMAGES.default
    validation: float = VALIDATION.default
    preprocessing: Preprocessing = field(default_factory=lambda: preprocessings["channel_normalise"]())
    network: Network = field(default_factory=lambda: networks["vgg"]())
    activation: Activation = field(default_factory=lambda: activations["relu"]())
    normalization: Normalization = field(default_factory=lambda: normalizations["batch"]())
    initializer: Initializer = field(default_factory=lambda: initializers["he_normal"]())
    optimizer: Optimizer = field(default_factory=lambda: trainers["nesterov"](lr=0.05))
    schedule: Schedule = field(default_factory=lambda: schedules["one_cycle"]())
    schedule_by: str = SCHEDULE_BY.default
    batch: int = BATCH.default
    epochs: int = EPOCHS.default
    regularizers: tuple[Regularizer, ...] = ()
    augmentations: tuple[Augmentation, ...] = ()
    precision: str = PRECISION.default
    seed: int = SEED.default
    switches: tuple[Switch, ...] = ()

    def __post_init__(self) -> None:
        for name, part in PARTS.items():
            object.__setattr__(self, name, part.check(getattr(self, name)))
        object.__setattr__(self, "switches", tuple(sorted(self.switches)))

    def recipe(self) -> Recipe:
        """What the regularizers come to."""
        return recipe(self.regularizers)

    def texts(self) -> dict[str, str]:
        """Name in the link -> text, of every field."""
        return {part.link: part.write(getattr(self, name)) for name, part in PARTS.items()}

    def pairs(self) -> Iterable[tuple[str, str]]:
        """Name and text of each part of the link."""
        return self.texts().items()

    @classmethod
    def read_query(cls, query: str) -> tuple[Self, list[str]]:
        """The training of a link as far as it can be read, and a sentence for each part that could not."""
        found, problems = Comparison.read_query(query)
        if len(found.runs) > 1:
            more = f"the link holds {len(found.runs)} runs, but must hold one: use pg.Comparison.from_query."
            problems = [*problems, more]
        return found.runs[0], problems

    def at(self, step: int, field: str, value: float) -> Self:
        """The same training with a setting changed from `step` on; a change of it at the same step is replaced."""
        kept = [one for one in self.switches if (one.step, one.field) != (step, field)]
        return replace(self, switches=(*kept, Switch(step=step, field=field, value=value)))

    def check_switches(self) -> None:
        """Raises `ChoiceError` where this training has no such setting, or one that cannot have the value.

        Apart from the other checks, because a change of the optimizer would otherwise lose the switches.
        """
        inside = {"dropout": self.recipe().dropout}  # settings of the net itself
        for one in self.switches:
            if one.field not in inside:
                changed(self.optimizer, one.field, one.value)
            elif inside[one.field] is None:
                raise ChoiceError(
                    f"{one.field} is to change at step {one.step}, but can only where the regularizers hold "
                    f"{one.field} from the start; 0 will do."
                )

    @property
    def origin(self) -> Self | None:
        """The same training without the switches of its last switching step: it goes the same way up to there."""
        if not self.switches:
            return None
        return replace(self, switches=tuple(one for one in self.switches if one.step < self.switches[-1].step))


@dataclass(frozen=True, kw_only=True)
class Comparison(Linked):
    """One to four trainings, side by side. Raises `ChoiceError`."""

    kind: ClassVar[str] = "comparison"

    runs: tuple[Training, ...] = field(default_factory=lambda: (Training(),))

    def __post_init__(self) -> None:
        object.__setattr__(self, "runs", tuple(self.runs))
        if not all(isinstance(run, Training) for run in self.runs):
            raise ChoiceError("runs holds something else than pg.Training, but must hold pg.Training only.")
        if not 1 <= len(self.runs) <= MOST_RUNS:
            raise ChoiceError(f"the number of runs is {len(self.runs)}, but must be from 1 to {MOST_RUNS}.")

    def pairs(self) -> list[tuple[str, str]]:
        """Name and text of each part of the link."""
        first, *others = (run.texts() for run in self.runs)
        parts = []
        for other in others:
            parts.append("~".join(f"{name}~{text}" for name, text in other.items() if text != first[name]))
        return [*first.items(), *(("run", part) for part in parts)]

    @classmethod
    def read_query(cls, query: str) -> tuple[Self, list[str]]:
        """The comparison of a link as far as it can be read, and a sentence for each part that could not."""
        parts = Query(query, single=BY_LINK, repeated=("run",))
        first = _read(((name, texts[0]) for name, texts in parts.values.items()), {}, parts)
        runs = [Training(**first)]
        for text in parts.cut("runs", parts.values.get("run", []), MOST_RUNS - 1):
            words = text.split("~") if text else []
            runs.append(Training(**_read(zip(words[::2], words[1::2]), first, parts)))
            if len(words) % 2:
                parts.problems.append(f"run ends with {shown(words[-1])}, but must be pairs name~text.")
        return cls(runs=tuple(runs)), parts.problems

    def labels(self) -> tuple[str, ...]:
        """A short name for each run: what tells it from the others."""
        texts = [run.texts() for run in self.runs]
        told = [name for name in texts[0] if len({one[name] for one in texts}) > 1]
        labels = [", ".join(_told(run, BY_LINK[name], self.runs) for name in told) for run in self.runs]
        return numbered([label or run.optimizer.label for label, run in zip(labels, self.runs)])


def _told(run: Training, name: str, runs: tuple[Training, ...]) -> str:
    """How `run` differs in one field from the others."""
    part, value = PARTS[name], getattr(run, name)
    if part.made:
        return f"{part.title.lower()} {part.made.format(value)}"
    if not part.many:
        twins = [getattr(one, name) for one in runs if getattr(one, name).name == value.name]
        return _with_knobs(value, twins)
    if not part.registry:
        return "changed while training" if value else "unchanged"
    others = [one for run in runs for one in getattr(run, name)]
    own = [one for one in value if sum(one == other for other in others) < len(runs)]
    return " + ".join(_with_knobs(one, [two for two in others if two.name == one.name]) for one in own) or (
        f"no {part.title.lower()}"
    )


def _with_knobs(choice: Choice, twins: list[Choice]) -> str:
    told = [
        f"{knob.replace('_', ' ')} {made.format(getattr(choice, knob))}"
        for knob, made in choice.knobs().items()
        if len({getattr(twin, knob) for twin in twins}) > 1
    ]
    return " ".join([choice.label, *told])


def _read(pairs: Iterator[tuple[str, str]], held: dict[str, Any], parts: Query) -> dict[str, Any]:
    """The fields that `pairs` describe, over those already `held`."""
    found = dict(held)
    for link, text in pairs:
        if link not in BY_LINK:
            if link not in ("v", "run") and held:
                parts.problems.append(f"run has a part called {shown(link)}, but may have only {', '.join(BY_LINK)}.")
            continue
        name = BY_LINK[link]
        part = PARTS[name]
        value = part.read(text, parts.problems.append)
        if value is None:
            continue
        found |= parts.checked(name, lambda part=part, value=value: part.check(value))
    return found
