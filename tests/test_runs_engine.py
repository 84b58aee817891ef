"""Runs with the real trainer: it goes on from a checkpoint as if nothing had happened, and survives without memory."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import playground as pg
from playground.engine import training as engine
from playground.record import Tick
from playground.runs import local
from playground.runs.execution import Execution, Terms
from playground.runs.store import Store
from playground.specs.training import Training

pytestmark = pytest.mark.cuda  # a trainer takes the GPU where there is one
ROOT = Path(__file__).parents[1]


def small(**fields):
    data = pg.datasets["generated"](images=1000)
    net = {"network": pg.networks["mlp"](), "data": data, "images": 500, "epochs": 3, "batch": 50}
    return Training(**{**net, **fields})


def until_step(store, spec, step):
    """Trains to a checkpoint after `step`, and stops."""
    going = local.resume(spec, store, threads=1)
    reached = False
    for event in going:
        if isinstance(event, Tick) and event.step >= step:
            store.ask(spec.key, "save")  # after the last event of this step
            reached = True
        elif reached and not store.is_requested(spec.key, "save"):
            break
    going.close()
    return store.end(spec.key).step


def assert_same(first, second):
    for name in ("loss", "accuracy"):
        np.testing.assert_array_equal(first.steps[name], second.steps[name])
        np.testing.assert_array_equal(first.validations[name], second.validations[name])
    assert first.weights.keys() == second.weights.keys() and first.weights
    for name, array in first.weights.items():
        np.testing.assert_array_equal(array, second.weights[name])
    assert first.end.word == second.end.word == "finished"
    assert [vars(change) for change in first.changes] == [vars(change) for change in second.changes]


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        path = tmp_path_factory.mktemp("settings") / "settings.toml"
        path.write_text("threads_per_run = 1\n")
        patch.setenv("PLAYGROUND_SETTINGS", str(path))
        yield


def test_a_run_that_was_stopped_twice_is_as_one_that_was_not(tmp_path, settings):
    spec = small(
        regularizers=(pg.regularizers["dropout"](),), augmentations=(pg.augmentations["crop"](),),
        optimizer=pg.net_optimizers["adam"](),
    )  # fmt: skip
    stopped, straight = Store(tmp_path / "stopped"), Store(tmp_path / "straight")
    first = until_step(stopped, spec, 4)
    second = until_step(stopped, spec, first + 5)
    assert 0 < first < second < 24
    assert_same(pg.run(spec, store=stopped), pg.run(spec, store=straight))


def test_a_branch_is_as_its_whole_spec(tmp_path, settings):
    spec = small()
    store, straight = Store(tmp_path / "store"), Store(tmp_path / "straight")
    step = until_step(store, spec, 5)
    changed = spec.at(step + 1, "lr", 0.001)
    store.branch(spec.key, changed, store.checkpoint(spec.key))
    *_, record = pg.watch(changed, store=store)
    assert record.start.key == changed.key and record.changes[0].step == step
    assert_same(record, pg.run(changed, store=straight))


def test_the_test_part(tmp_path, settings):
    from playground.runs.work import examine

    spec, store = small(epochs=1), Store(tmp_path)
    pg.run(spec, store=store)
    examine(spec.to_query(), str(tmp_path), engine.__name__)
    assert 0 < store.test_result(spec.key).loss < 10 and store.test_result(spec.key).confusion.sum() == 333


def test_the_command_line_trains_and_writes_files(tmp_path, settings, monkeypatch, capsys):
    from playground.__main__ import main

    monkeypatch.setenv("PLAYGROUND_STORE", str(tmp_path / "store"))
    runs = pg.Comparison(runs=(small(epochs=1), small(epochs=2)))
    assert main(["train", runs.to_query(), "--out", str(tmp_path / "out"), "--test"]) == 0
    out = capsys.readouterr().out
    assert {path.suffix for path in (tmp_path / "out").iterdir()} >= {".npz", ".csv", ".png", ".svg"}
    assert "epochs 1: test loss" in out and "epochs 2: Trained 2 epochs." in out
    assert main(["train", "v=1&epochs=none", "--out", str(tmp_path)]) == 2
    failing = small(data=pg.datasets["own"](digest="0" * 64))
    assert main(["train", failing.to_query(), "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err.count("playground: ") == 2


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can limit a process's memory")
def test_without_memory_it_ends_with_a_sentence_and_the_process_lives(tmp_path):
    large = small(images=1000, batch=0, network=pg.networks["vgg"](), normalization=pg.normalizations["none"]())
    code = (
        "import sys; from playground.runs.cluster import _limit; from playground.runs.execution import Terms\n"
        "from playground.runs.work import *; import playground.engine.training.trainer\n"
        "_limit(150 << 20)\n"
        "engine = 'playground.engine.training'\n"
        "for query in sys.argv[2:]: print(work(query, sys.argv[1], 100, Terms(threads=1), engine))\n"
    )
    queries = [large.to_query(), small(epochs=1).to_query()]
    command = [sys.executable, "-c", code, str(tmp_path), *queries]
    env = {**os.environ, "MALLOC_ARENA_MAX": "1"}
    process = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=env, check=True)
    end = Store(tmp_path).end(large.key)
    assert process.stdout == "failed\nfinished\n" and "ran out of memory" in str(end.sentence), end


def test_the_hook_names_what_the_runs_need(tmp_path):
    spec = small(epochs=1)
    store = Store(tmp_path)
    store.make(spec.key, spec.to_query())
    trainer = engine.begin(spec, threads=1, interrupted=lambda: False)
    assert not trainer.settled and trainer.best_step == 0
    events = Execution(store, spec.key, Terms(threads=1)).events(engine, spec)
    assert [*events][-1].word == "finished"
