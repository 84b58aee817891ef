"""Long work has one face: every executor says how far a job is, shares it, stops it, bounds it, survives a crash."""

import os
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

import playground as pg
from playground.jobs import Inline, Job, Lost, Processes, Progress, Stopped, Threads, finish
from playground.jobs.process import Child

EXECUTORS = {
    "inline": Inline,
    "threads": lambda **bounds: Threads(2, **bounds),
    "processes": lambda **bounds: Processes("playground.jobs", **bounds),
}


@pytest.fixture(autouse=True)
def processes_find_this_module(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))


@pytest.fixture(scope="module")
def child():
    """The one process of all tests that do not end theirs: to start one takes a second."""
    with closing(Child("playground.jobs")) as child:
        yield child


@pytest.fixture(params=EXECUTORS)
def make(request, child):
    executors = []

    def one(**bounds):
        executors.append(EXECUTORS[request.param](**bounds))
        if isinstance(executors[-1], Processes):
            executors[-1].free = [child]
        return executors[-1]

    yield one
    for executor in executors:
        executor.close()


# -- the works: functions of a module, because processes get them by name ----------------------------------------------


def counted(log, parts, pause=0.0):
    """Writes a line into the file `log` when it begins, and another one when it is closed early."""
    note(log, "began")
    try:
        for part in range(parts):
            time.sleep(pause)
            yield Progress(share=(part + 1) / parts, partial=part)
        note(log, "ended")
    except GeneratorExit:
        note(log, "closed")
        raise
    return [log.name, parts]


def note(log, word):
    with open(log, "a") as file:
        file.write(word + "\n")


def plain(value):
    return value + 1


def refuses():
    raise pg.ChoiceError("steps is {n}, but must be at most 5.", n=7)


def fails_later():
    yield Progress(share=0.5)
    raise ZeroDivisionError("nobody knows")


def dies():
    os._exit(3)


def waits(gate):
    while not gate.exists():
        yield Progress()
        time.sleep(0.01)
    return "through"


def blocks(seconds):
    time.sleep(seconds)
    return "through"


def words(log):
    return log.read_text().split() if log.exists() else []


def until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


# -- one face ----------------------------------------------------------------------------------------------------------


def test_news_and_the_result(make, tmp_path):
    log = tmp_path / "log"
    *news, last = make().watch(Job(work=counted, arguments=(log, 4, 0.05)))
    assert last.done and last.result == ["log", 4] and words(log) == ["began", "ended"]
    shares = [progress.share for progress in news]
    assert shares == sorted(shares) and set(shares) <= {0.25, 0.5, 0.75, 1.0} and shares
    assert all(progress.partial == 4 * progress.share - 1 and not progress.done for progress in news)


def test_a_plain_function_is_a_job_too(make):
    (last,) = make().watch(Job(work=plain, arguments=(1,)))
    assert last.done and last.result == 2 and finish(plain(1)) == 2


@pytest.mark.parametrize(
    "work, kind, text",
    [(refuses, pg.ChoiceError, "steps is 7, but must be at most 5."), (fails_later, ZeroDivisionError, "nobody knows")],
)
def test_what_it_raises_reaches_everybody_who_watches_and_the_next_one_tries_again(make, work, kind, text):
    executor = make(kept=5)
    for _ in range(2):
        with pytest.raises(kind, match=text):
            executor.run(Job(work=work, key="one"))
    assert executor.run(Job(work=plain, arguments=(1,), key="one")) == 2


def test_many_watch_one(make, tmp_path):
    executor, gate, results = make(), tmp_path / "gate", []
    threads = [
        threading.Thread(target=lambda: results.append(executor.run(Job(work=waits, arguments=(gate,), key="one"))))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    running = executor.submit(Job(work=waits, arguments=(gate,), key="one"))
    until(lambda: running.watchers == 5)
    gate.touch()
    for thread in threads:
        thread.join(20)
    assert results == ["through"] * 5


def test_equal_keys_run_once_while_the_result_is_kept(make, tmp_path):
    executor, log = make(kept=2), tmp_path / "log"
    jobs = [Job(work=counted, arguments=(log, 1), key=key) for key in "aabbacca"]
    assert all(executor.run(job) == ["log", 1] for job in jobs)
    assert words(log).count("began") == 3  # a stays, because it is used again
    executor.run(Job(work=counted, arguments=(log, 1), key="b"))
    assert words(log).count("began") == 4
    for _ in range(2):
        executor.run(Job(work=counted, arguments=(log, 1)))
    assert words(log).count("began") == 6  # without a key nothing is shared


def test_a_result_that_is_not_worth_keeping_is_computed_again(make, tmp_path):
    executor, log = make(kept=2, keeps=lambda result: False), tmp_path / "log"
    for _ in range(2):
        executor.run(Job(work=counted, arguments=(log, 1), key="a"))
    assert words(log).count("began") == 2


def test_stopped(make, tmp_path):
    executor, log = make(), tmp_path / "log"
    running = executor.submit(Job(work=counted, arguments=(log, 500, 0.02), key="one"))
    caught = []

    def look():
        with pytest.raises(Stopped) as error:
            running.join()
        caught.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    until(lambda: words(log))
    running.stop()
    thread.join(20)
    assert len(caught) == 1 and running.is_over and "ended" not in words(log)
    assert executor.run(Job(work=plain, arguments=(1,), key="one")) == 2


def test_who_leaves_does_not_stop_it_for_another(make, tmp_path):
    executor, gate = make(), tmp_path / "gate"
    job = Job(work=waits, arguments=(gate,), key="one")
    first, second = executor.watch(job), executor.watch(job)
    next(first), next(second)
    first.close()
    next(second)
    gate.touch()
    *_, last = second
    assert last.result == "through"


def test_it_is_bounded(make, tmp_path):
    executor, gate = make(waiting=2), tmp_path / "gate"
    tasks = [executor.submit(Job(work=waits, arguments=(gate,), key=key)) for key in "ab"]
    with pytest.raises(pg.ChoiceError, match=r"^2 computations wait, and no more may: try again in a while\.$"):
        executor.submit(Job(work=plain, arguments=(1,), key="c"))
    assert executor.submit(Job(work=waits, arguments=(gate,), key="a")) is tasks[0]  # to watch is always free
    gate.touch()
    assert [task.join() for task in tasks] == ["through"] * 2
    assert executor.run(Job(work=plain, arguments=(1,), key="c")) == 2


def test_many_in_their_order(make):
    jobs = [Job(work=plain, arguments=(i,)) for i in range(25)]
    assert list(make(waiting=8).each(jobs)) == list(range(1, 26))


def test_it_may_take_so_long_only(make, tmp_path):
    executor = make()
    with pytest.raises((Lost, pg.ChoiceError), match="took longer than 0 seconds"):
        executor.run(Job(work=waits, arguments=(tmp_path / "gate",), seconds=0.3))
    assert executor.run(Job(work=plain, arguments=(1,))) == 2


# -- what is peculiar to one -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["inline", "processes"])
def test_what_nobody_watches_any_more_stops(name, tmp_path):
    with closing(EXECUTORS[name]()) as executor:
        log = tmp_path / "log"
        job = Job(work=counted, arguments=(log, 500, 0.02), key="one")
        news = executor.watch(job)
        next(news)
        running = executor.submit(job)
        news.close()
        until(lambda: running.is_over)
        assert running.was_left and "ended" not in words(log)


def test_threads_go_on_unwatched(tmp_path):
    executor, gate = Threads(1, kept=1), tmp_path / "gate"
    running = executor.submit(Job(work=waits, arguments=(gate,), key="one"))
    news = running.watch()
    next(news)
    news.close()
    assert not running.wait(0.05)
    gate.touch()
    assert running.wait(20) and running.result() == "through"


def test_a_watcher_goes_on_with_what_another_has_begun():
    """Inline, whoever watches advances the job; one who stays takes over from one who leaves."""
    executor, steps = Inline(), []

    def work():
        for step in range(6):
            steps.append(threading.current_thread())
            yield Progress(share=step / 6)
        return "done"

    job = Job(work=work, key="one")
    first, second = executor.watch(job), executor.watch(job)
    next(first), next(second)
    first.close()
    assert [*second][-1].result == "done" and len(steps) == 6


def test_a_process_that_dies_costs_its_job_only():
    with closing(Processes("playground.jobs")) as executor:
        with pytest.raises(Lost, match=r"^the process ended unexpectedly\.$"):
            executor.run(Job(work=dies))
        assert executor.run(Job(work=plain, arguments=(1,))) == 2
        pid = executor.children[0].process.pid
        assert executor.run(Job(work=plain, arguments=(2,))) == 3 and executor.children[0].process.pid == pid


def test_a_process_is_ended_in_the_middle_of_a_step():
    with closing(Processes("playground.jobs")) as executor:
        executor.run(Job(work=plain, arguments=(1,)))
        running = executor.submit(Job(work=blocks, arguments=(60,)))
        time.sleep(0.2)
        running.stop()
        assert running.wait(10)
        with pytest.raises(Stopped):
            running.result()
        with pytest.raises(Lost, match="took longer than 0 seconds"):
            executor.run(Job(work=blocks, arguments=(60,), seconds=0.2))
        assert executor.run(Job(work=plain, arguments=(1,))) == 2


def test_processes_work_side_by_side():
    with closing(Processes("playground.jobs", 2)) as executor:
        pids = list(executor.each(Job(work=own_pid, arguments=(0.3,)) for _ in range(4)))
        assert len(set(pids)) == 2 and os.getpid() not in pids


def own_pid(pause):
    time.sleep(pause)
    return os.getpid()


# -- specs are jobs ----------------------------------------------------------------------------------------------------

SHORT = pg.Race(steps=10)


@pytest.mark.parametrize("spec", [pg.RateSweep.of(SHORT, count=3), pg.Robustness.of(SHORT, crowd=3, draws=2)])
def test_a_question_about_many_runs_says_which_racers_have_run(spec):
    *news, last = Inline().watch(pg.job(spec))
    count = len(last.result.labels)
    assert [str(progress.message) for progress in news] == [f"{n + 1} of {count} racers have run" for n in range(count)]
    assert [progress.share for progress in news] == [(n + 1) / count for n in range(count)]


def test_a_spec_is_computed_wherever_it_is_asked_for(make):
    spec = pg.Race(steps=20)
    assert (make().run(pg.job(spec)).positions == pg.run(spec).positions).all()
    (record,) = pg.watch(spec)
    assert (record.positions == pg.run(spec).positions).all()
