"""The specs of trainings and their links: whole, exact, and with one sentence for everything that is wrong."""

import pytest

import playground as pg
from playground.choices.live import live
from playground.choices.optimizers.whole_net import changeable
from playground.presets.training import training
from playground.specs.training import MOST_RUNS, Switch

KINDS = {
    "data": pg.datasets,
    "preprocessing": pg.preprocessings,
    "network": pg.networks,
    "activation": pg.activations,
    "normalization": pg.normalizations,
    "initializer": pg.initializers,
    "optimizer": pg.net_optimizers,
    "schedule": pg.schedules,
}
EACH = [(field, name) for field, registry in KINDS.items() for name in registry]
SEVERAL = [("regularizers", name) for name in pg.regularizers] + [("augmentations", name) for name in pg.augmentations]


@pytest.mark.parametrize("field, name", EACH + SEVERAL)
def test_every_choice_comes_back_from_its_link(field, name):
    spec = training(**{field: [name] if field in ("regularizers", "augmentations") else name})
    assert pg.Training.from_query(spec.to_query()) == spec
    assert pg.Comparison.from_query("https://host/train?" + spec.to_query() + "#top").runs == (spec,)
    assert spec == pg.Training() or spec.key != pg.Training().key


def test_a_comparison_of_one_has_the_link_of_its_training():
    spec = training(epochs=3)
    assert pg.Comparison(runs=(spec,)).to_query() == spec.to_query()


def test_a_comparison_says_only_what_differs():
    first = training(regularizers=["l2", ("dropout", {"p": 0.3})], augmentations=["flip"], epochs=3)
    second = training(first, optimizer=("adam", {"lr": 0.002}), regularizers=[])
    third = second.at(40, "lr", 0.5).at(90, "dropout", 0.2)
    spec = pg.Comparison(runs=(first, second, third, first))
    assert pg.Comparison.from_query(spec.to_query()) == spec
    assert spec.to_query().count("run=") == 3 and spec.to_query().count("validation") == 1
    labels = spec.labels()
    assert labels[0] != labels[1] and "Adam" in labels[1] and "#2" in labels[3]
    with pytest.raises(pg.ChoiceError, match="holds 4 runs"):
        pg.Training.from_query(spec.to_query())


def test_labels_name_what_tells_the_runs_apart():
    runs = tuple(training(optimizer=("sgd", {"lr": lr})) for lr in (0.1, 0.01))
    assert pg.Comparison(runs=runs).labels() == ("SGD lr 0.1", "SGD lr 0.01")
    first, second = training(), training(regularizers=["dropout"])
    assert pg.Comparison(runs=(first, second)).labels() == ("no regularization", "Dropout")


@pytest.mark.parametrize("where", ["switch=", "run=switch~"])
def test_a_link_with_too_many_changes_keeps_the_rest(where):
    changes = "*".join(f"{k}:lr:0.01" for k in range(1, 42))
    spec, problems = pg.Comparison.read_query(f"v=1&net=mlp&{where}{changes}")
    assert list(map(str, problems)) == ["the number of switches is 41, but must be from 0 to 40."]
    assert all(run.network.name == "mlp" and not run.switches for run in spec.runs)


@pytest.mark.parametrize(
    "fields, change, beginning",
    [
        ({"optimizer": "sgd"}, ("momentum", 0.5), "momentum is to change at step 3, but cannot in this training. This"),
        ({"optimizer": "adadelta"}, ("lr", 1e-6), "Adadelta: lr is 1e-06, but must be a number from 0.001 to 100"),
        ({}, ("dropout", 0.5), "dropout is to change at step 3, but cannot in this training. A net takes dropout"),
    ],
)
def test_changes_that_cannot_be_made_are_told_before_the_start(fields, change, beginning):
    spec = training(**fields).at(3, *change)
    assert pg.Training.from_query(spec.to_query()) == spec, "a link keeps what another optimizer could do"
    with pytest.raises(pg.ChoiceError) as problem:
        spec.check_switches()
    assert str(problem.value).startswith(beginning)


@pytest.mark.parametrize("name", pg.net_optimizers)
def test_what_can_be_changed_passes(name):
    spec = training(optimizer=name, regularizers=["dropout"]).at(5, "dropout", 0.3)
    for field, knob in changeable(type(spec.optimizer)).items():
        spec = spec.at(3, field, getattr(spec.optimizer, knob) if knob else 0.1)
    spec.check_switches()


def test_equal_specs_have_equal_keys_and_different_ones_do_not():
    keys = {training(epochs=k).key for k in (1, 2, 3)} | {training().at(k, "lr", 0.1).key for k in (1, 2)}
    assert len(keys) == 5 and training(epochs=2).key == training(epochs=2).key


@pytest.mark.parametrize(
    "fields, beginning",
    [
        ({"images": 3}, "images is 3, but must be a whole number from 500 to 60000"),
        ({"epochs": 0}, "epochs is 0"),
        ({"batch": 10_000}, "batch is 10000"),
        ({"validation": 0.9}, "validation is 0.9"),
        ({"precision": "float8"}, "precision is 'float8', but must be one of float32, bfloat16"),
        ({"network": pg.activations["relu"]()}, "net is ReLU(), but must be one of softmax, mlp"),
        ({"optimizer": pg.optimizers["newton"]()}, "optimizer is Newton("),
        (
            {"regularizers": (pg.regularizers["l2"](), pg.regularizers["l2"]())},
            "regularize holds l2 2 times, but may hold each once",
        ),
        ({"augmentations": (3,)}, "augment is 3, but must be one of flip"),
        ({"switches": [Switch(step=k, field="lr", value=0.1) for k in range(1, 42)]}, "the number of switches is"),
    ],
)
def test_wrong_fields_are_refused_in_one_sentence(fields, beginning):
    with pytest.raises(pg.ChoiceError) as problem:
        pg.Training(**fields)
    text = str(problem.value)
    assert text.startswith(beginning) and text.endswith(".") and "\n" not in text


@pytest.mark.parametrize(
    "query, fragment",
    [
        ("epochs=99999", "epochs is 99999"),
        ("net=nothing", "network is 'nothing'"),
        ("net=mlp,depth:3", "has a knob called 'depth'"),
        ("regularize=l2*nothing", "regularizer is 'nothing'"),
        ("regularize=l2*l2", "holds l2 2 times"),
        ("switch=3:speed:1", "switch is '3:speed:1'"),
        ("switch=0:lr:1", "switch: step is 0"),
        ("switch=3:lr:100", "switch: lr is 100"),
        ("colour=red", "a part called 'colour'"),
        ("v=7", "version"),
        ("epochs=2&epochs=3", "occurs 2 times"),
        ("run=optimizer~adam&run=x&run=&run=&run=", "number of runs"),
        ("run=colour~red", "run has a part called 'colour'"),
        ("run=optimizer~adam~epochs", "name~text"),
        ("x=" + "y" * 20_000, "characters"),
    ],
)
def test_a_bad_link_says_one_sentence_and_the_rest_is_used(query, fragment):
    spec, problems = pg.Comparison.read_query("seed=5&" + query)
    assert problems and any(fragment in str(problem) for problem in problems), problems
    assert spec.runs[0].seed == 5 or "characters" in fragment
    with pytest.raises(pg.ChoiceError):
        pg.Comparison.from_query("seed=5&" + query)


def test_a_switch_replaces_one_of_the_same_step():
    spec = pg.Training().at(5, "lr", 0.1).at(5, "lr", 0.2).at(3, "momentum", 0.5)
    assert spec.switches == (Switch(step=3, field="momentum", value=0.5), Switch(step=5, field="lr", value=0.2))
    assert spec.origin.switches == spec.switches[:1] and spec.origin.origin == pg.Training()
    assert set(live) == {"lr", "momentum", "weight_decay", "dropout"}


def test_more_than_four_runs_are_refused():
    with pytest.raises(pg.ChoiceError, match="number of runs is 5"):
        pg.Comparison(runs=(pg.Training(),) * (MOST_RUNS + 1))
    with pytest.raises(pg.ChoiceError, match="only"):
        pg.Comparison(runs=(3,))


def test_names_in_links_are_those_of_the_parts():
    links = [field.link for field in pg.Training.fields().values()]
    assert len(set(links)) == len(links) and [name for name, _ in pg.Training().pairs()] == links
