"""The training engine: what it computes, that it repeats, that it goes on where it stopped, and what it says."""

import math
import random
import time
from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import playground as pg
from playground.choices.optimizers.networks import net_optimizers
from playground.choices.regularizers import Recipe
from playground.data.images import ImageSet
from playground.engine.training import evaluate, probes, train_state
from playground.engine.training.collect import collect
from playground.engine.training.diagnosis import Diagnosis
from playground.engine.training.objective import add_penalties, clip, outcome, penalty
from playground.engine.training.test_set import test as examine
from playground.engine.training.trainer import Trainer, train
from playground.jobs import Stopped, with_progress
from playground.presets.training import training
from playground.record import Change, End, Finding, Preparation, Probe, Samples, Start, Tick, Validation
from playground.runs.log import decode, log_of


def coloured(count=600, classes=10, seed=0):
    """Images whose class is written in the colours of a coarse pattern, with noise on top."""
    draws = np.random.default_rng(seed)
    patterns = draws.uniform(60, 200, (classes, 3, 4, 4))

    def part(n):
        labels = np.arange(n) % classes
        images = patterns[labels].repeat(8, 2).repeat(8, 3) + draws.normal(0, 40, (n, 3, 32, 32))
        return np.clip(images, 0, 255).astype(np.uint8), labels.astype(np.uint8)

    (images, labels), (test_images, test_labels) = part(count), part(200)
    names = tuple(f"pattern {k}" for k in range(classes))
    return ImageSet(
        title="Patterns", classes=names, images=images, labels=labels, test_images=test_images, test_labels=test_labels
    )


pytestmark = pytest.mark.cuda  # a trainer takes the GPU where there is one
DATA = coloured()
SMALL = training(
    network=("mlp", {"hidden": 1, "width": 32}),
    normalization="none",
    initializer="he_normal",
    images=600,
    batch=40,
    epochs=2,
    validation=0.2,
    schedule="constant",
    optimizer=("sgd", {"lr": 0.05}),
)
BUSY = training(
    SMALL,
    optimizer=("adam", {"lr": 0.003}),
    schedule="cosine",
    normalization="batch",
    regularizers=[("dropout", {"p": 0.2}), ("ema", {"decay": 0.9}), ("l2", {}), ("clip_norm", {"limit": 2.0})],
    augmentations=["flip", "crop", "mixup"],
)


def run(spec, **options):
    trainer = Trainer(spec, data=DATA, threads=1, **options)
    events = list(trainer.events())
    return trainer, events, collect(events, trainer.weights())


def of(events, kind):
    return [event for event in events if isinstance(event, kind)]


def same(first, second):
    """Two records agree in everything but times and the moments of ticks and probes."""
    for name in first.steps:
        assert first.steps[name].tobytes() == second.steps[name].tobytes(), name
    for name in ("loss", "accuracy", "average_loss", "confusion", "step", "probabilities"):
        assert first.validations[name].tobytes() == second.validations[name].tobytes(), name
    for name in first.weights:
        assert first.weights[name].tobytes() == second.weights[name].tobytes(), name


@pytest.mark.parametrize("spec", [SMALL, BUSY], ids=["small", "busy"])
def test_a_record_gives_its_events_back(spec):
    """All but preparations and earlier mistakes: through the log they make an equal record."""
    _, _, record = run(spec)
    again = collect(decode(log_of(record)), record.weights)
    same(record, again)
    assert again.end.sentence == record.end.sentence and again.start.query == record.start.query
    for columns in ("ticks", "validations", "probes"):
        for name, values in getattr(record, columns).items():
            np.testing.assert_array_equal(getattr(again, columns)[name], values, err_msg=name)
    for name in ("filters", "changes", "findings"):
        assert [event.step for event in getattr(again, name)] == [event.step for event in getattr(record, name)]


def test_a_training_learns_and_tells_it_in_order():
    _, events, record = run(replace(SMALL, epochs=6))
    kinds = [type(event) for event in events]
    first = kinds.index(Start)
    assert set(kinds[:first]) <= {Preparation} and kinds[first + 1] is Samples and kinds[-1] is End
    assert record.start.images == 480 and record.start.validation_images == 120
    assert record.start.steps == 72 and len(record.steps["loss"]) == 72
    assert record.end.word == "finished" and record.end.step == 72
    assert record.validations["step"].tolist() == [12, 24, 36, 48, 60, 72]
    assert record.validations["accuracy"][-1] > 0.8 > 3 * record.steps["accuracy"][0]
    assert record.ticks["step"][0] == 1, "the first point of the curve comes with the first step"
    assert record.ticks["epoch"][-1] == 6 and (record.ticks["rate"] == 0.05).all()
    assert (record.validations["confusion"].sum((1, 2)) == 120).all()
    assert record.samples.images.shape == (24, 32, 32, 3)
    assert record.start.parameters == sum(
        weight.size for name, weight in record.weights.items() if "running" not in name
    )


def test_the_first_loss_is_ln_10_for_small_weights():
    spec = training(SMALL, initializer="small_normal", epochs=1)
    start = of(run(spec)[1], Start)[0]
    assert start.initial_loss == pytest.approx(math.log(10), rel=0.02)


@pytest.mark.parametrize("spec", [SMALL, BUSY], ids=["small", "busy"])
def test_the_same_spec_gives_the_same_numbers_and_probes_do_not_change_them(spec):
    first, again, blind = (run(spec, probes=probes)[2] for probes in (True, True, False))
    same(first, again)
    same(first, blind)
    assert len(first.probes["step"]) and not len(blind.probes["step"])
    other = run(replace(spec, seed=1))[2]
    assert other.steps["loss"].tobytes() != first.steps["loss"].tobytes()


@pytest.mark.parametrize("at", [5, 12, 13])
@pytest.mark.parametrize("spec", [SMALL, BUSY], ids=["small", "busy"])
def test_it_goes_on_where_it_stopped(spec, at):
    straight = run(spec)[2]
    trainer = Trainer(spec, data=DATA, threads=1)
    events = []
    for event in trainer.events():
        events.append(event)
        if trainer.step >= at and trainer.settled:
            break
    later = Trainer(spec, data=DATA, threads=1)
    later.load(trainer.state())
    rest = list(later.events())
    assert not of(rest, Start) and later.step == trainer.train_state.steps
    same(straight, collect([*events, *rest], later.weights()))


def at_random(seed):
    """A small training of choices drawn from all registries."""
    draws = random.Random(seed)
    drawn = {
        field: draws.choice([*registry])
        for field, registry in (
            ("activation", pg.activations),
            ("normalization", pg.normalizations),
            ("initializer", pg.initializers),
            ("optimizer", net_optimizers),
            ("schedule", pg.schedules),
        )
    }
    several = {"regularizers": pg.regularizers, "augmentations": pg.augmentations}
    drawn |= {field: [name for name in registry if draws.random() < 0.4] for field, registry in several.items()}
    network = draws.choice([("mlp", {"width": 32}), ("convnetjs", {}), ("resnet", {"width": 4}), ("vgg", {"width": 4})])
    return training(SMALL, network=network, images=500, batch=100, seed=seed, **drawn)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_chosen_goes_on_twice_where_it_stopped(seed):
    spec = at_random(seed)
    straight, events, state = run(spec)[2], [], None
    for stop in (2, 5, math.inf):
        trainer = Trainer(spec, data=DATA, threads=1)
        if state:
            trainer.load(state)
        for event in trainer.events():
            events.append(event)
            if trainer.step >= stop and trainer.settled:
                break
        state = trainer.state()
    assert len(of(events, Start)) == 1 and events[-1].word in ("finished", "early", "diverged")
    same(straight, collect(events, trainer.weights()))


def test_a_change_while_it_trains_is_the_spec_with_a_switch():
    base = training(BUSY, optimizer=("nesterov", {"lr": 0.05}), schedule="constant", epochs=4)
    trainer = Trainer(base, data=DATA, threads=1)
    events = []
    for event in trainer.events():
        events.append(event)
        if trainer.step >= 10 and trainer.settled:
            break
    at = trainer.step + 1
    spec = base.at(at, "lr", 0.001).at(at, "dropout", 0.6).at(at + 7, "momentum", 0.5)
    straight = run(spec)[2]
    changes = [(change.step, change.field) for change in straight.changes]
    assert changes == [(at - 1, "dropout"), (at - 1, "lr"), (at + 6, "momentum")]
    assert spec.origin == base.at(at, "lr", 0.001).at(at, "dropout", 0.6)
    forked = Trainer(spec, data=DATA, threads=1)
    forked.load(trainer.state())
    same(straight, collect([*events, *forked.events()], forked.weights()))
    unchanged = run(base)[2]
    assert unchanged.steps["loss"][: at - 1].tobytes() == straight.steps["loss"][: at - 1].tobytes()
    assert unchanged.steps["loss"][at:].tobytes() != straight.steps["loss"][at:].tobytes()


def test_weights_and_batches_are_the_same_for_every_optimizer_and_regularizer():
    first = [
        run(training(SMALL, **fields))[2].steps["loss"][0]
        for fields in (
            {},
            {"optimizer": "adam"},
            {"regularizers": ["l2", "early_stopping", "ema"]},
            {"schedule": "cosine"},
        )
    ]
    assert len(set(first)) == 1


def test_a_loss_that_is_no_number_ends_the_run_with_step_and_layer():
    spec = training(SMALL, optimizer=("sgd", {"lr": 10.0}), initializer="large_normal", epochs=5)
    end = run(spec)[1][-1]
    assert end.word == "diverged" and end.step < 60 and end.layer in ("fc1", "scores")
    assert f"at step {end.step} " in str(end.sentence) and end.layer in str(end.sentence)
    steps = run(spec)[2].steps["loss"]
    assert np.isfinite(steps[: end.step - 1]).all() and not np.isfinite(steps[end.step - 1])


@pytest.mark.parametrize("index", [0, 1, 2, 3])
def test_the_layer_in_which_it_began_is_told(index):
    """With weights that are finite, and from which the numbers run over in the first step."""
    trainer = Trainer(training(SMALL, network=("mlp", {"hidden": 3, "width": 16})), data=DATA, threads=1)
    for event in trainer.events():
        if isinstance(event, Samples):
            with torch.no_grad():
                trainer.train_state.net.stages[index].weight.weight.fill_(3e38)
    assert (event.word, event.step, event.layer) == ("diverged", 1, ("fc1", "fc2", "fc3", "scores")[index])


def test_early_stopping_keeps_the_best_weights():
    spec = training(
        SMALL,
        optimizer=("adam", {"lr": 0.02}),
        epochs=40,
        images=500,
        regularizers=[("early_stopping", {"patience": 3})],
    )
    trainer, _, record = run(spec)
    losses = record.validations["loss"]
    best = int(losses.argmin())
    assert record.end.word == "early" and len(losses) == best + 4
    assert record.end.best_step == record.validations["step"][best]
    trainer.train_state.net.load_state_dict({name: torch.from_numpy(weight) for name, weight in record.weights.items()})
    assert trainer.train_state.score(1000).loss == pytest.approx(losses[best], rel=1e-6)


def test_a_validation_that_is_no_number_is_never_the_best():
    spec = training(SMALL, regularizers=[("early_stopping", {"patience": 2})])
    trainer = Trainer(spec, data=DATA, threads=1)
    next(event for event in trainer.events() if isinstance(event, Start))
    ended = []
    for trainer.step, loss in ((12, math.nan), (13, 2.0), (14, math.nan), (15, 3.0)):
        ended.append(trainer._remember(loss))
    assert (trainer.best_loss, trainer.best_step) == (2.0, 13)
    assert ended[:3] == [None] * 3 and ended[3].word == "early"


@pytest.mark.parametrize("name", ["ema", "polyak"])
def test_averaged_weights_are_the_average(name):
    knobs = {"ema": {"decay": 0.5}, "polyak": {"start": 0.5}}[name]
    spec = training(SMALL, epochs=1, regularizers=[(name, knobs)])
    trainer = Trainer(spec, data=DATA, threads=1)
    events = trainer.events()
    next(event for event in events if isinstance(event, Start))
    train_state, weights_by_step = trainer.train_state, []
    begin = next(train_state.net.parameters()).detach().clone()
    update = train_state.averaged.update

    def watched(step):
        weights_by_step.append(next(train_state.net.parameters()).detach().clone())
        update(step)

    train_state.averaged.update = watched
    list(events)
    assert len(weights_by_step) == 12
    if name == "polyak":
        expected = torch.stack(weights_by_step[6:]).mean(0)
    else:
        expected = begin
        for k, weights_now in enumerate(weights_by_step, 1):
            keep = min(0.5, (1 + k) / (10 + k))
            expected = weights_now * (1 - keep) + expected * keep
    assert torch.allclose(train_state.averaged.mean[0], expected, atol=1e-6)
    record = of(list(train(spec, data=DATA, threads=1)), Validation)[-1]
    assert math.isfinite(record.average_loss) and record.average_loss != record.loss


def test_penalties_are_the_gradient_of_the_penalised_loss():
    w = torch.nn.Parameter(torch.tensor([[0.5, -2.0], [0.0, 1.0]]))
    recipe = Recipe(l1=0.3, l2=0.7)
    w.grad = torch.zeros_like(w)
    add_penalties([w], recipe)
    twin = w.detach().clone().requires_grad_()
    (0.3 * twin.abs().sum() + 0.35 * (twin**2).sum()).backward()
    assert torch.allclose(w.grad, twin.grad)
    assert penalty([w], recipe).item() == pytest.approx(0.3 * 3.5 + 0.35 * 5.25)


@pytest.mark.parametrize("name", ["l1", "l2", "elastic_net"])
def test_who_searches_along_a_line_sees_the_loss_that_the_gradient_belongs_to(name):
    spec = training(SMALL, optimizer="lbfgs", activation="tanh", regularizers=[(name, {"strength": 0.5})])
    trainer = Trainer(spec, data=DATA, threads=1)
    next(event for event in trainer.events() if isinstance(event, Start))
    train_state, pairs = trainer.train_state, []

    def step(t, factor, closure):
        weight, losses = train_state.matrices[0], []
        direction = weight.detach().sign()
        closure()
        slope = (weight.grad * direction).sum().item()
        for to in (1e-3, -2e-3):
            weight.data.add_(direction, alpha=to)
            losses.append(closure().item())
        pairs.append(((losses[0] - losses[1]) / 2e-3, slope))

    train_state.stepper.step = step
    train_state.update(1, train_state.index(1), None)
    ((measured, slope),) = pairs
    assert measured == pytest.approx(slope, rel=0.02)


def test_clipping():
    first, second = (torch.nn.Parameter(torch.zeros(2)) for _ in range(2))
    first.grad, second.grad = torch.tensor([3.0, 0.0]), torch.tensor([0.0, -4.0])
    clip([first, second], Recipe(clip_norm=1.0))
    assert torch.allclose(first.grad, torch.tensor([0.6, 0.0])) and torch.allclose(
        second.grad, torch.tensor([0.0, -0.8])
    )
    clip([first, second], Recipe(clip_value=0.7))
    assert torch.allclose(second.grad, torch.tensor([0.0, -0.7]))
    clip([first, second], Recipe(clip_norm=5.0))
    assert torch.allclose(second.grad, torch.tensor([0.0, -0.7])), "a short gradient stays as it is"


def test_the_objective():
    scores, labels = torch.randn(6, 10), torch.arange(6)
    plain = outcome(scores, labels, None, 0.0)
    assert plain.objective is plain.loss or torch.equal(plain.objective, plain.loss)
    assert torch.allclose(plain.loss, F.cross_entropy(scores, labels))
    smooth = outcome(scores, labels, None, 0.1)
    assert torch.allclose(smooth.loss, plain.loss) and not torch.allclose(smooth.objective, plain.loss)
    mix = type("Mix", (), {"partner": torch.arange(6).flip(0), "share": torch.full((6,), 0.7)})
    mixed = 0.7 * F.cross_entropy(scores, labels) + 0.3 * F.cross_entropy(scores, labels.flip(0))
    assert torch.allclose(outcome(scores, labels, mix, 0.0).loss, mixed)


def test_a_probe_shows_the_step_itself():
    spec = training(SMALL, epochs=1)
    trainer = Trainer(spec, data=DATA, threads=1)
    before = None
    for event in trainer.events():
        if isinstance(event, Start):
            before = trainer.train_state.net.stages[0].weight.weight.detach().clone()
        if isinstance(event, Probe):
            probe = event
            break
    after = trainer.train_state.net.stages[0].weight.weight.detach()
    ratio = (after - before).norm() / before.norm()
    assert probe.step == 1 and probe.update_ratio[0] == pytest.approx(ratio.item(), rel=1e-5)
    assert probe.gradient_norm[0] == pytest.approx(((before - after) / 0.05).norm().item(), rel=1e-4)
    assert probe.activations.shape == (2, 64) and probe.activations.max() == 65535
    assert probe.total_norm >= probe.gradient_norm.max()
    assert probe.activation_range[0, 0] == 0 and 0 <= probe.dead[0] < 0.5 and probe.dead[1] == 0
    assert not trainer.train_state.net.stages[0].output._forward_hooks, "hooks live in the probed step only"


def test_a_probe_has_the_moments_of_every_layer():
    trainer, outputs = Trainer(training(SMALL, epochs=1), data=DATA, threads=1), {}

    def keeping(index):
        def keep(module, inputs, output):
            outputs.setdefault(index, output.detach())

        return keep

    for event in trainer.events():
        stages = () if isinstance(event, Preparation) else trainer.train_state.net.stages
        if isinstance(event, Start):
            before = [stage.weight.weight.detach().clone() for stage in stages]
            for index, stage in enumerate(stages):
                stage.output.register_forward_hook(keeping(index))
        if isinstance(event, Probe):
            break
    for index, stage in enumerate(stages):
        weight = stage.weight.weight.detach()
        tensors = {"activation": outputs[index], "gradient": (before[index] - weight) / 0.05, "weight": weight}
        for name, tensor in tensors.items():
            room = 0.05 if tensor.numel() > probes.SAMPLE else 1e-4  # of its standard deviation
            std, mean = (value.item() for value in torch.std_mean(tensor, correction=0))
            assert getattr(event, f"{name}_std")[index] == pytest.approx(std, rel=room), (name, index)
            assert getattr(event, f"{name}_mean")[index] == pytest.approx(mean, abs=room * std), (name, index)


def test_histograms():
    values = np.array([0.0, 0.0, 0.0, 1.0, math.nan, math.inf], np.float32)
    counts, ends = probes.histogram(values)
    assert ends.tolist() == [0, 1] and counts[0] == 65535 and counts[-1] == pytest.approx(65535 / 5, abs=1)
    flat, _ = probes.histogram(np.full(9, 2.5, np.float32))
    assert flat[0] == 65535 and flat[1:].sum() == 0
    wide, ends = probes.histogram(np.array([-3e38, 0.0, 3e38], np.float32))
    assert wide.sum() == 3 * 65535 and ends.tolist() == pytest.approx([-3e38, 3e38]), "a span beyond single precision"
    assert len(probes.sample(torch.zeros(128, 32, 32, 32))) <= probes.SAMPLE
    dead = torch.tensor([[0.0, 1.0], [0.0, 2.0]])
    assert probes.dead_share(dead) == 0.5
    assert probes.dead_share(dead.reshape(2, 2, 1, 1).expand(2, 2, 9, 9)) == 0.5
    assert probes.dead_share(dead[:1]).isnan(), "of one image nobody can tell"
    assert probes.dead_share(dead[:1].reshape(1, 2, 1, 1).expand(1, 2, 9, 9)) == 1


def test_confusion_and_mistakes():
    shares = torch.tensor([[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1]])
    labels = np.array([0, 0, 2], np.uint8)
    assert evaluate.confusion(shares, labels, 3).tolist() == [[1, 1, 0], [0, 0, 0], [1, 0, 0]]
    places, guesses, sure = evaluate.worst(shares, labels)
    assert places.tolist() == [1, 2] and guesses[0].tolist() == [1, 0, 2] and sure[0, 0] == pytest.approx(0.7)


@pytest.mark.parametrize("batch", [0, 8192, 1, 480])
def test_batches_of_any_size(batch):
    spec = training(SMALL, batch=batch, epochs=1, images=500)
    record = run(spec)[2]
    assert record.start.batch == {1: 1}.get(batch, min(batch or 400, 400))
    assert record.start.steps == (400 if batch == 1 else 1) and record.end.word == "finished"


@pytest.mark.parametrize("name", ["sgd", "lbfgs"])
def test_a_long_batch_goes_through_the_net_in_parts(name, monkeypatch):
    """The same gradient and outcome as at once, and no part that is much smaller than the others."""
    data = coloured(2600)
    # Each jump of L-BFGS takes differences 100 times further.
    optimizer = ("lbfgs", {"iterations": 2}) if name == "lbfgs" else name
    spec = training(SMALL, batch=0, images=2600, optimizer=optimizer, regularizers=["l2"], validation=0.2)

    def one_step(part):
        monkeypatch.setattr(train_state, "PART", part)
        trainer = Trainer(spec, data=data, threads=1)
        next(event for event in trainer.events() if isinstance(event, Start))
        sizes = []
        trainer.train_state.net.register_forward_hook(lambda net, inputs, output: sizes.append(len(output)))
        outcome = trainer.train_state.update(1, trainer.train_state.index(1), None)
        return sizes, outcome, trainer.train_state.weights()

    sizes, parts, weights = one_step(1000)
    whole_sizes, whole, expected = one_step(10_000)
    assert set(sizes) == {693, 694} and set(whole_sizes) == {2080}
    torch.testing.assert_close(tuple(parts), tuple(whole))
    torch.testing.assert_close(weights, expected, rtol=1e-3, atol=1e-5)


def test_who_asks_for_a_gradient_again_gets_that_of_the_same_images():
    spec = training(SMALL, optimizer="lbfgs", augmentations=["flip", "crop", "mixup"])
    trainer = Trainer(spec, data=DATA, threads=1)
    next(event for event in trainer.events() if isinstance(event, Start))
    losses = []
    trainer.train_state.stepper.step = lambda t, factor, closure: losses.extend(closure().item() for _ in range(3))
    for step in (1, 2):
        trainer.train_state.update(step, trainer.train_state.index(step), None)
    assert len(set(losses[:3])) == len(set(losses[3:])) == 1 and losses[0] != losses[3]


def test_every_image_is_seen_once_an_epoch():
    trainer = Trainer(SMALL, data=DATA, threads=1)
    next(event for event in trainer.events() if isinstance(event, Start))
    train_state = trainer.train_state
    indices = torch.cat([train_state.index(step) for step in range(1, 13)])
    assert sorted(indices.tolist()) == list(range(480))
    later = torch.cat([train_state.index(step) for step in range(13, 25)])
    assert sorted(later.tolist()) == list(range(480)) and later.tolist() != indices.tolist()


def test_a_schedule_by_epoch_moves_at_epochs():
    spec = training(SMALL, schedule=("step", {"every": 1, "gamma": 0.5}), schedule_by="epoch", epochs=3)
    ticks = run(spec)[2].ticks
    assert dict(zip(ticks["step"], ticks["rate"]))[12] == 0.05
    assert dict(zip(ticks["step"], ticks["rate"]))[24] == 0.025


def test_second_order_steps_see_one_function():
    spec = training(SMALL, optimizer="lbfgs", batch=0, epochs=6, regularizers=[("dropout", {"p": 0.3})])
    record = run(spec)[2]
    assert record.steps["loss"][-1] < record.steps["loss"][0]


def test_a_long_step_can_be_interrupted():
    calls = []

    def interrupted():
        calls.append(time.monotonic())
        return len(calls) > 3

    big = coloured(1500)
    spec = training(SMALL, batch=0, images=1500, validation=0.02)
    with pytest.raises(Stopped):
        list(Trainer(spec, data=big, interrupted=interrupted, threads=1).events())
    assert len(calls) == 4


def test_whitening_reaches_the_net_and_its_templates_are_led_back():
    spec = training(SMALL, network="softmax", preprocessing="zca", epochs=1)
    record = run(spec)[2]
    assert record.filters[0].pictures.shape == (10, 32, 32, 3) and record.end.word == "finished"


def test_the_test_part_is_scored_on_demand():
    _, _, record = run(replace(SMALL, epochs=4))
    result = examine(replace(SMALL, epochs=4), record.weights, data=DATA)
    assert result.confusion.sum() == 200 and result.accuracy > 0.7


def test_bfloat16_is_a_choice():
    start = of(run(replace(SMALL, precision="bfloat16", epochs=1))[1], Start)[0]
    assert start.precision == ("bfloat16" if torch.cpu._is_avx512_bf16_supported() else "float32")


def test_work_before_the_first_step_is_told_and_can_be_given_up():
    ended = []

    def work(progress):
        try:
            for k in range(200):
                progress("working", k / 200)
                time.sleep(0.01)
        finally:
            ended.append(True)

    reports = with_progress(work)
    first = next(reports)
    assert first.message == "working" and 0 < first.share < 0.5
    reports.close()
    for _ in range(100):
        if ended:
            break
        time.sleep(0.01)
    assert ended
    with pytest.raises(ZeroDivisionError):
        list(with_progress(lambda progress: 1 / 0))


# -- diagnosis -------------------------------------------------------------------------------------------------------


def findings(spec, **options):
    events = list(Trainer(spec, data=options.pop("data", DATA), threads=1, **options).events())
    return {finding.name: str(finding.sentence) for finding in of(events, Finding)}


def test_zero_weights_are_found_out():
    sentences = findings(training(SMALL, network=("mlp", {"hidden": 3, "width": 32}), initializer="zero", epochs=2))
    assert "nothing is learnt" in sentences["nothing learnt"] and "close to ln 10" in sentences["first loss"]


def test_large_weights_are_found_out():
    sentences = findings(training(SMALL, initializer="large_normal", epochs=1))
    assert "well above ln 10" in sentences["first loss"]
    assert "somewhat above ln 10" in findings(training(SMALL, epochs=1))["first loss"]


def test_saturation_and_fading_gradients_are_found_out():
    deep = training(SMALL, network=("mlp", {"hidden": 6, "width": 64}), activation="sigmoid", epochs=8)
    slow = findings(training(deep, initializer="small_normal"))
    assert "vanishing" in slow.get("gradients", "") or "No hidden layer" in slow.get("gradients", "")
    sure = findings(training(deep, activation="tanh", initializer="large_normal"))
    assert "saturated" in sure["saturated"]


def probe_of(gradients, dead=0.0):
    """A probe of a net whose layers have these root mean square gradients."""
    size = np.array(gradients, np.float32)
    nothing = {field.name: np.zeros_like(size) for field in fields(Probe)}
    nothing |= {"gradient_std": size, "dead": np.full_like(size, dead), "update_ratio": np.full_like(size, 1e-3)}
    return Probe(**nothing | {"step": 50, "seconds": 1.0, "total_norm": 1.0})


@pytest.mark.parametrize(
    "gradients, words, layer",
    [
        ([1e-7, 1e-5, 1e-2, 1.0], "vanishing towards the first layer: from 0.01 to 10⁻⁷", "fc1"),
        ([1e3, 1e1, 1e-1, 1.0], "exploding towards the first layer: from 0.1 to 1000", "fc1"),
        ([0.0, 0.0, 0.0, 1.0], "No hidden layer gets a gradient", "fc1"),
        ([1e-2, math.nan, 1e-2, 1.0], "", ""),
        ([1e-2, 0.5e-2, 1e-2, 1.0], "", ""),
    ],
)
def test_gradients_that_fade_or_grow_are_told_in_the_order_in_which_they_do(gradients, words, layer):
    diagnosis = Diagnosis()
    diagnosis.start_facts = {"layers": ["fc1", "fc2", "fc3", "scores"], "steps": 100, "classes": 10}
    gradient_findings = [
        finding for _ in range(3) for finding in diagnosis.probe(probe_of(gradients)) if finding.name == "gradients"
    ]
    assert [words in str(finding.sentence) for finding in gradient_findings] == [True] * bool(words)
    assert [finding.layer for finding in gradient_findings] == [layer] * bool(words)


def test_updates_of_weights_that_are_zero_have_no_measure():
    spec = training(SMALL, network="softmax", initializer="zero", epochs=1)
    trainer = Trainer(spec, data=DATA, threads=1)
    first, *_, last = of(list(trainer.events()), Probe)
    assert np.isnan(first.update_ratio).all() and 0 < last.update_ratio[0] < 1
    hidden = training(SMALL, network=("mlp", {"hidden": 3, "width": 32}), initializer="zero", epochs=20)
    assert "updates" not in findings(hidden), "what is at fault are the weights, not the learning rate"


def test_what_cannot_be_known_is_not_said():
    """A dense layer that has seen one image, and a residual block that was left out, are not dead."""
    alone = training(SMALL, network=("mlp", {"hidden": 2, "width": 32}), batch=1, epochs=1)
    assert "dead" not in findings(alone)
    skipping = training(
        SMALL,
        network=("resnet", {"width": 4, "blocks": 2}),
        activation="sigmoid",
        initializer="xavier_normal",
        regularizers=[("stochastic_depth", {"p": 0.95})],
        epochs=1,
    )
    trainer = Trainer(skipping, data=DATA, threads=1)
    events = []
    for event in trainer.events():
        trainer.next_probe = 0.0  # a look at every step
        events.append(event)
    assert any(np.isnan(probe.dead).any() and np.isnan(probe.gradient_norm).any() for probe in of(events, Probe))
    assert not {finding.name for finding in of(events, Finding)} & {"dead", "saturated"}


def noise():
    """Images without anything to learn but themselves."""
    draws = np.random.default_rng(3)
    return ImageSet(
        title="Noise",
        classes=DATA.classes,
        images=draws.integers(0, 255, (600, 3, 32, 32), np.uint8),
        labels=draws.integers(0, 10, 600).astype(np.uint8),
        test_images=DATA.test_images,
        test_labels=DATA.test_labels,
    )


def test_overfitting_is_found_out():
    sentences = findings(training(SMALL, optimizer=("adam", {"lr": 0.003}), epochs=10), data=noise())
    assert "overfitting" in sentences["overfitting"] and "since epoch" in sentences["overfitting"]


def test_too_high_a_rate_is_found_out():
    sentences = findings(training(SMALL, optimizer=("adam", {"lr": 1.0}), epochs=10), data=noise())
    assert "too high" in sentences["rate too high"]


def sentences_said(spec, data=DATA):
    """All that is ever said of a run that is looked into at every step, in order."""
    trainer, events = Trainer(spec, data=data, threads=1), []
    for event in trainer.events():
        trainer.next_probe = 0.0
        events += of([event], Finding)
    return [(event.name, str(event.sentence)) for event in events]


def test_a_run_that_ends_too_soon_is_found_out():
    sentence = findings(training(SMALL, optimizer=("sgd", {"lr": 0.002}), epochs=4))["still improving"]
    assert "more epochs would help" in sentence
    assert "still improving" not in findings(training(SMALL, optimizer=("adam", {"lr": 1.0}), epochs=4))


def test_a_net_that_is_held_back_is_found_to_underfit():
    draws = np.random.default_rng(0)
    labels = np.where(draws.random(1200) < 0.5, draws.integers(0, 10, 1200), np.arange(1200) % 10)
    data = replace(coloured(1200), labels=labels.astype(np.uint8))  # half of what is to be learned is chance
    spec = training(SMALL, images=1200, optimizer=("sgd", {"lr": 0.02}), epochs=12)
    held_back = dict(sentences_said(training(spec, regularizers=[("dropout", {"p": 0.8})]), data))
    assert "underfitting" in held_back and "underfitting" not in dict(sentences_said(training(spec, epochs=3), data))


def test_the_size_of_the_updates_is_judged():
    slow = [sentence for name, sentence in sentences_said(training(SMALL, optimizer=("sgd", {"lr": 1e-6}), epochs=5))
            if name == "updates"]  # fmt: skip
    assert len(slow) == 1 and "too low" in slow[0], "it is said once, and not taken back at the end"
    fast = dict.fromkeys(sentences_said(training(SMALL, optimizer=("adam", {"lr": 0.1}), epochs=5)))
    assert any(name == "updates" and "too high" in sentence for name, sentence in fast)
    assert "updates" not in dict(sentences_said(SMALL))


def test_changes_and_ticks_are_events_with_means():
    _, events, _ = run(SMALL.at(3, "lr", 0.01))
    for tick in of(events, Tick):
        assert tick.loss == pytest.approx(float(tick.losses.mean()), rel=1e-6)
    assert [change.value for change in of(events, Change)] == [0.01]


@pytest.mark.parametrize("name", ["polyak", "po_adahessian", "lbfgs", "muon"])
def test_optimizers_with_ways_of_their_own_train_stop_and_go_on(name):
    if name not in net_optimizers:
        pytest.fail(f"{name} is no trainer any more")
    spec = training(SMALL, optimizer=name, epochs=2)
    trainer, _, record = run(spec)
    assert record.end.word == "finished" and np.isfinite(record.validations["loss"]).all()
    result = examine(spec, record.weights, data=DATA)
    trainer.train_state.hold(DATA.test_images, DATA.test_labels)
    with trainer.train_state.answer():
        assert result.loss == trainer.train_state.score(200).loss
