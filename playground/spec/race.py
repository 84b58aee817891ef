"""The spec of a race and its link.

The query reads

    v=1&surface=rosenbrock,a:1,b:100&start=-1.5,2&racer=adam,lr:0.05,...~cosine,warmup:10~0&...&steps=500&seed=0

A racer is its optimizer, schedule and look, joined by `~`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, Self

from playground.choices.derive import Derived, X, Y, derive
from playground.choices.gradients import Exact, GradientSource, gradients
from playground.choices.optimizers import Optimizer, optimizers
from playground.choices.penalties import NoPenalty, Penalty, penalties
from playground.choices.schedules import Constant, Schedule, schedules
from playground.choices.surfaces import Surface, surfaces
from playground.registry import Choice, ChoiceError, Knob, Registry, format_number, shown
from playground.spec.text import Linked, Query, numbered, read_choice, write_choice

MOST_RACERS, MOST_STARTS = 12, 16

STEPS = Knob(default=500, low=1, high=5000, label="Steps", help="how many updates every racer makes")
NOISE = Knob(
    default=0.0, low=0.0, high=100.0, symbol=r"\sigma", label="Noise",
    help="standard deviation of the mini-batch noise added to every gradient, the same draw for all",
)  # fmt: skip
SEED = Knob(default=0, low=0, high=2**31 - 1, label="Seed", help="the noise and the random searches follow from it")
TOLERANCE = Knob(
    default=1e-3, low=1e-12, high=100.0, log=True, label="Tolerance",
    help="'steps to tolerance' counts the steps until the loss is within this of the lowest value",
)  # fmt: skip
LOOK = Knob(default=-1, low=-1, high=MOST_RACERS - 1)
COORDINATE = Knob(default=0.0, low=-1e6, high=1e6)
LEVELS = Knob(
    default="auto", options=("auto", "log", "linear"), label="Contour levels",
    help="spaced by the logarithm of the loss, or evenly; auto takes what suits the surface",
)  # fmt: skip
PLAIN = {"steps": STEPS, "noise": NOISE, "seed": SEED, "tolerance": TOLERANCE, "levels": LEVELS}


@dataclass(frozen=True, kw_only=True)
class Racer:
    """An optimizer with its schedule.

    `look` (0 to 11) is its colour, dash and mark, which it keeps when others come and go; -1 takes the first free one.
    """

    optimizer: Optimizer
    schedule: Schedule = field(default_factory=Constant)
    look: int = LOOK.default

    def __post_init__(self) -> None:
        if not isinstance(self.optimizer, Optimizer):
            raise ChoiceError(f"racer: optimizer is {shown(self.optimizer)}, but must be one of pg.optimizers.")
        if not isinstance(self.schedule, Schedule):
            raise ChoiceError(f"racer: schedule is {shown(self.schedule)}, but must be one of pg.schedules.")
        LOOK.check("racer: look", self.look)

    def to_text(self) -> str:
        """`optimizer~schedule~look`, as in a link."""
        return f"{write_choice(self.optimizer)}~{write_choice(self.schedule)}~{self.look}"


def read_racer(text: str, report: Callable[[str], None]) -> Racer | None:
    """The racer that `text` describes; problems as in `read_choice`."""
    first, *rest = text.split("~")
    optimizer = read_choice(optimizers, first, report)
    schedule = read_choice(schedules, rest[0], report) if rest else None
    look = LOOK.default
    if rest[1:]:
        try:
            look = LOOK.parse("racer: look", "~".join(rest[1:]))
        except ChoiceError as problem:
            report(str(problem))
    return Racer(optimizer=optimizer, schedule=schedule or Constant(), look=look) if optimizer else None


def _default_racers() -> tuple[Racer, ...]:
    chosen = (("sgd", {"lr": 0.001}), ("momentum", {"lr": 0.001}), ("rmsprop", {"lr": 0.01}), ("adam", {"lr": 0.05}))
    return tuple(Racer(optimizer=optimizers[name](**knobs)) for name, knobs in chosen)


@dataclass(frozen=True, kw_only=True)
class Race(Linked):
    """Some optimizers descending one surface from the same start, or from several.

    `starts`: (x, y) points, 1 to 16; `steps`: updates per racer; `noise`: standard deviation of the noise on every
    gradient; `tolerance`: loss above the lowest value at which a racer counts as arrived; `levels`: spacing of the
    contour levels. Raises `ChoiceError`.

    Subclasses ask another question of the same racers: they have a `kind` of their own, and in `plain` and as fields
    the knobs that it takes more. `kept` names knobs that change nothing in its answer, and stand in its link for the
    way back to the race only. `crowded` says that it takes thousands of paths, and so no optimizer that is `alone`.
    """

    kind: ClassVar[str] = "race"
    plain: ClassVar[dict[str, Knob]] = PLAIN
    kept: ClassVar[tuple[str, ...]] = ()
    beside: ClassVar[tuple[str, ...]] = ("inside",)  # parts of a link that say what a page shows of it: see spec.step
    most_racers: ClassVar[int] = MOST_RACERS
    crowded: ClassVar[bool] = False

    surface: Surface = field(default_factory=lambda: surfaces["rosenbrock"]())
    racers: tuple[Racer, ...] = field(default_factory=_default_racers)
    starts: tuple[tuple[float, float], ...] = ()
    steps: int = STEPS.default
    noise: float = NOISE.default
    seed: int = SEED.default
    penalty: Penalty = field(default_factory=NoPenalty)
    gradient: GradientSource = field(default_factory=Exact)
    tolerance: float = TOLERANCE.default
    levels: str = LEVELS.default

    def __post_init__(self) -> None:
        kinds = {"surface": Surface, "penalty": Penalty, "gradient": GradientSource}
        for name, kind in kinds.items():
            if not isinstance(getattr(self, name), kind):
                raise ChoiceError(f"{name} is {shown(getattr(self, name))}, but must be one of pg.{kind.__name__}.")
        put = object.__setattr__
        put(self, "racers", tuple(self.racers))
        put(self, "starts", tuple(_point(start) for start in self.starts or (self.surface.start,)))
        for name, made in self.plain.items():
            put(self, name, made.check(name, getattr(self, name)))
        if not 1 <= len(self.racers) <= self.most_racers:
            raise ChoiceError(f"the number of racers is {len(self.racers)}, but must be from 1 to {self.most_racers}.")
        if not all(isinstance(one, Racer) for one in self.racers):
            raise ChoiceError("racers holds something else than pg.Racer, but must hold pg.Racer only.")
        for racer in self.racers:
            self.admit(racer)
        put(self, "racers", _distinct(self.racers))
        if len(self.starts) > MOST_STARTS:
            raise ChoiceError(f"the number of starts is {len(self.starts)}, but must be from 1 to {MOST_STARTS}.")

    @classmethod
    def of(cls, race: Race, **more: Any) -> Self:
        """This question asked of the racers of another one; `more` are fields that it does not take over."""
        shared = {one.name for one in fields(cls)} & {one.name for one in fields(race)}
        taken = {name: getattr(race, name) for name in shared} | more
        racers = tuple(one for one in taken["racers"] if not (cls.crowded and one.optimizer.alone))[: cls.most_racers]
        return cls(**taken | {"racers": racers or _default_racers()[: cls.most_racers]})

    @classmethod
    def offered(cls) -> list[str]:
        """The names of the optimizers that can be asked this, in the order of the menu."""
        return [name for name, kind in optimizers.items() if not (cls.crowded and kind.alone)]

    @classmethod
    def admit(cls, racer: Racer) -> Racer:
        """`racer`, if it can be asked this. Raises `ChoiceError`."""
        if cls.crowded and racer.optimizer.alone:
            raise ChoiceError(
                f"racer is {racer.optimizer.label} of {racer.optimizer.group}, but must be one of our own optimizers: "
                "a library's takes one path at a time, and this page asks for thousands."
            )
        return racer

    def derived(self) -> Derived:
        """The formula that is descended, penalty included, with its derivatives."""
        return derive(self.surface.formula(X, Y) + self.penalty.term(X, Y))

    def pairs(self) -> list[tuple[str, str]]:
        """Name and text of each part of the link."""
        pairs = [("surface", write_choice(self.surface))]
        pairs += [("start", ",".join(map(format_number, start))) for start in self.starts]
        pairs += [("racer", racer.to_text()) for racer in self.racers]
        pairs += [("penalty", write_choice(self.penalty)), ("gradient", write_choice(self.gradient))]
        return pairs + [(name, made.format(getattr(self, name))) for name, made in self.plain.items()]

    @classmethod
    def read_query(cls, query: str) -> tuple[Self, list[str]]:
        """The race of a link as far as it can be read, and a sentence for each part that could not."""
        return _read(cls, query)

    def labels(self) -> tuple[str, ...]:
        """A short name for each racer, with the knobs that tell apart two of the same kind."""
        return numbered([_label(racer, self.racers) for racer in self.racers])


def _distinct(racers: tuple[Racer, ...]) -> tuple[Racer, ...]:
    """The racers, each with a look of its own: who has none, or one that is taken, gets the first free one."""
    firsts = {racer.look: racer for racer in reversed(racers)}
    free = iter([look for look in range(MOST_RACERS) if look not in firsts])
    kept, given = set(), []
    for racer in racers:
        taken = racer.look in kept or racer.look == LOOK.default
        kept.add(racer.look)
        given.append(replace(racer, look=next(free)) if taken else racer)
    return tuple(given)


def _point(start: Any) -> tuple[float, float]:
    try:
        x, y = start
    except (TypeError, ValueError):
        raise ChoiceError(f"start is {shown(start)}, but must be two numbers x,y.") from None
    return COORDINATE.check("start x", x), COORDINATE.check("start y", y)


def _label(racer: Racer, racers: tuple[Racer, ...]) -> str:
    twins = [one for one in racers if one.optimizer.name == racer.optimizer.name]
    if len(twins) == 1:
        return racer.optimizer.label
    parts = _differences(racer.optimizer, [one.optimizer for one in twins])
    if len({one.schedule for one in twins}) > 1:
        same = [one.schedule for one in twins if one.schedule.name == racer.schedule.name]
        parts += [" ".join([racer.schedule.label.lower(), *_differences(racer.schedule, same)])]
    return f"{racer.optimizer.label} ({', '.join(parts)})" if parts else racer.optimizer.label


def _differences(choice: Choice, others: list[Choice]) -> list[str]:
    found = []
    for name, made in choice.knobs().items():
        if len({getattr(other, name) for other in others}) > 1:
            found.append(f"{name.replace('_', ' ')} {made.format(getattr(choice, name))}")
    return found


def _read(cls: type[Race], query: str) -> tuple[Race, list[str]]:
    """The race of a query and what is wrong with it."""
    registries: Mapping[str, Registry] = {"surface": surfaces, "penalty": penalties, "gradient": gradients}
    parts = Query(query, single=(*registries, *cls.plain, *cls.beside), repeated=("start", "racer"))
    report, found = parts.problems.append, {}
    for name, registry in registries.items():
        if name in parts.values:
            choice = read_choice(registry, parts.values[name][0], report)
            found |= {name: choice} if choice else {}
    for name, made in cls.plain.items():
        if name in parts.values:
            found |= parts.checked(name, lambda made=made, name=name: made.parse(name, parts.values[name][0]))
    starts = [parts.checked("start", lambda text=text: _start(text)) for text in parts.values.get("start", ())]
    found["starts"] = tuple(one["start"] for one in parts.cut("starts", starts, MOST_STARTS) if one)
    read = [read_racer(text, report) for text in parts.cut("racers", parts.values.get("racer", []), cls.most_racers)]
    admitted = [parts.checked("racer", lambda racer=racer: cls.admit(racer)) for racer in read if racer]
    racers = tuple(one["racer"] for one in admitted if one)
    found |= {"racers": racers} if racers else {}
    return cls(**found), parts.problems


def _start(text: str) -> tuple[float, float]:
    parts = text.split(",")
    if len(parts) != 2:
        raise ChoiceError(f"start is {shown(text)}, but must be two numbers x,y.")
    return COORDINATE.parse("start x", parts[0]), COORDINATE.parse("start y", parts[1])
