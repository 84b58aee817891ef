"""Basin maps: printed kernels say what races do, minima are found, and the record adds up."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import playground as pg
from playground.choices.optimizers import Minimizer, Rule
from playground.engine import basins, compiled, kernels, tensors
from playground.engine.race import ends_of, factors_of, problem_of
from playground.record.basins import DIVERGED, NONE
from playground.specs.basins import QUICK
from playground.specs.race import offered

ROOT = Path(__file__).parents[1]
PRINTABLE = [name for name in offered(pg.BasinMap) if not issubclass(pg.optimizers[name], Minimizer)]
RULES = [name for name, cls in pg.optimizers.items() if issubclass(cls, Rule)]
EXTRA = {"noise": 0.3, "penalty": pg.penalties["weight_decay"](), "gradient": pg.gradients["central"]()}


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLAYGROUND_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def map_of(name, surface="himmelblau", schedule="constant", knobs=None, **rest):
    racer = pg.Racer(optimizer=pg.optimizers[name](**(knobs or {})), schedule=pg.schedules[schedule]())
    return pg.BasinMap.of(surface=pg.surfaces[surface](), racers=[racer], **rest)


def parts(spec, count=9):
    """What `run_batch` needs: starts on a grid, minima and scale."""
    left, right, bottom, top = spec.race.surface.window
    grid = np.stack(np.meshgrid(np.linspace(left, right, count), np.linspace(bottom, top, count)), -1).reshape(-1, 2)
    minima, _ = basins.places(spec.race.surface, spec.race.penalty)
    return grid, minima, np.array([1 / (right - left), 1 / (top - bottom), spec.radius**2])


def marched(spec, how, count=9):
    """Ends, minima reached and steps of the only racer, by the compiled text, by NumPy or by torch."""
    starts, minima, scale = parts(spec, count)
    problem, optimizer = problem_of(spec.race), spec.race.racers[0].optimizer
    factors = factors_of(spec.race.racers[0].schedule, spec.race.steps)
    if how == "numpy":
        return basins.with_numpy(optimizer, problem, starts, factors, minima, scale)
    if how == "torch":
        return tensors.run_batch(optimizer, problem, starts, factors, minima, scale, "cpu", spec.precision)
    return compiled.run_batch(optimizer, problem, starts, factors, minima, scale, spec.precision)


@pytest.fixture
def interpreted(monkeypatch):
    """Runs the printed text as plain Python instead of compiling it: slow steps, but no seconds of compiling."""

    def load(text):
        scope = {}
        text = text.replace("from numba import njit", "njit = lambda *_, **__: lambda kernel: kernel")
        exec(text.replace("from math", "from numpy"), scope)  # Python's own functions raise where IEEE has an answer
        return scope["kernel"]

    monkeypatch.setattr(kernels, "load", load)


def assert_same(first, second):
    for a, b in zip(first, second):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", PRINTABLE)
@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
def test_the_printed_text_of_every_optimizer_has_the_bits_of_the_lanes(name, interpreted):
    for extra in ({}, EXTRA):
        spec = map_of(name, "rosenbrock", "cosine", steps=15, radius=0.25, **extra)
        assert_same(marched(spec, "text"), marched(spec, "numpy"))


@pytest.mark.parametrize("surface", list(pg.surfaces))
@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
def test_the_printed_text_of_every_surface_has_the_numbers_of_the_lanes(surface, interpreted):
    for name in ("adam", "newton"):
        spec = map_of(name, surface, steps=8, radius=0.2)
        text, arrays = marched(spec, "text", 5), marched(spec, "numpy", 5)
        sound = arrays[1] != DIVERGED
        np.testing.assert_allclose(text[0][sound], arrays[0][sound], rtol=1e-6, atol=1e-9)
        np.testing.assert_array_equal(text[1], arrays[1])


def test_every_switch_is_in_the_printed_text(interpreted):
    for knobs in ({"amsgrad": True}, {"bias_correction": False}):
        spec = map_of("adam", steps=12, knobs=knobs)
        assert_same(marched(spec, "text"), marched(spec, "numpy"))


@pytest.mark.parametrize("name", ["momentum", "adam", "newton", "rprop"])
def test_compiled_in_double_precision_the_bits_are_those_of_the_race(name):
    spec = map_of(name, steps=120, knobs={"lr": 0.01} if name == "momentum" else {})
    result = marched(spec, "compiled", 23)
    assert_same(result, marched(spec, "numpy", 23))
    np.testing.assert_array_equal(result[0], ends_of(spec.race, parts(spec, 23)[0])[0, :, :2])


def test_single_precision_agrees_away_from_the_borders():
    double = map_of("adam", steps=300, knobs={"lr": 0.05})
    first, second = (
        marched(double, "compiled", 64),
        marched(dataclasses.replace(double, precision="single"), "compiled", 64),
    )
    gaps = abs(first[0] - second[0]).max(axis=1)
    assert np.quantile(gaps, 0.99) < 1e-4 and (first[1] == second[1]).mean() > 0.995


@pytest.mark.parametrize("name", RULES)
def test_on_torch_the_numbers_are_those_of_the_lanes(name):
    pytest.importorskip("torch")
    for extra in ({}, EXTRA):
        spec = map_of(name, "rosenbrock", "cosine", steps=40, radius=0.2, **extra)
        torch, arrays = marched(spec, "torch"), marched(spec, "numpy")
        np.testing.assert_allclose(torch[0], arrays[0], rtol=1e-7, atol=1e-9)
        np.testing.assert_array_equal(torch[1], arrays[1])
        np.testing.assert_array_equal(torch[2], arrays[2])


def test_on_a_gpu_the_map_is_the_same():
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device on this machine")
    assert tensors.device() == "cuda"
    spec = map_of("adam", steps=300)
    on_gpu = pg.run(spec)
    basins.one_map.cache_clear()
    starts, minima, scale = parts(spec)
    here = marched(spec, "numpy")
    there = tensors.run_batch(
        spec.race.racers[0].optimizer, problem_of(spec.race), starts, (1.0,) * 300, minima, scale, "cuda", "double"
    )
    np.testing.assert_array_equal(here[1], there[1])
    assert (on_gpu.reached >= 0).mean() > 0.9


def test_what_a_start_reaches_is_what_its_race_does():
    spec = map_of("momentum", steps=200, knobs={"lr": 0.01, "rho": 0.95}, side=128)
    record = pg.run(spec)
    for row, column in np.random.default_rng(0).integers(0, 128, (40, 2)):
        start = (float(record.xs[column]), float(record.ys[row]))
        race_record = pg.run(pg.Race.of(spec, starts=(start,)))
        length, code = int(race_record.lengths[0, 0]), record.reached[0, row, column]
        assert (code == DIVERGED) == (race_record.ends[0][0] == "diverged")
        if code == DIVERGED:
            continue
        path = race_record.positions[0, 0, :length]
        gaps = np.hypot(*((path[:, None] - record.minima) / 10).transpose(2, 0, 1))
        assert (code == NONE) == (gaps[-1].min() >= spec.radius)
        if code != NONE:
            inside = gaps[:, code] < spec.radius
            assert gaps[-1].argmin() == code and inside[record.steps[0, row, column] :].all()
            assert record.steps[0, row, column] == 0 or not inside[record.steps[0, row, column] - 1]


def test_sgd_on_a_bowl_by_hand():
    spec = pg.BasinMap.of(
        surface=pg.surfaces["sphere"](),
        racers=[pg.Racer(optimizer=pg.optimizers["sgd"](lr=0.25))],
        steps=12,
        side=16,
        radius=0.1,
    )
    record = pg.run(spec)
    # x <- x / 2 at each step, in a window 4 wide: the distance in widths is |start| / 4 / 2^k
    x, y = np.meshgrid(record.xs, record.ys)
    expected = np.maximum(0, np.floor(np.log2(np.hypot(x, y) / 4 / 0.1)) + 1)
    np.testing.assert_array_equal(record.steps[0], expected)
    np.testing.assert_allclose(record.xs[:2], [-1.875, -1.625])
    np.testing.assert_array_equal(record.shares, [[1, 0, 0]])
    assert record.minima.tolist() == [[0, 0]] and record.losses.tolist() == [0]


def test_who_leaves_the_finite_numbers_has_diverged_and_who_is_late_has_reached_nothing():
    fast = pg.run(map_of("sgd", "sphere", knobs={"lr": 10.0}, side=16, steps=500))
    assert (fast.reached == DIVERGED).all() and fast.shares.tolist() == [[0, 0, 1]] and (fast.steps == -1).all()
    slow = pg.run(map_of("sgd", "sphere", knobs={"lr": 1e-6}, side=16, steps=50))
    assert (slow.reached == NONE).mean() > 0.9 and (slow.steps[slow.reached == NONE] == -1).all()
    undefined = pg.run(
        pg.BasinMap.of(surface=pg.surfaces["formula"](text="log(x + 1) + x**2 + y**2"), side=16, steps=20)
    )
    assert (undefined.reached[:, :, undefined.xs < -1] == DIVERGED).all()


def test_a_surface_without_a_minimum_has_a_map_all_the_same():
    record = pg.run(map_of("sgd", "saddle", side=16, steps=30))
    assert (
        record.minima.shape == (0, 2) and record.shares.shape == (1, 2) and set(np.unique(record.reached)) <= {-1, -2}
    )


@pytest.mark.parametrize("surface", list(pg.surfaces))
def test_minima_in_the_window_are_minima(surface):
    instance = pg.surfaces[surface]()
    minima, losses = basins.places(instance, pg.Race().penalty)
    value, window = instance.derived().value_function("numpy"), np.array(instance.window).reshape(2, 2)
    declared = np.array(instance.minima() or ()).reshape(-1, 2)
    for minimum in declared:
        assert len(minima) and np.hypot(*(minima - minimum).T).min() < 1e-6
    assert (np.diff(losses) >= -1e-7 * np.maximum(1, abs(losses[:-1]))).all()
    angles = np.linspace(0, 2 * np.pi, 36)
    for minimum, loss in zip(minima, losses):
        ring = minimum[:, None] + 2e-3 * np.diff(window).ravel()[:, None] * np.stack([np.cos(angles), np.sin(angles)])
        inside = (np.clip(ring.T, *window.T) == ring.T).all(axis=1)
        assert (value(*ring)[0][inside] > loss - 1e-12).all()


def test_local_minima_are_found():
    minima, losses = basins.places(pg.surfaces["styblinski_tang"](), pg.Race().penalty)
    assert len(minima) == 4 and losses[0] < losses[1] < losses[3]
    assert losses[1] == pytest.approx(losses[2])
    assert len(basins.places(pg.surfaces["rastrigin"](), pg.Race().penalty)[0]) == 121


def test_a_moved_start_computes_no_new_map(monkeypatch):
    spec = map_of("sgd", side=16, steps=20)
    first = pg.run(spec)
    monkeypatch.setattr(basins, "run_batch", None)
    moved_record = pg.run(spec.with_race(starts=((1.0, 1.0),), levels="linear"))
    np.testing.assert_array_equal(first.reached, moved_record.reached)
    assert first.key != moved_record.key


def test_scipys_methods_have_a_coarser_map_and_say_so(monkeypatch):
    monkeypatch.setattr(basins, "SLOW", 4)
    record = pg.run(map_of("bfgs", side=16, steps=60))
    assert record.grain == (4,) and "4 x 4" in str(record.notes[0]) and record.reached.shape == (1, 16, 16)
    np.testing.assert_array_equal(record.reached[0, ::4, ::4].repeat(4, 0).repeat(4, 1), record.reached[0])
    assert (record.reached >= 0).mean() > 0.9


def test_a_coarse_map_is_small_enough_for_numpy():
    for steps in (1, 500, 5000):
        rough = pg.BasinMap.of(steps=steps, side=512).coarse()
        assert 16 <= rough.side <= 128 and rough.side**2 * steps <= max(QUICK, 256 * steps)


@pytest.mark.parametrize("field", [name for kind in (pg.Race, pg.BasinMap) for name in kind.fields() if name != "race"])
def test_every_field_is_part_of_the_link_and_of_the_key(field):
    other = {
        "surface": pg.surfaces["booth"](), "racers": (pg.Racer(optimizer=pg.optimizers["lion"]()),),
        "starts": ((0.5, 0.25),), "penalty": pg.penalties["l1"](), "gradient": pg.gradients["central"](),
        "levels": "linear", "steps": 7, "noise": 0.5, "seed": 3, "tolerance": 0.5, "side": 17, "radius": 0.1,
        "precision": "single",
    }  # fmt: skip
    spec = pg.BasinMap.of(pg.BasinMap(), **{field: other[field]})
    assert spec.key != pg.BasinMap().key and pg.BasinMap.from_query(spec.to_query()) == spec


@pytest.mark.parametrize("query", ["side=9", "side=513", "radius=0", "precision=half", "side=wide"])
def test_a_wrong_value_gives_one_sentence_and_keeps_the_rest(query):
    spec, problems = pg.BasinMap.read_query(f"{query}&seed=4")
    field, value = query.split("=")
    assert len(problems) == 1 and all(text in str(problems[0]) for text in (field, value, "must be"))
    assert spec == pg.BasinMap.of(seed=4)


def test_at_most_four_racers():
    spec, problems = pg.BasinMap.read_query("&".join(["racer=sgd"] * 5))
    assert len(spec.race.racers) == 4 and "5" in str(problems[0])
    assert len(pg.BasinMap.of(pg.Race.from_query("&".join(["racer=sgd"] * 7))).race.racers) == 4
    assert pg.Race.of(pg.BasinMap()) == pg.Race() and pg.BasinMap().key != pg.Race().key


def test_kernels_are_kept_on_the_disk_and_the_oldest_give_way(monkeypatch, tmp_path):
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path))
    monkeypatch.setattr(kernels, "KEPT", 2)
    texts = [f"kernel = {i}" for i in range(4)]
    for age, text in enumerate(texts):
        assert kernels.load(text) == int(text[-1])
        newest = max((tmp_path / "kernels").iterdir(), key=lambda path: path.stat().st_mtime_ns)
        os.utime(newest, (age, age))
    kernel_texts = {path.read_text() for path in (tmp_path / "kernels").glob("*/kernel.py")}
    assert texts[3] in kernel_texts and len(kernel_texts) == 2
    monkeypatch.setenv("PLAYGROUND_CACHE", os.devnull)
    assert kernels.load("kernel = 7  # where nothing can be written") == 7


def test_texts_are_the_same_in_every_process():
    """Otherwise no process would find another one's kernels, and the last digits would depend on hash seeds."""
    code = """if True:
        import hashlib, playground as pg
        from playground.engine import compiled
        from playground.engine.race import problem_of
        texts = [compiled._text(pg.optimizers["adam"](), problem_of(pg.Race(surface=cls())), "double")[1]
                 for cls in pg.surfaces.values()]
        print(hashlib.sha256("".join(texts).encode()).hexdigest())"""
    run = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert run[0] == run[1] and run[0].strip()
