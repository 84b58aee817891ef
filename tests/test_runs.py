"""Runs: the store, one process's turn at a run, the cluster and the server's side of it."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import slow_engine

from playground.jobs import Unfinished, console
from playground.labs.train import LAB
from playground.messages import NOTHING, Message
from playground.record import End, Preparation, Start, Tick
from playground.registry import ChoiceError
from playground.runs import local
from playground.runs.execution import Execution, Terms, failure
from playground.runs.log import encode
from playground.runs.runner import Runner
from playground.runs.settings import Settings
from playground.runs.store import TESTED, Store
from playground.runs.work import examine, work
from playground.specs.training import Comparison, Training

TESTS = Path(__file__).parent
ENGINE = "slow_engine"
KEY = "0123456789abcdef" * 2


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("SLOW_ENGINE", "0")
    return Store(tmp_path / "runs", shipped=tmp_path / "shipped")


FREE = Terms()


def turn(store, spec, terms=FREE, **options):
    """One turn at a run in this process: its events."""
    store.make(spec.key, spec.to_query())
    with store.lock(spec.key) as free:
        assert free
        yield from Execution(store, spec.key, terms, **options).events(slow_engine, spec)


def log_frames(store, key):
    """What the log tells of a run, whichever way it went: nothing of preparations, and no key."""
    events = [event for event in store.events(key) if not isinstance(event, Preparation)]
    return [encode(replace(event, key="", query="") if isinstance(event, Start) else event) for event in events]


def straight(tmp_path, spec):
    """What the log of an undisturbed run tells, and its weights."""
    store = Store(tmp_path / "straight")
    list(turn(store, spec))
    return log_frames(store, spec.key), store.weights(spec.key)["place"]


def until(what, seconds=30.0):
    """Waits for `what()` to be true, and returns how long that took."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < seconds, "it did not come"
        time.sleep(0.01)
    return time.monotonic() - began


def trained(store, spec, events):
    """Waits until more than so many events are in the log."""
    until(lambda: len(log_frames(store, spec.key)) > events)


# -- the store ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["", "..", "../" + KEY[3:], KEY.upper(), KEY + "0", KEY[:31] + "\n", "/etc/passwd"])
def test_what_is_no_key_reaches_no_file(store, key):
    for call in (store.status, store.weights, lambda key: store.read(key, 0), lambda key: store.watch(key, "me")):
        with pytest.raises(ChoiceError, match="32 hexadecimal digits"):
            call(key)


@pytest.mark.parametrize("visitor", ["", "..", "a/b", "a.left", "x" * 65, "a\n"])
def test_what_is_no_visitor_reaches_no_file(store, visitor):
    with pytest.raises(ChoiceError, match="visitor is"):
        store.watch(KEY, visitor)


def test_a_run_that_is_not_there(store):
    status = store.status(KEY)
    assert (status.state, status.size, status.resumable, status.test) == ("missing", 0, False, NOTHING)
    assert json.loads(status.to_json())["position"] is None
    assert store.read(KEY, 0) == b"" and store.record(Training()) is None and store.test_result(KEY) is None
    store.watch(KEY, "me")
    assert store.watchers(KEY) == 0 and not store.of(KEY).exists()


def test_the_log_is_read_in_whole_frames(store):
    store.make(KEY, "v=1")
    first, second = (encode(Preparation(text=Message(text), share=0.5)) for text in ("one", "other"))
    store.put(KEY, "log", first + second[:-2])
    assert store.read(KEY, 0) == first and store.read(KEY, len(first)) == b""
    store.put(KEY, "log", first + second)
    assert store.read(KEY, len(first)) == second and store.read(KEY, 10**12) == b""
    long = encode(Preparation(text=Message("x" * (5 << 20)), share=0.5))
    store.put(KEY, "log", long + first * 100_000)
    assert store.read(KEY, 0) == long
    assert len(store.read(KEY, len(long))) // len(first) == (4 << 20) // len(first)


def test_watchers_come_stay_and_leave(store):
    store.make(KEY, "v=1")
    for visitor in ("a", "b", "a"):
        store.watch(KEY, visitor)
    assert store.watchers(KEY) == 2 and time.time() - store.last_watched(KEY) < 5
    assert store.leave(KEY, "a") and store.watchers(KEY) == 1
    store.watch(KEY, "a")  # its page still looks on
    assert store.watchers(KEY) == 1
    store.watch(KEY, "a", again=True)
    assert store.watchers(KEY) == 2
    for visitor in ("a", "b"):  # a tab that was closed
        os.utime(store.of(KEY) / "watchers" / visitor, (0, time.time() - 200))
    assert store.watchers(KEY) == 0 and 190 < time.time() - store.last_watched(KEY) < 250


def test_the_store_keeps_to_its_size(store):
    store.megabytes = 3
    for number in range(6):
        key = f"{number:032x}"
        store.make(key, "v=1")
        store.put(key, "weights.npz", bytes(1 << 20))
        os.utime(store.of(key) / "query.txt", (0, 1000 + number))
    store.watch(f"{0:032x}", "me")
    os.utime(store.of(f"{0:032x}") / "query.txt", (0, 999))
    store.read(f"{1:032x}", 0)
    with store.lock(f"{2:032x}"):
        store.trim()
    left = sorted(int(path.name, 16) for path in store.folder.iterdir())
    assert left in ([0, 2], [0, 2, 5])  # watched, being trained, and the last one used as far as it fits


def test_a_lock_outlives_no_holder_and_the_removal_of_its_folder(store):
    store.make(KEY, "v=1")
    code = (
        "import sys,time; from playground.runs.store import Store\nwith Store(sys.argv[1]).lock(sys.argv[2]) as free:"
    )
    code += " print(free, flush=True); time.sleep(60)"
    other = subprocess.Popen([sys.executable, "-c", code, store.folder, KEY], stdout=subprocess.PIPE, cwd=TESTS.parent)
    assert other.stdout.readline() == b"True\n" and store.is_running(KEY)
    with store.lock(KEY) as free:
        assert not free
    assert not store.remove(KEY)
    other.kill()
    other.communicate()
    assert not store.is_running(KEY) and store.remove(KEY) and not store.of(KEY).exists()
    with store.lock(KEY) as free, store.lock(KEY) as again:
        assert free and not again


def test_shipped_runs_are_read_and_never_written(store):
    spec = Training(epochs=1)
    shipped_store = Store(store.shipped)
    list(turn(shipped_store, spec))
    (shipped_store.of(spec.key) / "lock").unlink()
    before = sorted((path, path.stat().st_mtime_ns) for path in store.shipped.rglob("*"))
    status = store.status(spec.key)
    assert (status.state, status.generation) == ("stored", -1) and store.record(spec).weights
    assert not store.is_over(spec.key), "who presses Start wants to see it train"
    store.watch(spec.key, "me")
    assert store.status(spec.key).watchers == 0
    examine(spec.to_query(), str(store.folder), ENGINE) if store.folder.exists() else None
    assert sorted((path, path.stat().st_mtime_ns) for path in store.shipped.rglob("*")) == before
    assert not store.of(spec.key).exists()
    list(turn(store, spec))
    assert (store.status(spec.key).state, store.status(spec.key).generation) == ("finished", 0)


# -- a turn at a run ---------------------------------------------------------------------------------------------------


def test_a_run_from_its_start_to_its_end(store):
    spec = Training(epochs=2)
    events = list(turn(store, spec))
    assert [type(event).__name__ for event in events[:4]] == ["Preparation", "Start", "Samples", "Tick"]
    assert list(map(encode, store.events(spec.key))) == list(map(encode, events))
    status, record = store.status(spec.key), store.record(spec)
    assert (status.state, status.resumable, status.generation) == ("finished", False, 0)
    assert record.end.word == "finished" and len(record.ticks["step"]) == 20 and record.weights["place"].size == 1
    assert {path.name for path in store.of(spec.key).iterdir()} == {
        "query.txt",
        "log",
        "weights.npz",
        "end.json",
        "lock",
    }


def test_a_run_that_is_closed_goes_on_where_it_was(store, tmp_path):
    spec = Training(epochs=2)
    going = turn(store, spec)
    for event in going:
        if isinstance(event, Tick) and event.step == 7:
            break
    going.close()
    status = store.status(spec.key)
    assert (status.state, status.resumable) == ("stopped", True) and store.end(spec.key).step == 7
    list(turn(store, spec))
    assert store.status(spec.key).generation == 1  # the end that was none has gone
    assert (log_frames(store, spec.key), store.weights(spec.key)["place"]) == straight(tmp_path, spec)


def test_closed_between_the_events_of_a_step_it_keeps_them_all(store, tmp_path):
    spec = Training(epochs=3)
    going = turn(store, spec)
    for event in going:
        if isinstance(event, Tick) and event.step == 10:  # its validation is still to come
            break
    going.close()
    assert store.end(spec.key).step == 10 and store.status(spec.key).resumable
    assert store.record(spec).validations["step"].tolist() == [10]
    list(turn(store, spec))
    assert (log_frames(store, spec.key), store.weights(spec.key)["place"]) == straight(tmp_path, spec)


def test_a_run_stops_on_request_and_when_nobody_watches(store):
    spec = Training(epochs=1000)
    going = turn(store, spec)
    for _ in range(9):
        next(going)
    store.ask(spec.key, "stop")
    *_, end = going
    assert (end.word, str(end.sentence)) == ("stopped", f"Stopped at step {end.step}.") and not store.is_requested(
        spec.key, "stop"
    )
    store.watch(spec.key, "me")
    began = time.monotonic()
    *_, end = slowly(turn(store, spec, Terms(unwatched=1.5)))
    assert "nobody watched" in str(end.sentence) and 1 < time.monotonic() - began < 4 and end.step > 20
    *_, end = turn(store, spec, Terms(seconds=30))
    assert end.word == "stopped" and "30 s of training are allowed" in str(end.sentence) and end.step >= 300


def slowly(events):
    for event in events:
        yield event
        time.sleep(0.01)


def test_a_long_step_is_left_in_its_middle(store):
    spec = Training(batch=3)
    going = turn(store, spec)
    for event in going:
        if isinstance(event, Tick) and event.step == 1:
            store.ask(spec.key, "save")
        if isinstance(event, Tick) and event.step == 2:
            break
    requests = []
    threading.Timer(0.5, lambda: (requests.append(time.monotonic()), store.ask(spec.key, "stop"))).start()
    *_, end = going
    assert time.monotonic() - requests[0] < 0.5
    assert (end.word, end.step) == ("stopped", 2) and store.status(spec.key).resumable


def test_a_run_that_failed_before_its_first_step_has_no_record(store):
    spec = Training(epochs=1)
    events = turn(store, spec)
    assert isinstance(next(events), Preparation)
    assert store.status(spec.key).size and not store.has_record(spec.key) and store.record(spec) is None
    assert isinstance(next(events), Start)
    assert store.has_record(spec.key) and store.record(spec) is not None
    events.close()
    assert not store.has_record(KEY)


def test_failures_are_sentences_and_can_be_tried_again(store):
    spec = Training(batch=1)
    *_, end = turn(store, spec)
    assert end.word == "failed" and str(end.sentence).startswith(
        "The process ran out of memory: take fewer images a batch"
    )
    spec = Training(batch=4)
    *_, end = turn(store, spec)
    assert (end.word, end.step) == ("failed", 2) and "ZeroDivisionError: one by none" in str(end.sentence)
    assert (
        store.status(spec.key).state == "failed" and "in _misbehave" in (store.of(spec.key) / "error.txt").read_text()
    )
    *_, end = turn(store, spec)
    assert end.word == "failed" and sum(isinstance(event, End) for event in store.events(spec.key)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate memory: you tried",
        "CUDA out of memory. Tried to allocate 20.00 GiB",
    ],
)
def test_what_torch_says_without_memory_is_understood(text):
    assert "ran out of memory" in str(failure(RuntimeError(text), slow_engine))


def test_a_branch_goes_the_way_of_its_whole_spec(store, tmp_path):
    spec = Training(epochs=3).at(25, "lr", 0.5)
    going = turn(store, spec)
    for event in going:
        if isinstance(event, Tick) and event.step == 12:
            break
    going.close()
    changed = spec.at(13, "lr", 0.01)  # before a change that the spec had already
    store.branch(spec.key, changed, store.checkpoint(spec.key))
    store.branch(spec.key, changed, store.checkpoint(spec.key))
    assert store.status(changed.key).resumable
    list(turn(store, changed))
    record = store.record(changed)
    assert (record.start.key, record.start.query) == (changed.key, changed.to_query())
    assert [(change.step, change.value) for change in record.changes] == [(12, 0.01), (24, 0.5)]
    assert (log_frames(store, changed.key), store.weights(changed.key)["place"]) == straight(tmp_path, changed)


def test_two_processes_train_a_run_once(store, monkeypatch):
    monkeypatch.setenv("SLOW_ENGINE", "0.02")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(TESTS.parent), str(TESTS))))
    spec = Training(epochs=5)
    code = "import sys; from playground.runs.work import *; print(work(*sys.argv[1:3], 100, Terms(), 'slow_engine'))"
    command = [sys.executable, "-c", code, spec.to_query(), str(store.folder)]
    others = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [other.communicate()[0] for other in others] == ["finished\n"] * 2
    events = list(store.events(spec.key))
    assert (
        sum(isinstance(event, Start) for event in events)
        == sum(isinstance(event, Preparation) for event in events)
        == 1
    )
    assert store.generation(spec.key) == 0


def test_work_that_nobody_waits_for_any_more(store):
    spec = Training()
    store.make(spec.key, spec.to_query())
    store.ask(spec.key, "stop")
    assert work(spec.to_query(), str(store.folder), 100, Terms(), ENGINE) == ""
    assert store.status(spec.key).state == "missing"
    with store.lock(spec.key):
        assert work(spec.to_query(), str(store.folder), 100, Terms(unwatched=0.2), ENGINE) == ""


def test_the_test_part_is_kept_with_the_run(store):
    spec = Training(epochs=1)
    with pytest.raises(ChoiceError, match="nothing to test"):
        examine(spec.to_query(), str(store.folder), ENGINE)
    list(turn(store, spec))
    examine(spec.to_query(), str(store.folder), ENGINE)
    assert (
        store.status(spec.key).test == TESTED
        and store.test_result(spec.key).loss == store.weights(spec.key)["place"][0]
    )


# -- in the caller's process -------------------------------------------------------------------------------------------


def test_run_and_watch_in_python(store, monkeypatch):
    monkeypatch.setenv("SLOW_ENGINE", "0.02")
    spec = Training(epochs=4)
    counts = []
    for record in local.watch(spec, store=store, engine=ENGINE):
        counts.append(len(record.ticks["step"]))
        if len(counts) == 2:
            break
    assert (
        store.status(spec.key).state == "stopped" and 0 < counts[0] < counts[1] < 40 and store.watchers(spec.key) == 0
    )
    *growing, last = local.watch(spec, store=store, engine=ENGINE)
    assert growing and all(partial.end is None for partial in growing) and len(growing[0].ticks["step"]) >= counts[1]
    assert last.end.word == "finished" and len(last.ticks["step"]) == 40 and last.weights
    began = time.monotonic()
    assert len(local.run(spec, store=store, engine="nothing").ticks["step"]) == 40 and time.monotonic() - began < 1
    with pytest.raises(Unfinished, match="out of memory"):
        local.run(Training(batch=1), store=store, engine=ENGINE)


def test_watch_follows_another_process(store, monkeypatch):
    monkeypatch.setenv("SLOW_ENGINE", "0.02")
    spec = Training(epochs=4)
    other = threading.Thread(target=lambda: list(turn(store, spec)))
    other.start()
    until(lambda: store.is_running(spec.key))
    records = list(local.watch(spec, store=store, engine="nothing"))
    other.join()
    assert len(records) > 1 and len(records[-1].ticks["step"]) == 40


def test_the_command_line_trains_what_is_not_stored(store, capsys):
    both = Comparison(runs=(Training(epochs=2), Training(epochs=3)))
    list(turn(store, both.runs[0]))
    record = console.watch(local.job(both, store=store, engine=ENGINE))
    out, err = capsys.readouterr()
    assert [len(run.ticks["step"]) for run in record.runs] == [20, 30]
    assert [*LAB.lines(record)] == ["epochs 2: Done.", "epochs 3: Done."]
    assert "epochs 3: epoch 2.0 of 3  step 20  loss" in err and "s left" in err and "epochs 2" not in err and not out
    assert "".join(local.test_lines(both, store, ENGINE)).count("test loss") == 2


def test_ctrl_c_stops_at_a_checkpoint(store, monkeypatch, capsys):
    monkeypatch.setenv("SLOW_ENGINE", "0.02")
    spec, before = Training(epochs=100), signal.getsignal(signal.SIGINT)
    threading.Thread(target=lambda: (trained(store, spec, 10), os.kill(os.getpid(), signal.SIGINT))).start()
    with pytest.raises(Unfinished, match="goes on from there"):
        console.watch(local.job(Comparison(runs=(spec,)), store=store, engine=ENGINE))
    assert store.status(spec.key).state == "stopped" and store.end(spec.key).step > 5
    assert signal.getsignal(signal.SIGINT) is before


# -- the server's side, and its cluster --------------------------------------------------------------------------------

SETTINGS = Settings(
    epochs=500, runs_per_visitor=3, queue_length=3, threads_per_run=1, memory_megabytes=1000, store_megabytes=100,
    unwatched_minutes=1.0,
)  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLOW_ENGINE", "0.02")
        patch.setenv("PYTHONPATH", str(TESTS))
        patch.delenv("DASK_SCHEDULER_ADDRESS", raising=False)
        runner = Runner(tmp_path_factory.mktemp("server"), SETTINGS, ENGINE)
        runner.warm()
        yield runner
        runner.close()


def state(server, spec):
    return server.status(spec.key).state


def trains(server, spec):
    trained(server.store, spec, 5)
    return spec


def process(server, spec):
    """The process that trained last."""
    return int(
        [str(event.text) for event in server.store.events(spec.key) if isinstance(event, Preparation)][-1].split()[1]
    )


seeds = iter(range(1, 1000))


def fresh(epochs=500, **fields):
    return Training(epochs=epochs, seed=next(seeds), **fields)


def test_two_visitors_share_a_run_which_opens_at_once_later(server, tmp_path):
    spec = fresh(epochs=4)
    assert server.submit(spec, "a").state in ("queued", "starting")
    assert server.submit(spec, "b").watchers == 2
    trains(server, spec)
    offset, data = 0, b""
    while True:
        more, status = server.read(spec.key, offset, "c")
        data, offset = data + more, offset + len(more)
        if status.state == "finished" and offset == status.size:
            break
        assert status.state in ("queued", "starting", "running", "finished") and status.generation == 0
    assert data == (server.store.of(spec.key) / "log").read_bytes() and status.watchers == 3
    assert sum(isinstance(event, Preparation) for event in server.store.events(spec.key)) == 1
    began = time.monotonic()
    other = Runner(server.store.folder, SETTINGS, "nothing")  # the server was started again
    assert other.submit(spec, "d").state == "finished" and other.store.record(spec).weights
    assert time.monotonic() - began < 0.5 and other._thread is None


def test_a_killed_worker_is_replaced_and_the_run_is_as_if_nothing_had_happened(server, tmp_path):
    spec = fresh(epochs=12)
    server.submit(spec, "a")
    trains(server, spec)
    server.store.ask(spec.key, "save")
    until(lambda: not server.store.is_requested(spec.key, "save"))
    so_far = len(log_frames(server.store, spec.key))
    until(lambda: len(log_frames(server.store, spec.key)) > so_far + 5)
    first = process(server, spec)
    os.kill(first, signal.SIGKILL)
    until(lambda: server.status(spec.key).state == "finished")
    assert process(server, spec) != first and server.store.generation(spec.key) == 1
    assert (log_frames(server.store, spec.key), server.store.weights(spec.key)["place"]) == straight(tmp_path, spec)


def test_stop_leaves_a_run_that_others_watch_and_ends_it_otherwise(server, tmp_path):
    spec = fresh(epochs=50)
    for visitor in ("a", "b"):
        server.submit(spec, visitor)
    trains(server, spec)
    server.leave(spec.key, "a")
    time.sleep(0.5)
    assert state(server, spec) == "running"
    server.leave(spec.key, "b")
    assert until(lambda: state(server, spec) == "stopped") < 0.5
    for _ in range(5):  # its page looks on, which does not begin it again
        assert server.read(spec.key, 0, "b")[1].resumable
        time.sleep(0.05)
    assert state(server, spec) == "stopped"
    before = server.store.end(spec.key).step
    assert server.submit(spec, "b").state in ("queued", "starting", "running")
    until(lambda: server.status(spec.key).state == "running" and len(log_frames(server.store, spec.key)) > before + 10)
    server.leave(spec.key, "b")
    server.submit(spec, "c")  # somebody comes while it is about to stop
    time.sleep(0.5)
    until(lambda: state(server, spec) == "running")
    server.leave(spec.key, "c")
    until(lambda: state(server, spec) == "stopped")
    short = Store(tmp_path / "short")
    going = turn(short, spec)
    last = server.store.end(spec.key).step
    for event in going:
        if isinstance(event, Tick) and event.step == last + 1:
            break
    mine, theirs = log_frames(server.store, spec.key)[:-1], log_frames(short, spec.key)
    going.close()
    assert mine == theirs[: len(mine)] and len(mine) > last


def test_the_line_its_limits_and_leaving_it(server):
    specs = [fresh() for _ in range(5)]
    for index, spec in enumerate(specs):
        server.submit(spec, f"visitor{index}")
    until(lambda: [state(server, spec) for spec in specs[:2]] == ["running"] * 2)
    assert [server.status(spec.key).position for spec in specs] == [0, 0, 1, 2, 3]
    with pytest.raises(ChoiceError, match="3 runs wait, and no more may"):
        server.submit(fresh(), "other")
    assert server.submit(specs[4], "other").position == 3  # joining costs nothing
    server.leave(specs[2].key, "visitor2")
    assert state(server, specs[2]) == "missing" and server.status(specs[3].key).position == 1
    assert not server.store.of(specs[2].key).exists()
    server.leave(specs[0].key, "visitor0")
    until(lambda: state(server, specs[3]) == "running")
    assert server.status(specs[4].key).position == 1
    for spec in specs:
        for visitor in (*(f"visitor{number}" for number in range(5)), "other"):
            server.leave(spec.key, visitor)
    until(lambda: not server._active)
    assert {state(server, spec) for spec in specs} == {"stopped", "missing"}


def test_the_limits_of_a_visitor_and_of_a_training(server):
    specs = [fresh() for _ in range(4)]
    for spec in specs[:3]:
        server.submit(spec, "a")
    with pytest.raises(ChoiceError, match="3 of your runs are in progress or wait, but at most 3 may"):
        server.submit(specs[3], "a")
    with pytest.raises(ChoiceError, match="epochs is 501, but must be at most 500"):
        server.submit(fresh(epochs=501), "b")
    with pytest.raises(ChoiceError, match="only if it is among the regularizers from the start"):
        server.submit(fresh().at(9, "dropout", 0.5), "b")
    assert not server.store.of(specs[3].key).exists()
    for spec in specs:
        server.leave(spec.key, "a")
    until(lambda: not server._active)


def test_a_run_has_its_seconds(server, monkeypatch):
    monkeypatch.setattr(server, "settings", replace(SETTINGS, seconds=3))
    spec = fresh()
    server.submit(spec, "a")
    until(lambda: state(server, spec) == "stopped")
    assert not server.status(spec.key).resumable and server.store.end(spec.key).seconds >= 3
    with pytest.raises(ChoiceError, match="3 s of training are allowed"):
        server.submit(spec, "a")


def test_a_change_goes_on_from_where_the_run_is(server, tmp_path):
    spec = fresh(epochs=10)
    with pytest.raises(ChoiceError, match="is not in progress"):
        server.change(spec, "lr", 0.5, "a")
    server.submit(spec, "a")
    trains(server, spec)
    with pytest.raises(ChoiceError, match="lr is 100"):
        server.change(spec, "lr", 100.0, "a")
    with pytest.raises(ChoiceError, match="only if it is among the regularizers from the start"):
        server.change(spec, "dropout", 0.5, "a")
    began = time.monotonic()
    changed = server.change(spec, "lr", 0.5, "a")
    assert time.monotonic() - began < 1 and changed.origin == spec
    until(lambda: state(server, changed) == "running")
    assert time.monotonic() - began < 2
    until(lambda: state(server, spec) == "stopped")
    until(lambda: state(server, changed) == "finished")
    assert server.store.record(changed).changes[0].step == changed.switches[0].step - 1
    assert (log_frames(server.store, changed.key), server.store.weights(changed.key)["place"]) == straight(
        tmp_path, changed
    )


def test_the_test_part_is_untouched_until_asked(server):
    spec = fresh(epochs=1)
    with pytest.raises(ChoiceError, match="nothing to test"):
        server.test(spec)
    server.submit(spec, "a")
    until(lambda: state(server, spec) == "finished")
    assert server.status(spec.key).test == NOTHING and server.store.test_result(spec.key) is None
    server.test(spec)
    until(lambda: server.status(spec.key).test == TESTED)
    assert server.store.test_result(spec.key).accuracy == 0.5


def test_failures_reach_the_page_as_sentences(server):
    for batch, sentence in ((1, "ran out of memory"), (2, "died again and again, most likely because it needed more")):
        spec = fresh(batch=batch)
        server.submit(spec, "a")
        until(lambda spec=spec: state(server, spec) == "failed", 60)
        assert sentence in str(server.store.end(spec.key).sentence)
    spec = fresh(epochs=1)
    server.submit(spec, "a")  # and the app is as well as before
    until(lambda: state(server, spec) == "finished")


def test_a_client_without_the_certificate_is_refused(server):
    address = server._connection.client.scheduler.address
    assert address.startswith("tls://127.0.0.1:")
    code = "import sys; from distributed import Client, Security\n"
    code += "for s in (None, Security.temporary()):\n"
    code += "    try: Client(sys.argv[1].replace('tls', 'tls' if s else 'tcp'), security=s, timeout=2)\n"
    code += "    except Exception as problem: print('refused')\n"
    process = subprocess.run([sys.executable, "-c", code, address], capture_output=True, text=True, timeout=60)
    assert process.stdout == "refused\n" * 2


def test_the_server_loads_no_torch():
    code = "import sys, playground.runs.runner, playground.runs.local\n"
    code += "print([name for name in ('torch', 'distributed', 'dask', 'streamlit') if name in sys.modules])"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=TESTS.parent, check=True)
    assert process.stdout.strip() == "[]"


def test_the_cluster_dies_with_its_server(tmp_path):
    import psutil

    spec = fresh()
    code = "import sys, time; from playground.runs.runner import *; from playground.specs.training import Training\n"
    code += "r = Runner(sys.argv[1], engine='slow_engine'); r.submit(Training.from_query(sys.argv[2]), 'a')\n"
    code += "while r.status(sys.argv[3]).state != 'running': time.sleep(0.02)\n"
    code += "print('trains', flush=True); time.sleep(60)"
    path = os.pathsep.join((str(TESTS.parent), str(TESTS)))
    server = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path), spec.to_query(), spec.key], stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path, "SLOW_ENGINE": "0.05"},
    )  # fmt: skip
    assert server.stdout.readline() == b"trains\n"
    children = psutil.Process(server.pid).children(recursive=True)
    assert len(children) >= 3
    server.kill()
    server.communicate()
    until(lambda: not any(child.is_running() and child.status() != "zombie" for child in children), 10)
    assert Store(tmp_path).status(spec.key).state == "lost"


def test_a_cluster_of_ones_own_that_cannot_start_is_afailure(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    runner = Runner(tmp_path, SETTINGS, ENGINE)
    spec = fresh()
    runner.submit(spec, "a")
    until(lambda: runner.problem)
    assert "cannot be started" in str(runner.problem) and state(runner, spec) == "missing"
    runner.close()


def test_a_cluster_that_is_there_is_used(tmp_path, monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(TESTS.parent), str(TESTS))))
    monkeypatch.setenv("SLOW_ENGINE", "0")
    with LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0", resources={"GPU": 1}
    ) as there:
        monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", there.scheduler_address)
        runner = Runner(tmp_path, SETTINGS, ENGINE)
        spec = fresh(epochs=2)
        runner.submit(spec, "a")
        until(lambda: state(runner, spec) == "finished")
        assert runner._connection.resources == {"GPU": 1} and runner._connection.process is None
        runner.close()
        monkeypatch.setattr("playground.runs.connection.can_see", lambda folder, token: False)
        runner = Runner(tmp_path, SETTINGS, ENGINE)
        runner.warm()
        until(lambda: runner.problem)
        assert "does not see the folder" in str(runner.problem)
        runner.close()
    monkeypatch.setattr("playground.runs.connection.SECONDS", 1)
    runner = Runner(tmp_path, SETTINGS, ENGINE)
    runner.warm()
    until(lambda: runner.problem)
    assert "no Dask scheduler answers there" in str(runner.problem)
    runner.close()


def test_status_has_the_fields_of_the_header():
    names = {field.name for field in fields(type(Store("/nowhere").status(KEY)))}
    assert names == {"state", "position", "watchers", "size", "generation", "resumable", "test"}


def test_weights_come_back_as_they_were(store):
    spec = Training(epochs=1)
    list(turn(store, spec))
    assert np.isfinite(store.weights(spec.key)["place"]).all()
