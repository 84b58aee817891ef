"""Trainings as jobs: in this process and on the cluster they show the same, are shared, stop and go on."""

import threading
import time
from contextlib import closing

import numpy as np
import pytest
import slow_engine  # noqa: F401  (found by name)

import playground as pg
from playground.jobs import Inline, Stopped, Unfinished
from playground.runs.executor import Cluster
from playground.runs.runner import Runner
from playground.runs.settings import Settings
from playground.runs.store import Store

ENGINE = "slow_engine"


@pytest.fixture(scope="module")
def runner(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", __file__.rpartition("/")[0])
        patch.setenv("SLOW_ENGINE", "0.02")
        patch.delenv("DASK_SCHEDULER_ADDRESS", raising=False)
        with closing(Runner(tmp_path_factory.mktemp("cluster"), Settings(runs_at_once=1), ENGINE)) as runner:
            yield runner


@pytest.fixture(params=["inline", "cluster"])
def executor(request, tmp_path, monkeypatch):
    """An executor, and the store of its runs."""
    monkeypatch.setenv("SLOW_ENGINE", "0.02")
    if request.param == "cluster":
        runner = request.getfixturevalue("runner")
        return Cluster(runner, "me"), runner.store
    return Inline(), Store(tmp_path / "runs", shipped=tmp_path / "none")


def job(spec, store):
    return pg.job(spec, store=store, engine=ENGINE, growing=True)


def test_it_grows_and_ends_with_the_record_and_its_weights(executor):
    executor, store = executor
    *news, last = executor.watch(job(pg.Training(epochs=8, seed=1), store))
    shares = [progress.share for progress in news if progress.share == progress.share]
    assert shares and shares == sorted(shares) and shares[-1] <= 1
    assert any(progress.partial is not None and progress.partial.end is None for progress in news)
    assert last.result.end.word == "finished" and last.result.weights and len(last.result.steps["loss"]) == 80
    (again,) = executor.watch(job(pg.Training(epochs=8, seed=1), store))  # it is stored
    np.testing.assert_array_equal(again.result.steps["loss"], last.result.steps["loss"])


def test_a_failure_is_one_sentence(executor):
    executor, store = executor
    with pytest.raises(Unfinished, match="ran out of memory"):
        executor.run(job(pg.Training(batch=1, seed=2), store))


def test_left_and_gone_on_with(executor):
    executor, store = executor
    spec = pg.Training(epochs=30, seed=3)
    news = executor.watch(job(spec, store))
    while not next(news).share > 0:
        pass
    news.close()
    until = time.monotonic() + 30
    while store.end(spec.key) is None or store.is_running(spec.key):
        assert time.monotonic() < until
        time.sleep(0.02)
    end = store.end(spec.key)
    assert end.word == "stopped" and 0 < end.step < 300
    assert executor.run(job(spec, store)).ticks["step"][-1] == 300


def test_many_watch_one_and_one_stops_it(executor):
    executor, store = executor
    spec, caught = pg.Training(epochs=500, seed=4), []

    def look():
        try:
            executor.run(job(spec, store))
        except Stopped:
            caught.append(1)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    running = executor.submit(job(spec, store))
    while running.watchers < 3 or not running.progress.share > 0:
        time.sleep(0.02)
    running.stop()
    for thread in threads:
        thread.join(30)
    assert caught == [1, 1, 1]
