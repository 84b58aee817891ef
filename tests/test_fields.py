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

SPECS = [one for one in vars(pg).values() if isinstance(one, type) and issubclass(one, Spec) and one is not pg.Racer]
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


@pytest.mark.parametrize("kind, name", FIELDS, ids=lambda one: getattr(one, "__name__", one))
def test_every_field_reads_what_it_writes_and_says_what_it_is(kind, name):
    one, value = kind.fields()[name], getattr(kind(), name)
    assert one.check(value) == value and one.title
    read, problems = kind.read_query("&".join(f"{link}={text}" for link, text in one.pairs(value)))
    assert getattr(read, name) == value and not problems
    assert not isinstance(one, KnobField) or one.knob.help or one.follows


@pytest.mark.parametrize("kind", [one for one in SPECS if issubclass(one, Question)])
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
    knobs = [made for cls in pg.regularizers.values() for made in cls.knobs().values() if made.live]
    assert {made.live for made in knobs} <= set(live)
    assert all((made.low, made.high) == (live[made.live].knob.low, live[made.live].knob.high) for made in knobs)


def test_menus_of_choices_have_more_than_one_or_say_so():
    fields = [one for kind in SPECS for one in kind.fields().values() if isinstance(one, ChoiceField)]
    assert fields and all(len(one.registry) > 1 or one.name == "small" for one in fields)
