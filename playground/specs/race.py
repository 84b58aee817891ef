"""The spec of a race and its link.

The query reads

    v=1&surface=rosenbrock,a:1,b:100&start=-1.5,2&racer=adam,lr:0.05,...~cosine,warmup:10~0&...&steps=500&seed=0

A racer is its optimizer, schedule and look, joined by `~`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from playground.choices.derive import Derived, X, Y, derive
from playground.choices.gradients import GradientSource, gradients
from playground.choices.optimizers import Optimizer, optimizers
from playground.choices.penalties import Penalty, penalties
from playground.choices.schedules import Schedule, schedules
from playground.choices.surfaces import Surface, surfaces
from playground.messages import Message
from playground.registry import ChoiceError, Knob, cached, knob
from playground.specs.fields import PartField, RowsField, choice, differences, part, points, rows
from playground.specs.spec import Row, Spec
from playground.specs.text import numbered

MOST_RACERS, MOST_STARTS = 12, 16

COORDINATE = Knob(default=0.0, low=-1e6, high=1e6)


@dataclass(frozen=True, kw_only=True)
class Racer(Row):
    """An optimizer with its schedule.

    `look` (0 to 11) is its colour, dash and mark, which it keeps when others come and go; -1 takes the first free one.
    """

    row: ClassVar[str] = "racer"

    optimizer: Optimizer = choice(optimizers, "adam", Optimizer)
    schedule: Schedule = choice(schedules, "constant")
    look: int = knob(-1, -1, MOST_RACERS - 1)


def _first_racers() -> tuple[Racer, ...]:
    settings = (("sgd", {"lr": 0.001}), ("momentum", {"lr": 0.001}), ("rmsprop", {"lr": 0.01}), ("adam", {"lr": 0.05}))
    return tuple(Racer(optimizer=optimizers[name](**knobs)) for name, knobs in settings)


@dataclass(frozen=True, kw_only=True)
class Race(Spec):
    """Some optimizers descending one surface from the same start, or from several.

    `starts`: (x, y) points, 1 to 16; `steps`: updates per racer; `noise`: standard deviation of the noise on every
    gradient; `tolerance`: loss above the lowest value at which a racer counts as arrived; `levels`: spacing of the
    contour levels. Raises `ChoiceError`.
    """

    kind: ClassVar[str] = "race"
    view_state: ClassVar[tuple[str, ...]] = ("inside",)  # see specs.step_inspector

    surface: Surface = choice(surfaces, "rosenbrock")
    starts: tuple[tuple[float, float], ...] = points(
        COORDINATE, "surface", lambda surface: (surface.start,), link="start", least=1, most=MOST_STARTS
    )
    racers: tuple[Racer, ...] = rows(Racer, _first_racers, link="racer", least=1, most=MOST_RACERS)
    penalty: Penalty = choice(penalties, "none")
    gradient: GradientSource = choice(gradients, "exact")
    steps: int = knob(500, 1, 5000, label="Steps", help="how many updates every racer makes")
    noise: float = knob(
        0.0, 0.0, 100.0, symbol=r"\sigma", label="Noise",
        help="standard deviation of the mini-batch noise added to every gradient, the same draw for all",
    )  # fmt: skip
    seed: int = knob(0, 0, 2**31 - 1, label="Seed", help="seeds the noise and the random searches")
    tolerance: float = knob(
        1e-3, 1e-12, 100.0, log=True, label="Tolerance",
        help="'steps to tolerance' counts the steps until the loss is within this of the lowest value",
    )  # fmt: skip
    levels: str = knob(
        "auto", options=("auto", "log", "linear"), label="Contour levels",
        help="spaced by the logarithm of the loss, or evenly; auto takes what suits the surface",
    )  # fmt: skip

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "racers", _distinct(self.racers))

    @classmethod
    def of(cls, spec: Race | Question, /, **more: Any) -> Race:
        """The race that a question is asked of, or a race itself, with `more` fields changed."""
        return replace(spec.race, **more)

    @property
    def race(self) -> Race:
        """Itself, as questions have one."""
        return self

    def title(self) -> Message:
        """The surface and what is added to it."""
        surface = Message(self.surface.label)
        if not self.penalty.knobs():
            return surface
        return Message("{surface} with {penalty}", surface=surface, penalty=Message(self.penalty.label))

    def derived(self) -> Derived:
        """The formula that is descended, penalty included, with its derivatives."""
        return derive(self.surface.formula(X, Y) + self.penalty.term(X, Y))

    def labels(self) -> tuple[str, ...]:
        """A short name for each racer, with the knobs that tell apart two of the same kind."""
        return numbered([_label(racer, self.racers) for racer in self.racers])


def _distinct(racers: tuple[Racer, ...]) -> tuple[Racer, ...]:
    """The racers, each with a look of its own: one without, or with a look that is taken, gets the first free one."""
    firsts = {racer.look: racer for racer in reversed(racers)}
    free = iter([look for look in range(MOST_RACERS) if look not in firsts])
    looks, distinct_racers = set(), []
    for racer in racers:
        taken = racer.look in looks or racer.look < 0
        looks.add(racer.look)
        distinct_racers.append(replace(racer, look=next(free)) if taken else racer)
    return tuple(distinct_racers)


def _label(racer: Racer, racers: tuple[Racer, ...]) -> str:
    twins = [other for other in racers if other.optimizer.name == racer.optimizer.name]
    parts = differences(racer.optimizer, [twin.optimizer for twin in twins])
    schedules = [twin.schedule for twin in twins]
    if len(set(schedules)) > 1:
        parts += [" ".join([racer.schedule.label.lower(), *differences(racer.schedule, schedules)])]
    return f"{racer.optimizer.label} ({', '.join(parts)})" if parts else racer.optimizer.label


# -- questions asked of a race ---------------------------------------------------------------------------------------


def many_paths(racer: Racer) -> Racer:
    """`racer`, if it can take thousands of paths at once. Raises `ChoiceError`."""
    if racer.optimizer.alone:
        raise ChoiceError(
            "racer is {optimizer} of {library}, but must be one of our own optimizers: a library's takes one path at a "
            "time, and this page asks for thousands.",
            optimizer=racer.optimizer.label, library=racer.optimizer.group,
        )  # fmt: skip
    return racer


@dataclass(frozen=True, kw_only=True)
class Question(Spec):
    """Base of the specs that ask something of the racers of a `race`."""

    view_state: ClassVar[tuple[str, ...]] = Race.view_state

    race: Race = part(Race)

    @classmethod
    def of(cls, spec: Race | Question | None = None, /, **more: Any) -> Self:
        """This question asked of the racers of another spec, those that it admits; `more` are fields, also the race's.

        Without another spec, they are all there is to say.
        """
        own = {name: more.pop(name) for name in cls.fields() if name in more}
        if spec is not None:
            field, race = racers_field(cls), Race.of(spec)
            admitted = tuple(racer for racer in race.racers if admits(field, racer))[: field.most]
            more = {"racers": admitted or _first_racers()[: field.most]} | more
        return cls(race=Race(**more) if spec is None else replace(race, **more), **own)

    def with_race(self, **changes: Any) -> Self:
        """The same question of a race that differs in some fields."""
        return replace(self, race=replace(self.race, **changes))

    def labels(self) -> tuple[str, ...]:
        """A short name for each racer."""
        return self.race.labels()


def racers_field(kind: type[Race] | type[Question]) -> RowsField:
    """The field of a spec's racers, which says how many and which ones it takes."""
    fields = kind.fields()
    race = fields.get("race")
    field = race.fields()["racers"] if isinstance(race, PartField) else fields["racers"]
    assert isinstance(field, RowsField)
    return field


def admits(field: RowsField, racer: Racer) -> bool:
    """Whether a field takes this racer."""
    try:
        return bool(field.admit(racer))
    except ChoiceError:
        return False


@cached()
def offered(kind: type[Race] | type[Question]) -> list[str]:
    """The names of the optimizers that can be asked this, in the order of the menu."""
    field = racers_field(kind)
    return [name for name, optimizer in optimizers.items() if admits(field, Racer(optimizer=optimizer()))]
