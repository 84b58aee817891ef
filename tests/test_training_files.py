"""Trainings as figures and files."""

import csv
import io
import math
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import playground as pg
from playground.engine.training.collect import collect
from playground.engine.training.trainer import Trainer
from playground.export import training as files
from playground.presets.training import TRAININGS, training
from playground.record import ComparisonRecord
from playground.runs.store import SHIPPED, Store
from playground.view.training_figure import BAND, training_figure
from tests.test_training import BUSY, DATA, SMALL


@pytest.fixture(scope="module")
def records():
    wild = training(SMALL, optimizer=("sgd", {"lr": 10.0}), initializer="large_normal")
    return [trained(BUSY.at(9, "lr", 0.001), DATA), trained(wild, DATA)]


def trained(spec, data=None, threads=1):
    trainer = Trainer(spec, data=data, threads=threads)
    events = list(trainer.events())
    return collect(events, trainer.weights())


LABELS = ("Adam", "SGD")


def beside(records):
    """The records as those of a comparison."""
    return ComparisonRecord(key="0" * 32, query="", labels=LABELS[: len(records)], runs=tuple(records))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("count", [1, 2])
def test_the_figure_shows_every_curve(records, theme, count):
    figure = training_figure(beside(records[:count]), theme)
    loss, accuracy, rate, layers = figure.axes
    names = [line.get_label() for line in loss.get_lines()]
    assert "Adam, training" in names and "Adam, validation" in names and "Adam, averaged" in names
    curve = next(line for line in accuracy.get_lines() if line.get_label() == "Adam, validation")
    assert curve.get_ydata().tolist() == records[0].validations["accuracy"].tolist()
    assert layers.get_title("left") == "update / weight" and len(rate.get_lines()) == count
    assert loss.get_ylim()[1] < 10, "a diverged run does not squeeze the others"
    text = " ".join(artist.get_text() for artist in figure.texts)
    assert "Patterns" in text and "net=mlp" in text


def test_pictures_hold_their_configuration(records):
    with Image.open(io.BytesIO(pg.draw(beside(records), "png"))) as picture:
        assert picture.size == (3200, 1800) and records[0].start.query in picture.info["Description"]
    assert pg.draw(beside(records)) == pg.draw(beside(records))


def test_the_table_has_a_row_for_every_step(records):
    lines = files.table(beside(records)).decode().splitlines()
    assert lines[0].startswith("# Adam:") and lines[1].startswith("# SGD:")
    rows = list(csv.DictReader(lines[2:]))
    assert len(rows) == sum(len(record.steps["loss"]) for record in records)
    ends = [row for row in rows if row["run"] == "Adam" and row["validation_loss"]]
    assert [int(row["step"]) for row in ends] == records[0].validations["step"].tolist()
    assert float(rows[0]["loss"]) == pytest.approx(float(records[0].steps["loss"][0]))


def test_the_arrays_come_back(records):
    with np.load(io.BytesIO(files.arrays(beside(records)))) as arrays:
        assert str(arrays["run0_query"]) == records[0].start.query and arrays["labels"].tolist() == list(LABELS)
        assert (arrays["run0_probes_update_ratio"] == records[0].probes["update_ratio"]).all()
        assert str(arrays["run1_end"]).startswith("diverged")
        for name, weight in records[0].weights.items():
            assert (arrays[f"run0_weights_{name}"] == weight).all()


@pytest.mark.parametrize("preset", [preset for preset in TRAININGS if preset.stored], ids=lambda preset: preset.name)
def test_stored_runs_are_those_of_the_presets(preset, tmp_path):
    for spec in preset.comparison().runs:
        record = Store(tmp_path).record(spec)
        assert record is not None, f"{preset.name}: train it again with `python -m playground stored`"
        assert record.start.query == spec.to_query() and record.end.word == "finished"
        assert len(record.probes["step"]) > 5 and record.start.title == "Generated shapes"


def first_net(run):
    loss = run.steps["loss"]
    assert (np.diff(run.validations["loss"]) < 0).all() and loss[-10:].mean() < loss[:10].mean()
    spread, (low, high) = run.probes["activation_std"], BAND
    assert spread[-1, -1] > 2 * spread[0, -1] and (spread[-1, :-1] < 2 * spread[0, :-1]).all()
    assert ((low < run.probes["update_ratio"]) & (run.probes["update_ratio"] < high)).mean() > 0.75


def zero_init(zero, small, he):
    assert (zero.probes["gradient_norm"][:, :-1] == 0).all()
    for run in (zero, small):
        assert run.validations["loss"] == pytest.approx(math.log(10), abs=0.01)
    assert small.probes["activation_std"][0, 2] < 0.05 * small.probes["activation_std"][0, 0]
    assert he.validations["loss"][0] < 2.1 and he.validations["accuracy"][-1] > 0.5


def vanishing(sigmoid, tanh, relu):
    reach = [run.probes["gradient_norm"][:, 0] / run.probes["gradient_norm"][:, -1] for run in (sigmoid, tanh, relu)]
    assert (reach[0] < 1e-7).all() and (np.diff(np.log(sigmoid.probes["gradient_norm"]), axis=1) > 0).all()
    assert (reach[1] > 0.5).all() and (reach[2] > 0.5).all()
    assert sigmoid.validations["accuracy"][-1] < 0.15 < 0.3 < tanh.validations["accuracy"][-1]


def batch_norm(none, batch):
    spread = [run.probes["activation_std"][:, :-1] for run in (none, batch)]
    assert spread[0][0, -1] < 0.01 * spread[0][0, 0] and spread[1].min() > 0.3
    assert none.validations["accuracy"].max() < 0.15 and batch.validations["accuracy"][-1] > 0.35


def learning_rate(low, right, high):
    assert low.validations["loss"].min() > right.validations["loss"][-1] + 0.5
    assert high.validations["loss"].min() > math.log(10) - 0.01 or high.end.word == "diverged"
    ratios = [np.median(run.probes["update_ratio"][2:-1]) for run in (low, right)]
    assert 20 * ratios[0] < ratios[1] and BAND[0] < ratios[1] < BAND[1]


def optimizers(sgd, *others):
    for run in others:
        assert run.steps["loss"][0] == sgd.steps["loss"][0]
        assert run.validations["accuracy"][-1] > sgd.validations["accuracy"][-1] + 0.08


def gap(run):
    """Validation loss above training loss, after the last epoch."""
    return run.validations["loss"][-1] - run.steps["loss"][-run.start.steps_per_epoch :].mean()


def overfitting(plain, dropout, augmented):
    losses = plain.validations["loss"]
    assert plain.steps["loss"][-10:].mean() < 0.05 and losses[-1] > 1.15 * losses.min()
    assert 0 < gap(dropout) < gap(plain) / 2 and 0 < gap(augmented) < gap(plain) / 2


def spread(run):
    """Standard deviation of the training loss over the steps of the last epoch."""
    return run.steps["loss"][-run.start.steps_per_epoch :].std()


def schedules(constant, *falling):
    for run in falling:
        losses = run.validations["loss"]
        assert losses[-1] < constant.validations["loss"][-3:].mean() - 0.05 and losses[-1] < losses.min() + 0.03
        assert spread(run) < 0.8 * spread(constant)


def mixed_images(plain, crops, cutmix):
    trained = [run.steps["accuracy"][-run.start.steps_per_epoch :].mean() for run in (plain, crops, cutmix)]
    losses = plain.validations["loss"]
    assert trained[0] > 0.9 and losses[-1] > 1.05 * losses.min()
    assert gap(crops) < gap(plain) / 3 and gap(cutmix) < gap(plain) / 3
    assert trained[2] < cutmix.validations["accuracy"][-1] + 0.05 and trained[2] < trained[0] - 0.25


def averaging(run):
    own, average = run.validations["loss"], run.validations["average_loss"]
    assert (average < own).all() and (np.diff(average) < 0).all() and average[-1] < own[-1] - 0.05


CLAIMS = {
    "first-net": first_net, "zero-init": zero_init, "vanishing": vanishing, "batch-norm": batch_norm,
    "learning-rate": learning_rate, "optimizers": optimizers, "overfitting": overfitting, "schedules": schedules,
    "mixed-images": mixed_images, "averaging": averaging,
}  # fmt: skip


@pytest.mark.parametrize("preset", [preset for preset in TRAININGS if preset.stored], ids=lambda preset: preset.name)
def test_stored_runs_show_what_their_text_says(preset, tmp_path):
    CLAIMS[preset.name](*(Store(tmp_path).record(spec) for spec in preset.comparison().runs))


def seeds():
    """Every preset with seeds 0 to 9; at hand are the first seed of those whose runs are not stored."""
    for preset in TRAININGS:
        for seed in range(10) if preset.name in CLAIMS else ():
            often = seed == 0 and not preset.stored
            yield pytest.param(preset, seed, id=f"{preset.name}-{seed}", marks=() if often else pytest.mark.whole)


@pytest.mark.parametrize("preset, seed", list(seeds()))
def test_runs_of_a_preset_show_what_its_text_says(preset, seed):
    CLAIMS[preset.name](*(trained(replace(spec, seed=seed)) for spec in preset.comparison().runs))


def test_no_other_runs_are_stored():
    keys = {spec.key for preset in TRAININGS if preset.stored for spec in preset.comparison().runs}
    assert {path.name for path in SHIPPED.iterdir()} == keys
