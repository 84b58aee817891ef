"""The optimizers of torch.optim and pytorch_optimizer as racers, computed in a process of their own."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch

import playground as pg
from pages.ui import page_cache
from playground.__main__ import catalogue
from playground.choices.optimizers.ecosystem import LIBRARIES, describe
from playground.engine import process
from playground.engine.race import problem_of
from playground.engine.training.plain_data import Draws
from playground.jobs import Job, Lost, Processes
from playground.specs import MOST_QUERY, MOST_RACERS
from playground.specs.race import offered

ROOT = Path(__file__).parents[1]
ALONE = {name: cls for name, cls in pg.optimizers.items() if cls.alone}
OURS = {name: cls for name, cls in pg.optimizers.items() if not cls.alone}
START = (0.9, -1.3)
KNOBS = {"po_sara": {"threshold": 0.95}}  # it moves small weights only


def racer(name, schedule="constant", **knobs):
    return pg.Racer(optimizer=pg.optimizers[name](**knobs), schedule=pg.schedules[schedule]())


def race(*racers, **more):
    more = {"surface": pg.surfaces["bowl"](condition=4.0, rotation=30.0), "starts": (START,), "steps": 20} | more
    return pg.Race(racers=racers, **more)


# -- the lists ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.group)
def test_the_file_is_what_the_installed_library_has(library):
    entries = library.read()
    assert describe(library, entries) == entries, f"renew it: write(describe({library.group}, read()))"
    lines = library.file.read_text().splitlines()
    assert [line.split('"')[1] for line in lines[1:-1]] == sorted(entries, key=str.lower)
    unable = library.unable("{source} of {library} cannot race here: {why}.")
    names = [library.name(source) for source in entries if source not in unable]
    assert [name for name, cls in ALONE.items() if cls.library is library] == names
    assert all(str(sentence) in catalogue() for sentence in unable.values())
    for source, sentence in unable.items():
        assert pg.optimizers.refused[library.name(source)] == sentence and str(sentence).endswith(".")
        assert pg.Race.read_query(f"v=1&racer={library.name(source)}")[1] == [sentence]


def test_every_optimizer_of_torch_is_there():
    kinds = [item for item in vars(torch.optim).values() if isinstance(item, type)]
    names = {kind.__name__ for kind in kinds if issubclass(kind, torch.optim.Optimizer)} - {"Optimizer"}
    assert names == {cls.source for cls in ALONE.values() if cls.group == "torch.optim"} and len(names) >= 15


def test_the_menu_has_ours_first_and_labels_that_differ():
    assert list(pg.optimizers) == [*OURS, *ALONE]
    labels = [cls.label for cls in pg.optimizers.values()]
    assert len(set(labels)) == len(labels)
    for group in ("torch.optim", "pytorch_optimizer"):
        assert any(cls.group == group for cls in ALONE.values())


@pytest.mark.parametrize("name", ALONE)
def test_text_of_the_class(name):
    cls = ALONE[name]
    assert cls.summary().endswith(".") and "Formula:" in cls.__doc__ and cls.reference in cls.__doc__
    for field, knob in cls.knobs().items():
        assert knob.help or knob.label, field
    code = cls().code()
    compile(code, name, "eval")
    assert code.startswith(f"{cls.group}.{cls.source}(")


def test_a_link_holds_the_largest_field_of_them():
    longest = sorted(ALONE, key=lambda name: -len(racer(name).to_text()))[:MOST_RACERS]
    spec = race(*map(racer, longest))
    assert pg.Race.from_query(spec.to_query()) == spec and len(spec.to_query()) < MOST_QUERY


# -- what they compute -------------------------------------------------------------------------------------------------


def directly(optimizer, spec):
    """The losses of a library's optimizer on the surface, by autograd, in this process."""
    seed = problem_of(spec).seed
    kind = torch.float32 if optimizer.single else torch.float64
    torch.set_default_dtype(kind)
    start = torch.tensor(spec.starts[0])
    point = torch.nn.Parameter(start.view(1, 2) if optimizer.row else start)
    net = torch.nn.Module()
    net.place, point.grad = point, torch.zeros_like(point)
    value = spec.derived().value_function("torch")
    losses = []

    def closure(graph=False):
        where = point if graph else point.detach().clone().requires_grad_()  # some hang hooks on the point itself
        with torch.enable_grad():
            loss = value(*where.view(2))[0]
            (point.grad,) = torch.autograd.grad(loss, where, create_graph=graph)
        return loss

    with Draws(seed, torch.device("cpu")):
        torch_optimizers = optimizer.make(net, [point])
        for torch_optimizer in torch_optimizers:
            if hasattr(torch_optimizer, "train"):
                torch_optimizer.train()
        for _ in range(spec.steps):
            losses.append(_answer_loss(torch_optimizers, value, point))
            _step(torch_optimizers, optimizer.feed, closure, point)
        losses.append(_answer_loss(torch_optimizers, value, point))
    return np.array(losses)


def _answer_loss(torch_optimizers, value, point):
    """The loss at what the optimizers mean as their answer."""
    averaging = [
        torch_optimizer
        for torch_optimizer in torch_optimizers
        if hasattr(torch_optimizer, "eval") and torch_optimizer.state
    ]
    saved_point = point.detach().clone()
    for torch_optimizer in averaging:
        torch_optimizer.eval()
    loss = value(*point.detach().view(2))[0].item()
    for torch_optimizer in averaging:
        torch_optimizer.train()
    with torch.no_grad():
        point.copy_(saved_point)
    return loss


def _step(torch_optimizers, feed, closure, point):
    (torch_optimizer,) = torch_optimizers
    if feed == "gradient":
        closure()
        torch_optimizer.step()
    elif feed == "sparse":
        closure()
        point.grad = point.grad.to_sparse()
        torch_optimizer.step()
    elif feed == "loss":
        loss = closure()
        torch_optimizer.step(lambda: loss.item())
    elif feed == "closure":
        torch_optimizer.step(closure)
    elif feed == "gradient and closure":
        closure()
        torch_optimizer.step(closure)
    elif feed == "pair":
        torch_optimizer.step(lambda: (None, closure()))
    elif feed == "graph":
        closure(graph=True)
        torch_optimizer.step()
    elif feed == "backward":
        closure()
        slope, point.grad = point.grad, None
        with torch.enable_grad():
            torch_optimizer.fused_backward((point * slope).sum(), torch_optimizer.param_groups[0]["lr"])
    else:
        gradient = point.grad
        closure()
        point.grad = point.grad if gradient is None else point.grad + gradient
        torch_optimizer.step()


@pytest.fixture
def default_type():
    before = torch.get_default_dtype()
    yield
    torch.set_default_dtype(before)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ALONE)
def test_it_takes_the_steps_that_the_library_takes(name, default_type):
    spec = race(racer(name, **KNOBS.get(name, {})))
    record = pg.run(spec)
    assert record.ends[0][0] == "ran", record.sentences
    limit = 1e-3 if ALONE[name].single else 1e-9
    np.testing.assert_allclose(record.losses[0, 0], directly(spec.racers[0].optimizer, spec), rtol=limit, atol=1e-14)
    assert np.ptp(record.losses[0, 0]) > 0
    for state in record.states[0].values():
        assert state.shape == (1, 21, 2)


TWINS = {  # ours -> torch's, and how its knobs are called
    "sgd": ("to_sgd", {}),
    "momentum": ("to_sgd", {"momentum": "rho"}),
    "adagrad": ("to_adagrad", {"eps": "epsilon"}),
    "nesterov": ("to_sgd", {"momentum": "rho"}),
    "rmsprop": ("to_rmsprop", {"alpha": "rho", "eps": "epsilon"}),
    "adadelta": ("to_adadelta", {"rho": "rho", "eps": "epsilon"}),
    "adam": ("to_adam", {"beta1": "beta1", "beta2": "beta2", "eps": "epsilon"}),
    "adamw": ("to_adamw", {"beta1": "beta1", "beta2": "beta2", "eps": "epsilon", "weight_decay": "weight_decay"}),
    "adamax": ("to_adamax", {"beta1": "beta1", "beta2": "beta2", "eps": "epsilon"}),
    "nadam": ("to_nadam", {"beta1": "beta1", "beta2": "beta2", "eps": "epsilon", "momentum_decay": "momentum_decay"}),
    "radam": ("to_radam", {"beta1": "beta1", "beta2": "beta2", "eps": "epsilon"}),
    "rprop": ("to_rprop", {"eta1": "shrink", "eta2": "grow", "step_size1": "smallest", "step_size2": "largest"}),
}


@pytest.mark.parametrize("name", TWINS)
@pytest.mark.parametrize("surface", ["rosenbrock", "himmelblau"])
def test_torch_takes_the_steps_of_our_rules(name, surface):
    """With a schedule, noise and central differences; the two sums of a decay differ in their last bits."""
    twin, called = TWINS[name]
    rate = 1e-4 if pg.optimizers[name].group == "first order" else 1e-2
    ours = pg.optimizers[name](lr=rate)
    knobs = {theirs: getattr(ours, own) for theirs, own in called.items()}
    knobs |= {"nesterov": True} if name == "nesterov" else {}
    schedule = "constant" if name == "rprop" else "cosine"  # no schedule reaches torch's strides
    spec = race(
        pg.Racer(optimizer=ours, schedule=pg.schedules[schedule]()),
        racer(twin, schedule, lr=rate, **knobs),
        surface=pg.surfaces[surface](),
        steps=200,
        noise=0.3,
        gradient=pg.gradients["central"](),
        penalty=pg.penalties["weight_decay"](),
    )
    record = pg.run(spec)
    np.testing.assert_allclose(record.positions[1], record.positions[0], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(record.gradients[1], record.gradients[0], rtol=1e-6, atol=1e-6)
    for part in ("rates", "evaluations", "lengths"):
        np.testing.assert_array_equal(getattr(record, part)[1], getattr(record, part)[0], part)


def test_states_have_the_names_and_values_that_the_library_gives_them():
    record = pg.run(race(racer("adam", lr=0.05), racer("to_adam", lr=0.05), racer("po_lookahead")))
    ours, theirs, wrapped = record.states
    assert set(theirs) == {"exp_avg", "exp_avg_sq"}
    assert np.isnan(theirs["exp_avg"][0, 0]).all()  # it has none before its first step
    np.testing.assert_allclose(theirs["exp_avg"][0, 1:], ours["m"][0, 1:], rtol=1e-12)
    np.testing.assert_allclose(theirs["exp_avg_sq"][0, 1:], ours["v"][0, 1:], rtol=1e-12)
    assert set(wrapped) >= {"slow_params", "exp_avg"}


def test_the_answer_of_an_average_is_what_is_shown():
    record = pg.run(race(racer("po_schedulefreeadamw", lr=0.1), steps=50))
    value = pg.surfaces["bowl"](condition=4.0, rotation=30.0).derived().gradient_function("numpy")
    loss, gx, _ = value(*record.positions[0, 0].T)
    np.testing.assert_allclose(record.losses[0, 0], loss, rtol=1e-12)
    assert np.abs(record.gradients[0, 0, 5:, 0] - gx[5:]).max() > 1e-3  # the gradient is taken elsewhere


@pytest.mark.parametrize("name", ["po_sam", "to_lbfgs", "po_gsam", "po_bsam"])
def test_closures_are_counted(name):
    spec = race(racer(name))
    counts = pg.run(spec).evaluations[0, 0]
    assert counts[0] == 0 and counts[-1] > 20 and (np.diff(counts) >= 1).all()
    central = pg.run(race(racer(name), gradient=pg.gradients["central"]()))
    assert central.evaluations[0, 0, 1] == 4 * counts[1]


@pytest.mark.parametrize("surface", list(pg.surfaces))
def test_all_of_them_run_on_every_surface(surface, whole):
    names = list(ALONE) if whole else list(ALONE)[list(pg.surfaces).index(surface) % 5 :: 5]  # each on six surfaces
    for i in range(0, len(names), MOST_RACERS):
        spec = race(*map(racer, names[i : i + MOST_RACERS]), surface=pg.surfaces[surface](), starts=(), steps=10)
        record = pg.run(spec)
        for r, ends in enumerate(record.ends):
            assert ends[0] in ("ran", "stopped", "diverged"), record.sentences[r]
            assert np.isfinite(record.positions[r, 0, : record.lengths[r, 0]]).all()
            assert str(record.sentences[r][0]).endswith(".") and not str(record.sentences[r][0]).endswith("..")


@pytest.mark.parametrize("name", ["po_adahessian", "po_sophiah"])
def test_a_slope_that_is_a_number_can_be_differentiated_again(name):
    flat = pg.surfaces["formula"](text="x + y**2")
    record = pg.run(race(racer(name), surface=flat, starts=(), steps=10))
    assert record.ends == (("ran",),), record.sentences


def test_several_starts_are_several_runs():
    starts = [(0.9, -1.3), (-0.5, 1.0)]
    together = pg.run(race(racer("po_sgdp", lr=0.1), starts=starts))
    for i, start in enumerate(starts):
        apart = pg.run(race(racer("po_sgdp", lr=0.1), starts=[start]))
        np.testing.assert_array_equal(together.positions[0, i], apart.positions[0, 0])


# -- the process -------------------------------------------------------------------------------------------------------


def arrays(record):
    return [getattr(record, name) for name in ("positions", "losses", "gradients", "evaluations")]


def test_the_same_race_has_the_same_bytes_also_in_a_new_process():
    """Of several optimizers, because a new process is seconds of loading torch."""
    names = ("po_vsgd", "po_sophiah", "po_bsam", "to_adam")
    specs, others = ([race(racer(name), noise=0.1, seed=seed) for name in names] for seed in (3, 4))
    first = [pg.run(spec) for spec in specs]
    different = [pg.run(spec) for spec in others]
    process.TORCH.close()
    for name, record, spec, other in zip(names, first, specs, different):
        for array, again in zip(arrays(record), arrays(pg.run(spec))):
            np.testing.assert_array_equal(array, again, name)
        assert not np.array_equal(record.gradients, other.gradients), name


def test_a_lost_process_costs_its_race_only():
    pg.run(race(racer("to_sgd")))
    long = race(racer("to_lbfgs", max_iter=1, tolerance_grad=1e-30, tolerance_change=1e-30), racer("sgd"), steps=5000)
    records = []
    thread = threading.Thread(target=lambda: records.append(pg.run(long)))
    thread.start()
    time.sleep(0.15)
    process.TORCH.children[0].process.kill()
    thread.join(60)
    (record,) = records
    assert record.ends[0] == ("failed",) and record.ends[1] == ("ran",)
    assert str(record.sentences[0][0]) == (
        "Failed after step 0: the process that computes with torch ended unexpectedly; "
        "the next race begins with a new one."
    )
    assert pg.run(race(racer("to_sgd"))).ends == (("ran",),)


def test_what_takes_too_long_is_ended():
    fresh = Processes(process.MODULE)
    spec = race(racer("to_adam"), steps=5000)
    optimizer, problem = spec.racers[0].optimizer, problem_of(spec)
    try:
        assert process.paths(optimizer, problem, np.array([START]), [1.0], fresh)[0].stop is None
        with pytest.raises(Lost, match="took longer than 0 seconds"):
            fields = {"expression": problem.derived.expression, "source": "exact", "steps": 5000, "noise": None}
            fields |= {"window": problem.window, "decay": 0.0, "seed": 0}
            question = process.Question("to_adam", fields, [list(START)], [1.0] * 5000)
            fresh.run(Job(work=process.walks, arguments=(question,), seconds=0.05))
        assert fresh.children[0].process is None
    finally:
        fresh.close()


def test_settings_that_a_library_refuses_are_one_sentence():
    (sentence,) = map(str, pg.run(race(racer("to_sgd", nesterov=True))).sentences[0])
    assert sentence.startswith("Stopped after step 0: SGD of torch.optim refuses its settings: Nesterov")
    assert sentence.count(".") == 2 and sentence.endswith(".")


def test_threads_share_the_process():
    specs = [race(racer("to_adam", lr=0.01 * (i + 1))) for i in range(6)]
    records = {}
    threads = [threading.Thread(target=lambda s=s: records.update({s.key: pg.run(s)})) for s in specs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for spec in specs:
        for array, again in zip(arrays(records[spec.key]), arrays(pg.run(spec))):
            np.testing.assert_array_equal(array, again)


def test_it_is_only_started_for_those_who_need_it_and_ends_with_the_app():
    code = """
import sys
import playground as pg
from playground.__main__ import catalogue
from playground.engine import process
pg.run(pg.Race(steps=5))
assert process.TORCH.children[0].process is None
pg.run(pg.Race(racers=[pg.Racer(optimizer=pg.optimizers["to_adam"]())], steps=5))
assert "torch" not in sys.modules
print(process.TORCH.children[0].process.pid, flush=True)
import os
os._exit(0)
"""
    process = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert process.returncode == 0, process.stderr
    pid = int(process.stdout)
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    pytest.fail("the process outlived the app")


# -- where a path at a time is too slow --------------------------------------------------------------------------------


def test_a_question_of_thousands_of_paths_is_not_for_them():
    Crowd = pg.Robustness
    assert offered(Crowd) == list(OURS)
    with pytest.raises(pg.ChoiceError, match=r"racer is Adam .torch.optim. of torch.optim, but must be one of our own"):
        Crowd.of(racers=(racer("to_adam"),))
    mixed = pg.Race(racers=(racer("to_adam"), racer("adam")))
    assert [racer.optimizer.name for racer in Crowd.of(mixed).race.racers] == ["adam"]
    assert Crowd.of(pg.Race(racers=(racer("to_adam"),))).race.racers == pg.Race().racers
    crowd, problems = Crowd.read_query(mixed.to_query())
    assert [racer.optimizer.name for racer in crowd.race.racers] == ["adam"] and len(problems) == 1


def test_what_is_shown_of_a_lost_race_goes_with_it(monkeypatch):
    """The key of a race and of its steps stays the same when it is computed again."""
    spec = race(racer("to_sgd", lr=0.0123))

    def ask(*_):
        raise Lost

    monkeypatch.setattr(process.TORCH, "run", ask)
    lost = page_cache.record(spec)
    assert lost.ends == (("failed",),) and b"Failed" in page_cache.payload(lost)
    assert page_cache.inspected_step(spec, 0, 3, 0).step == -1
    monkeypatch.undo()
    record = page_cache.record(spec)
    assert record.ends == (("ran",),) and b"Failed" not in page_cache.payload(record)
    assert page_cache.inspected_step(spec, 0, 3, 0).step == 3
