"""Another kind of resumable work is run, stored, watched, cancelled and resumed by the same rooms as a training."""

import os
import signal
import threading
import time
from contextlib import closing

import numpy as np
import pytest
from toy_search import Search, Trial

import playground as pg
from playground import engine
from playground.jobs import Inline, Unfinished, console
from playground.registry import ChoiceError
from playground.runs import local
from playground.runs.executor import Cluster
from playground.runs.runner import Runner
from playground.runs.settings import Settings
from playground.runs.store import Store


@pytest.fixture(autouse=True)
def _kinds(monkeypatch):
    monkeypatch.setenv("SLOW_ENGINE", "0.01")
    monkeypatch.setenv("PYTHONPATH", __file__.rpartition("/")[0])
    monkeypatch.delenv("DASK_SCHEDULER_ADDRESS", raising=False)
    monkeypatch.setitem(engine.RESUMABLE, Search, "toy_search")
    monkeypatch.setitem(engine.RESUMABLE, pg.Training, "slow_engine")


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "runs", shipped=tmp_path / "none")


def straight(spec, folder):
    return pg.run(spec, store=Store(folder, shipped=folder / "none"))


def test_it_grows_is_stored_and_is_not_computed_again(store, monkeypatch):
    spec = Search(trials=30)
    *growing, last = pg.watch(spec, store=store)
    lengths = [len(record.values) for record in growing]
    assert len(lengths) > 3 and lengths == sorted(lengths) and len(last.values) == 30
    assert last.best["best"] == last.values.min() and last.end.best_step == last.values.argmin() + 1
    assert store.status(spec.key).state == "finished" and store.record(spec).end.word == "finished"
    monkeypatch.setattr("toy_search.begin", None)
    np.testing.assert_array_equal(pg.run(spec, store=store).values, last.values)


def test_the_command_line_shows_it_and_ctrl_c_leaves_it_to_be_resumed(store, tmp_path, capsys):
    spec = Search(trials=150)

    def interrupt():
        wait_for(lambda: len([*store.events(spec.key)]) > 10)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(Unfinished, match="the same command goes on from there"):
        console.watch(pg.job(spec, store=store))
    status, step = store.status(spec.key), store.end(spec.key).step
    assert status.state == "stopped" and status.resumable and 5 < step < 150
    record = console.watch(pg.job(spec, store=store))
    lines = capsys.readouterr().err.splitlines()
    assert any(line.startswith("trial ") for line in lines) and len(lines) < 40
    np.testing.assert_array_equal(record.values, straight(spec, tmp_path / "straight").values)


def test_on_the_cluster_beside_a_training(tmp_path):
    spec, training = Search(trials=200), pg.Training(epochs=2)
    with closing(Runner(tmp_path / "cluster", Settings(runs_at_once=2))) as runner:
        with pytest.raises(ChoiceError, match="lucky"):
            runner.submit(Search(seed=13), "me")
        runner.submit(training, "me")
        executor = Cluster(runner, "me")
        news = executor.watch(pg.job(spec, growing=True))
        while not next(news).share > 0.02:
            pass
        news.close()
        wait_for(lambda: runner.status(spec.key).state == "stopped")
        assert 0 < runner.store.end(spec.key).step < 200 and runner.status(spec.key).resumable
        *news, last = executor.watch(pg.job(spec, growing=True))
        assert any(progress.partial is not None for progress in news)
        np.testing.assert_array_equal(last.result.values, straight(spec, tmp_path / "straight").values)
        assert sum(isinstance(event, Trial) for event in runner.store.events(spec.key)) == 200
        wait_for(lambda: runner.status(training.key).state == "finished")
        assert runner.store.record(training).end.word == "finished"


def test_a_failure_and_a_lack_of_memory_are_sentences(store, monkeypatch):
    monkeypatch.setattr("toy_search.Work.state", lambda self: 1 / 0)
    with pytest.raises(Unfinished, match=r"The run failed \(ZeroDivisionError"):
        Inline().run(pg.job(Search(), store=store))
    monkeypatch.setattr("toy_search.Work.state", lambda self: bytes(10**15))
    with pytest.raises(Unfinished, match="ran out of memory: try fewer points"):
        Inline().run(pg.job(Search(), store=store))


def test_what_has_nothing_to_show_yet_has_no_record(store):
    spec = Search()
    events = local.resume(spec, store)
    next(events)
    assert store.record(spec) is None and not store.has_record(spec.key)
    next(events)
    assert store.record(spec).key == spec.key and store.has_record(spec.key)
    events.close()


def wait_for(condition, seconds=30.0):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)
