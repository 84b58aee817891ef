"""Fields: whatever a spec is made of reads what it writes, refuses in one sentence, and tells what follows from it."""

from dataclasses import dataclass
from typing import ClassVar

import pytest

import playground as pg
from playground.choices.live import live
from playground.choices.surfaces import Surface
from playground.registry import knob
from playground.specs import Question, Spec
from playground.specs.fields import ChoiceField, KnobField, choice, coordinate, part
from playground.specs.race import COORDINATE, Race

SPECS = [
    item for item in vars(pg).values() if isinstance(item, type) and issubclass(item, Spec) and item is not pg.Racer
]
FIELDS = [(kind, name) for kind in SPECS for name in kind.fields()]


@dataclass(frozen=True, kw_only=True)
class Toy(Spec):
    """A spec in eight lines."""

    kind: ClassVar[str] = "toy"

    size: int = knob(3, 1, 9)
    surface: Surface = choice(pg.surfaces, "rosenbrock")
    x: float = coordinate(COORDINATE, 0, "At")


def test_a_spec_is_declared_by_its_fields():
    spec, problems = Toy.read_query("size=12&surface=booth,a:1&x=4&colour=red")
    assert spec == Toy(surface=pg.surfaces["booth"](), x=4.0) and len(problems) == 3
    assert spec.to_query() == "v=1&surface=booth&size=3&x=4" and Toy.from_query(spec.to_query()) == spec
    assert Toy(surface=pg.surfaces["booth"]()).x == pg.surfaces["booth"]().start[0]
    with pytest.raises(pg.ChoiceError, match="size is 12, but must be a whole number from 1 to 9"):
        Toy(size=12)


@pytest.mark.parametrize("kind, name", FIELDS, ids=lambda value: getattr(value, "__name__", value))
def test_every_field_reads_what_it_writes_and_says_what_it_is(kind, name):
    field, value = kind.fields()[name], getattr(kind(), name)
    assert field.check(value) == value and field.title
    read, problems = kind.read_query("&".join(f"{link}={text}" for link, text in field.pairs(value)))
    assert getattr(read, name) == value and not problems
    assert not isinstance(field, KnobField) or field.knob.help or field.follows


@pytest.mark.parametrize("kind", [spec for spec in SPECS if issubclass(spec, Question)])
def test_a_question_has_the_links_of_its_race(kind):
    race = pg.Race(surface=pg.surfaces["booth"](), steps=7, seed=3)
    spec = kind.of(race)
    assert spec.race == race and pg.Race.of(spec) == race and spec.labels() == race.labels()
    assert set(race.pairs()) < set(spec.pairs()) and kind.from_query(race.to_query()) == spec
    assert kind.of(spec, seed=4).race.seed == 4 and spec.with_race(seed=4) == kind.of(spec, seed=4)


def test_a_part_may_be_narrower():
    @dataclass(frozen=True, kw_only=True)
    class Two(Question):
        kind: ClassVar[str] = "two"
        race: Race = part(Race, racers={"most": 2})

    with pytest.raises(pg.ChoiceError, match="number of racers is 4, but must be from 1 to 2"):
        Two()
    assert len(Two.of(pg.Race()).race.racers) == 2


def test_every_setting_that_can_change_belongs_to_a_choice():
    run = pg.Training(regularizers=tuple(cls() for cls in pg.regularizers.values()))
    assert list(run.settings()) == list(live) and None not in run.settings().values()
    knobs = [knob for cls in pg.regularizers.values() for knob in cls.knobs().values() if knob.live]
    assert {knob.live for knob in knobs} <= set(live)
    assert all((knob.low, knob.high) == (live[knob.live].knob.low, live[knob.live].knob.high) for knob in knobs)


def test_menus_of_choices_have_more_than_one_or_say_so():
    fields = [field for kind in SPECS for field in kind.fields().values() if isinstance(field, ChoiceField)]
    assert fields and all(len(field.registry) > 1 or field.name == "small" for field in fields)
