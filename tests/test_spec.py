"""Links: every choice survives the round trip, and a wrong link says so in one sentence."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

import playground as pg
from playground.labs import labs
from playground.presets import PRESETS
from playground.specs import MOST_QUERY

REGISTRIES = {"surface": pg.surfaces, "penalty": pg.penalties, "gradient": pg.gradients}
EVERY_CHOICE = [(kind, name) for kind, registry in REGISTRIES.items() for name in registry]


def values(knob):
    """Any allowed value of a knob; free texts stay at their default here and have tests of their own."""
    if isinstance(knob.default, bool):
        return some.booleans()
    if knob.options:
        return some.sampled_from(knob.options)
    if isinstance(knob.default, str):
        return some.just(knob.default)
    if isinstance(knob.default, int):
        return some.integers(int(knob.low), int(knob.high))
    return some.floats(knob.low, knob.high)


def choices(registry):
    """Any choice of a registry with any knobs."""
    return some.sampled_from(list(registry.values())).flatmap(
        lambda cls: some.builds(cls, **{name: values(knob) for name, knob in cls.knobs().items()})
    )


def races():
    racers = some.builds(pg.Racer, optimizer=choices(pg.optimizers), schedule=choices(pg.schedules))
    point = some.tuples(*[some.floats(-1e6, 1e6)] * 2)
    return some.builds(
        pg.Race,
        surface=choices(pg.surfaces),
        racers=some.lists(racers, min_size=1, max_size=12).map(tuple),
        starts=some.lists(point, max_size=16).map(tuple),
        penalty=choices(pg.penalties),
        gradient=choices(pg.gradients),
        **{name: values(knob) for name, knob in pg.Race.knobs().items()},
    )


@given(races())
@settings(max_examples=150, deadline=None)
def test_a_link_restores_the_race(race):
    again = pg.Race.from_query(race.to_query())
    assert again == race
    assert again.key == race.key
    assert again.to_query() == race.to_query()
    assert len(race.to_query()) <= MOST_QUERY


@given(races(), races())
@settings(max_examples=60, deadline=None)
def test_keys_are_equal_for_equal_specs_only(first, second):
    assert (first.key == second.key) == (first == second)


@pytest.mark.parametrize("field", [f.name for f in dataclasses.fields(pg.Race)])
def test_every_field_is_part_of_the_key(field):
    other = {
        "surface": pg.surfaces["booth"](),
        "racers": (pg.Racer(optimizer=pg.optimizers["lion"]()),),
        "starts": ((0.5, 0.25),),
        "penalty": pg.penalties["l1"](),
        "gradient": pg.gradients["central"](),
        "levels": "linear",
        "steps": 7,
        "noise": 0.5,
        "seed": 3,
        "tolerance": 0.5,
    }
    assert dataclasses.replace(pg.Race(), **{field: other[field]}).key != pg.Race().key


@pytest.mark.parametrize("name", list(pg.optimizers))
def test_every_knob_of_every_optimizer_is_in_the_link(name):
    query = pg.Race(racers=[pg.Racer(optimizer=pg.optimizers[name]())]).to_query()
    for field in pg.optimizers[name].knobs():
        assert f",{field}:" in query


def test_every_preset_is_a_link():
    for preset in PRESETS:
        assert pg.Race.from_query(preset.race().to_query()) == preset.race()


def test_racers_keep_their_looks_and_new_ones_get_free_ones():
    sgd = pg.optimizers["sgd"]()
    race = pg.Race(racers=[pg.Racer(optimizer=sgd, look=look) for look in (3, -1, 0, 3, -1)])
    assert [racer.look for racer in race.racers] == [3, 1, 0, 2, 4]
    assert pg.Race.from_query(race.to_query()) == race
    with pytest.raises(pg.ChoiceError, match="look is 12, but must be"):
        pg.Racer(optimizer=sgd, look=12)


def test_minus_zero_is_zero():
    assert pg.Race(starts=[(-0.0, 1)]).key == pg.Race(starts=[(0.0, 1)]).key


WRONG = {
    "surface=rosenbrok": ("surface", "rosenbrok", "rosenbrock"),
    "surface=rosenbrock,b:-3": ("b", "-3", "from 0.1 to 1000"),
    "surface=rosenbrock,c:1": ("Rosenbrock", "c", "a, b"),
    "racer=sgd,lr:fast": ("lr", "fast", "a number from"),
    "racer=sgd,lr:nan": ("lr", "nan", "a number from"),
    "racer=adam,amsgrad:maybe": ("amsgrad", "maybe", "on or off"),
    "racer=sgd~constant~99": ("look", "99", "from -1 to 11"),
    "racer=warp": ("optimizer", "warp", f"one of the {len(pg.optimizers)}"),
    "racer=sgd~weekly": ("schedule", "weekly", "cosine"),
    "racer=sgd~constant,warmup:1.5": ("warmup", "1.5", "a whole number from 0"),
    "penalty=l7": ("penalty", "l7", "elastic_net"),
    "gradient=guess": ("gradient source", "guess", "central"),
    "start=1": ("start", "1", "two numbers"),
    "start=1,inf": ("start y", "inf", "from -1000000"),
    "steps=0": ("steps", "0", "from 1 to 5000"),
    "steps=1e9": ("steps", "1000000000", "from 1 to 5000"),
    "noise=-1": ("noise", "-1", "from 0"),
    "seed=0.5": ("seed", "0.5", "a whole number"),
    "levels=steep": ("levels", "steep", "auto, log, linear"),
    "v=9": ("v", "9", "1"),
    "colour=red": ("colour", "colour", "surface"),
    "steps=5&steps=6": ("steps", "2 times", "once"),
}


@pytest.mark.parametrize("query", WRONG)
def test_a_wrong_value_gives_one_sentence_and_keeps_the_rest(query):
    race, problems = pg.Race.read_query(f"{query}&tolerance=0.5")
    assert len(problems) == 1
    for part in WRONG[query]:
        assert part in str(problems[0])
    text = str(problems[0])
    assert text.endswith(".") and "\n" not in text and len(text) < 400
    assert race.tolerance == 0.5
    with pytest.raises(pg.ChoiceError, match=r"\.$"):
        pg.Race.from_query(query)


def test_many_racers_and_long_links_are_cut():
    race, problems = pg.Race.read_query("&".join(["racer=sgd"] * 13))
    assert len(race.racers) == 12 and "13" in str(problems[0])
    race, problems = pg.Race.read_query("seed=1&" + "x" * MOST_QUERY)
    assert race == pg.Race() and len(problems) == 1


@given(some.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_opens_with_something(text):
    race, problems = pg.Race.read_query(text)
    assert isinstance(race, pg.Race)
    assert all(str(problem).endswith(".") for problem in problems)


@pytest.mark.parametrize("chosen", ["2", "7", "11", "٩"])
def test_a_racer_that_is_not_there_is_a_sentence_and_the_rest_is_kept(chosen):
    step, problems = pg.StepInspection.read_query(f"v=1&racer=sgd&racer=adam&steps=30&step=4&chosen={chosen}")
    assert (step.chosen, step.step, step.race.steps, len(step.race.racers)) == (0, 4, 30, 2)
    (sentence,) = map(str, problems)
    assert sentence.startswith("chosen is ") and sentence.endswith("a whole number from 0 to 1.")


@pytest.mark.parametrize("kind", [lab.spec for lab in labs().values()])
def test_what_others_add_to_a_link_is_no_part_of_it(kind):
    spec = kind.read_query("v=1")[0]
    added = "fbclid=IwAR0&utm_source=mail&gclid=1&msclkid=2&mc_cid=3&_ga=4&embed=true&embed_options=x"
    for query in (f"{added}&{spec.to_query()}", f"{spec.to_query()}&{added}".replace("&", "&amp;")):
        assert kind.read_query(query) == (spec, [])
    assert len(kind.read_query(f"{spec.to_query()}&utm=1")[1]) == 1, "a part that nobody is known to add"


def test_a_whole_address_is_a_link():
    race = PRESETS[1].race()
    assert pg.Race.from_query(f"https://host.example/race?{race.to_query()}#top") == race


def test_constructor_refuses_what_a_link_refuses():
    for wrong in ({"steps": 0}, {"racers": ()}, {"starts": [(1,)]}, {"surface": "rosenbrock"}, {"noise": float("nan")},
                  {"racers": ["sgd"]}, {"racers": [pg.Racer(optimizer=pg.optimizers["sgd"]())] * 13}):  # fmt: skip
        with pytest.raises(pg.ChoiceError, match=r"must"):
            pg.Race(**wrong)


def test_labels_tell_racers_apart():
    sgd, adam = pg.optimizers["sgd"], pg.optimizers["adam"]
    race = pg.Race(
        racers=[
            pg.Racer(optimizer=adam()),
            pg.Racer(optimizer=sgd(lr=0.1)),
            pg.Racer(optimizer=sgd(lr=0.2)),
            pg.Racer(optimizer=sgd(lr=0.2), schedule=pg.schedules["cosine"]()),
            pg.Racer(optimizer=sgd(lr=0.1)),
        ]
    )
    labels = race.labels()
    assert labels[0] == "Adam" and len(set(labels)) == 5
    assert "lr 0.1" in labels[1] and "lr 0.2" in labels[2] and "cosine" in labels[3] and labels[4].endswith("#2")
