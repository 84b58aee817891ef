"""The race engine: the same numbers on every path, divergence as a result, and what the record says."""

import dataclasses
import itertools

import numpy as np
import pytest

import playground as pg
from playground.choices.optimizers import Minimizer, Rule, Search
from playground.choices.primitives import maximum, sign, where
from playground.engine import floats, reference
from playground.engine.race import ends_of, problem_of
from playground.presets import PRESETS

RULES = [name for name, cls in pg.optimizers.items() if issubclass(cls, Rule)]
OURS = [name for name, cls in pg.optimizers.items() if not cls.alone]  # the others: test_libraries.py


def racer(name, schedule="constant", **knobs):
    return pg.Racer(optimizer=pg.optimizers[name](**knobs), schedule=pg.schedules[schedule]())


def rows(race, i=0):
    """One racer of a race on floats and on arrays."""
    own_racer, problem = race.racers[i], problem_of(race)
    factors = [own_racer.schedule(t, race.steps) for t in range(race.steps)]
    printed = floats.run_rule(
        own_racer.optimizer, problem.derived, problem.source, race.starts[0], factors, problem.noise, problem.decay
    )
    return printed, reference.run(own_racer.optimizer, problem, np.array(race.starts), factors)[0]


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("surface", ["rosenbrock", "himmelblau", "absolute"])
def test_the_printed_loop_equals_the_rule_on_arrays(name, surface):
    race = pg.Race(
        surface=pg.surfaces[surface](),
        racers=[racer(name, "cosine")],
        starts=[(-1.2, 1.7)],
        steps=200,
        noise=0.1,
        penalty=pg.penalties["weight_decay"](),
    )
    printed, arrays = rows(race)
    np.testing.assert_allclose(printed, arrays, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", RULES)
def test_switches_reach_the_printed_loop(name):
    cls = pg.optimizers[name]
    switches = {
        n: [False, True] if isinstance(k.default, bool) else k.options
        for n, k in cls.knobs().items()
        if isinstance(k.default, bool) or k.options
    }
    for combination in itertools.product(*switches.values()):
        printed, arrays = rows(pg.Race(racers=[racer(name, **dict(zip(switches, combination)))], steps=60))
        np.testing.assert_allclose(printed, arrays, rtol=1e-10, atol=1e-12)


def test_where_only_operators_and_roots_occur_the_bits_are_equal():
    for name in ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "lion"):
        printed, arrays = rows(pg.Race(racers=[racer(name)], steps=300))
        np.testing.assert_array_equal(printed, arrays, err_msg=name)


@pytest.mark.parametrize("name", OURS)
def test_many_starts_give_the_paths_of_single_starts(name):
    starts = [(-1.5, 2.0), (0.3, -0.4), (1.7, 0.2)]
    together = pg.run(pg.Race(racers=[racer(name)], starts=starts, steps=40))
    for i, start in enumerate(starts):
        alone = pg.run(pg.Race(racers=[racer(name)], starts=[start], steps=40))
        np.testing.assert_allclose(together.positions[0, i], alone.positions[0, 0], rtol=1e-9, atol=1e-12)
        assert together.ends[0][i] == alone.ends[0][0]


@pytest.mark.parametrize("name", OURS)
def test_maps_end_where_the_race_ends(name):
    starts = [(-1.5, 2.0), (0.3, -0.4), (1.7, 0.2)]
    for extra in ({}, {"noise": 0.5, "penalty": pg.penalties["weight_decay"](), "gradient": pg.gradients["central"]()}):
        race = pg.Race(racers=[racer(name, "cosine")], starts=starts, steps=40, **extra)
        record, ends = pg.run(race), ends_of(race, np.array(starts))
        for i, ended in enumerate(record.ends[0]):
            if ended == "diverged":
                assert not np.isfinite(ends[0, i]).all()
            else:
                last = record.positions[0, i, record.lengths[0, i] - 1]
                np.testing.assert_array_equal(ends[0, i], [*last, record.final[0, i]])


def test_blocks_of_lanes_do_not_change_the_result():
    race = pg.Race(surface=pg.surfaces["himmelblau"](), racers=[racer("adam")], steps=20)
    starts = np.stack(np.meshgrid(np.linspace(-4, 4, 180), np.linspace(-4, 4, 200)), -1).reshape(-1, 2)
    whole = ends_of(race, starts)
    assert whole.shape == (1, 36000, 3)
    np.testing.assert_array_equal(whole[:, 5000:5007], ends_of(race, starts[5000:5007]))
    np.testing.assert_array_equal(starts[0], (-4, -4))


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("surface", list(pg.surfaces))
def test_every_optimizer_runs_on_every_surface(name, surface):
    record = pg.run(pg.Race(surface=pg.surfaces[surface](), racers=[racer(name)], steps=25))
    n = record.lengths[0, 0]
    assert 1 <= n <= 26
    assert np.isfinite(record.positions[0, 0, :n]).all() and np.isnan(record.positions[0, 0, n:]).all()
    assert record.ends[0][0] in ("ran", "converged", "stopped", "diverged")
    assert str(record.sentences[0][0]).endswith(".")
    value = pg.surfaces[surface]().derived().value_function("numpy")
    left, right, bottom, top = record.terrain.window
    x, y = record.positions[0, 0, :n].T
    inside = (left <= x) & (x <= right) & (bottom <= y) & (y <= top)  # far outside, terms cancel
    expected = np.broadcast_to(value(x, y)[0], n)
    np.testing.assert_allclose(record.losses[0, 0, :n][inside], expected[inside], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", ["sgd", "momentum", "newton", "rprop", "adam", "bfgs", "random_search"])
def test_divergence_is_a_result(name):
    knobs = {"lr": 10.0} if "lr" in pg.optimizers[name].knobs() else {}
    race = pg.Race(
        surface=pg.surfaces["formula"](text="x**3 - exp(x*y)"),
        racers=[racer(name, **knobs)],
        starts=[(2, 3)],
        steps=400,
    )
    record = pg.run(race)
    n = record.lengths[0, 0]
    if n < 401 and record.ends[0][0] == "diverged":
        assert f"step {n}" in str(record.sentences[0][0])
    assert np.isfinite(record.final[0, 0])


def test_sgd_diverges_at_the_step_where_the_hand_computed_loss_overflows():
    record = pg.run(
        pg.Race(surface=pg.surfaces["sphere"](), racers=[racer("sgd", lr=10.0)], starts=[(1, 0)], steps=500)
    )
    # x <- x (1 - 20) = -19 x; x^2 overflows once 19^(2k) > 1.797e308
    expected = int(np.ceil(np.log10(1.7976931348623157e308) / (2 * np.log10(19.0))))
    assert record.ends[0][0] == "diverged"
    assert record.lengths[0, 0] == expected
    assert f"step {expected}" in str(record.sentences[0][0])


def test_a_start_where_the_formula_is_not_defined():
    race = pg.Race(surface=pg.surfaces["formula"](text="log(x) + y**2"), starts=[(-1, 1)], steps=5)
    record = pg.run(race)
    assert set(record.lengths.ravel()) == {0} and np.isnan(record.final).all()
    assert all("start" in str(sentence) for (sentence,) in record.sentences)


def test_a_method_of_scipy_that_meets_infinity_has_diverged():
    surface = pg.surfaces["formula"](text="-exp(x) + y**2")
    record = pg.run(pg.Race(surface=surface, racers=[racer("bfgs")], starts=[(2, 1)], steps=50))
    assert record.lengths[0, 0] < 51 and record.ends[0][0] == "diverged" and "Diverged" in str(record.sentences[0][0])
    race_record = pg.run(pg.Race(racers=[racer("bfgs")], steps=100))
    assert race_record.ends[0][0] == "converged" and "nearly zero" in str(race_record.sentences[0][0])


REST = {  # surface and start -> what kind of point it is
    "a minimum": ("rosenbrock", {}, (-1.5, 2.0)),
    "a saddle, not a minimum": ("saddle", {}, (0.0, 0.0)),
    "a plateau": ("easom", {}, (-8.0, -8.0)),
    "a maximum": ("formula", {"text": "-x**2 - 2*y**2"}, (0.0, 0.0)),
    "need not be a minimum": ("formula", {"text": "x**2 + y**4"}, (0.0, 0.0)),
    "a crease": ("formula", {"text": "abs(x)**1.5 + y**2"}, (0.0, 0.0)),
}


def test_a_loss_that_no_longer_falls_on_a_slope_is_no_minimum():
    """Beside 1e17 rounding hides the fall, where the gradient is 0.6."""
    surface = pg.surfaces["formula"](text="1e17 + x**2 + y**2")
    record = pg.run(pg.Race(surface=surface, racers=[racer("lbfgs")], starts=[(1.0, 1.0)], steps=500))
    assert record.ends[0][0] == "stopped" and "minimum" not in str(record.sentences[0][0])


@pytest.mark.parametrize("name", ["bfgs", "lbfgs", "cg"])
@pytest.mark.parametrize("kind", REST)
def test_where_the_gradient_is_nearly_zero_the_curvature_says_what_is_there(kind, name):
    surface, knobs, start = REST[kind]
    record = pg.run(pg.Race(surface=pg.surfaces[surface](**knobs), racers=[racer(name)], starts=[start], steps=500))
    ((word,),), ((sentence,),) = record.ends, record.sentences
    assert word == "converged" and kind in str(sentence) and str(sentence).startswith("Settled after step ")


def test_methods_of_scipy_record_the_gradients_they_saw():
    noisy = pg.run(pg.Race(racers=[racer("bfgs"), racer("sgd", lr=1e-6)], noise=0.5, steps=20))
    quiet = pg.run(pg.Race(racers=[racer("bfgs"), racer("sgd", lr=1e-6)], steps=20))
    np.testing.assert_allclose(noisy.gradients[0, 0, 0], noisy.gradients[1, 0, 0])
    assert not np.allclose(noisy.gradients[0, 0, 0], quiet.gradients[0, 0, 0])
    n = quiet.lengths[0, 0]
    slopes = pg.Race().derived().gradient_function("numpy")(*quiet.positions[0, 0, :n].T)[1:]
    np.testing.assert_allclose(quiet.gradients[0, 0, :n].T, slopes, rtol=1e-9, atol=1e-9)


def test_noise_is_the_same_draw_for_every_racer_and_follows_the_seed():
    race = pg.Race(racers=[racer("sgd", lr=1e-6), racer("adam", lr=1e-6)], noise=1.0, steps=50)
    record, quiet = pg.run(race), pg.run(dataclasses.replace(race, noise=0.0))
    draws = record.gradients - quiet.gradients
    np.testing.assert_allclose(draws[0, 0, 0], draws[1, 0, 0])
    assert 0.5 < (draws[0, 0] - draws[0, 0].mean()).std() < 2.0
    again, other = pg.run(race), pg.run(dataclasses.replace(race, seed=1))
    np.testing.assert_array_equal(record.positions, again.positions)
    assert not np.array_equal(record.positions, other.positions)


def test_central_differences_agree_with_the_exact_gradient_and_cost_four():
    exact = pg.Race(racers=[racer("adam")], steps=100)
    numeric = dataclasses.replace(exact, gradient=pg.gradients["central"]())
    first, second = pg.run(exact), pg.run(numeric)
    np.testing.assert_allclose(first.positions, second.positions, atol=1e-5)
    assert first.evaluations[0, 0, -1] == 100 and second.evaluations[0, 0, -1] == 400
    rough = pg.run(dataclasses.replace(exact, gradient=pg.gradients["central"](h=1e-15)))
    assert abs(rough.positions - first.positions)[0, 0, 1:].max() > 1e-3


def test_the_penalty_is_part_of_the_descended_surface():
    l2 = pg.penalties["l2"]
    plain, penalized = pg.Race(surface=pg.surfaces["booth"]()), pg.Race(surface=pg.surfaces["booth"](), penalty=l2())
    first, second = pg.run(plain), pg.run(penalized)
    assert not np.allclose(first.terrain.values, second.terrain.values)
    assert second.terrain.minima_found and len(second.terrain.minima) == 1
    gradient = penalized.derived().gradient_function("numpy")(*second.terrain.minima[0])
    np.testing.assert_allclose(gradient[1:], 0, atol=1e-4)
    assert np.hypot(*second.terrain.minima[0]) < np.hypot(*first.terrain.minima[0])
    assert second.losses[0, 0, 0] > first.losses[0, 0, 0]


def test_decoupled_decay_shrinks_before_the_step():
    race = pg.Race(
        surface=pg.surfaces["sphere"](),
        racers=[racer("sgd", lr=0.1)],
        starts=[(1, -2)],
        steps=1,
        penalty=pg.penalties["weight_decay"](),
    )
    decay = race.penalty.decay()
    np.testing.assert_allclose(pg.run(race).positions[0, 0, 1], np.array([1, -2]) * (1 - 0.1 * decay - 0.2))
    assert pg.run(race).terrain.minima_found is False


def test_minima_are_searched_for_where_none_are_declared():
    record = pg.run(pg.Race(surface=pg.surfaces["formula"](text="(x**2-1)**2 + (y-0.5)**2"), starts=[(0.9, 0.4)]))
    assert record.terrain.minima_found
    np.testing.assert_allclose(sorted(record.terrain.minima.tolist()), [[-1, 0.5], [1, 0.5]], atol=1e-5)
    flat = pg.run(pg.Race(surface=pg.surfaces["formula"](text="x + y"), starts=[(0, 0)]))
    assert len(flat.terrain.minima) == 0 and np.isnan(flat.distance).all() and np.isnan(flat.arrived).all()


def test_the_summary_by_hand():
    race = pg.Race(
        surface=pg.surfaces["sphere"](), racers=[racer("sgd", lr=0.25)], starts=[(4, 0)], steps=6, tolerance=0.3
    )
    record = pg.run(race)
    np.testing.assert_allclose(record.positions[0, 0, :, 0], [4, 2, 1, 0.5, 0.25, 0.125, 0.0625])
    np.testing.assert_allclose(record.final, 0.0625**2)
    np.testing.assert_allclose(record.best, 0.0625**2)
    np.testing.assert_allclose(record.distance, 0.0625)
    assert record.arrived[0, 0] == 3
    np.testing.assert_array_equal(record.evaluations[0, 0], np.arange(7))
    np.testing.assert_allclose(record.gradients[0, 0, :, 0], 2 * record.positions[0, 0, :, 0])


def test_states_rates_and_answers_are_recorded_by_name():
    race = pg.Race(racers=[racer("adam", "cosine"), racer("polyak"), racer("bfgs")], steps=30)
    record = pg.run(race)
    assert record.states[0]["m"].shape == (1, 31, 2)
    np.testing.assert_array_equal(record.states[1]["average"], record.positions[1])
    factors = [race.racers[0].schedule(t, 30) for t in range(30)]
    np.testing.assert_allclose(record.rates[0, :30], 0.05 * np.array(factors))
    assert np.isnan(record.rates[2]).all()
    assert (np.diff(record.evaluations[2, 0, : record.lengths[2, 0]]) >= 1).all()


def test_searches_and_scipy_count_what_they_ask_for():
    for name in OURS:
        cls, record = pg.optimizers[name], pg.run(pg.Race(racers=[racer(name)], steps=20))
        counts = record.evaluations[0, 0, : record.lengths[0, 0]]
        assert counts[0] == (1 if issubclass(cls, Search) else 0)
        assert (np.diff(counts) >= 1).all()
        if issubclass(cls, Minimizer):
            assert counts[-1] > len(counts)


def test_the_presets_show_what_they_say():
    by_name = {preset.name: (preset.race(), pg.run(preset.race())) for preset in PRESETS}
    zig = by_name["zig-zag"][1]
    crossings = (np.diff(np.sign(zig.positions[:, 0, :30, 1]), axis=1) != 0).sum(axis=1)
    assert crossings[0] > 20 > crossings[1] and zig.final[2, 0] < zig.final[:2, 0].min()
    hollow = by_name["local-minimum"][1]
    assert hollow.distance[0, 0] > 1 > hollow.distance[1, 0] and hollow.distance[2, 0] > 1
    stops = by_name["adagrad-stops"][1]
    assert stops.final[0, 0] > 10 * stops.final[2, 0]
    step = np.linalg.norm(np.diff(stops.positions[0, 0], axis=0), axis=1)
    assert step[-1] < 0.05 * step[0]
    jump = np.linalg.norm(np.diff(by_name["adam-jumps"][1].positions[:, 0, :2], axis=1), axis=-1)[:, 0]
    assert jump[1] > 3 * jump[0]
    large = by_name["too-large"][1]
    assert large.losses[2, 0, -1] > large.losses[2, 0, 0] and large.losses[1, 0, -1] < large.losses[1, 0, 0]
    left = np.argmax(abs(by_name["saddle"][1].positions[:, 0, :, 0]) > 0.5, axis=1)
    assert left[0] > left[1] and left[0] > 2 * left[2:].max()
    noise = by_name["noise"][1].losses[:, 0, -100:].mean(axis=1)
    assert noise[0] > 5 * noise[1] and noise[0] > 5 * noise[2]


def test_primitives_on_numbers():
    assert (sign(-2.0), sign(0), sign(3)) == (-1.0, 0.0, 1.0)
    assert maximum(1, 2.5) == 2.5 and where(True, 1, 2) == 1 and where(False, 1, 2) == 2


@pytest.mark.parametrize("device", ["cpu", "cuda"])
@pytest.mark.parametrize("name", RULES)
def test_the_same_rule_runs_on_torch_tensors(name, device):
    torch = pytest.importorskip("torch")
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device on this machine")
    race = pg.Race(racers=[racer(name)], starts=[(-1.5, 2.0), (0.4, 0.3)], steps=50)
    rule, record = race.racers[0].optimizer, pg.run(race)
    x = torch.tensor(race.starts, dtype=torch.float64, device=device).T
    gradient = race.derived().gradient_function("torch")
    state = rule.init(x)
    for t in range(50):
        _, gx, gy = gradient(x[0], x[1])
        x, state = rule.step(x, torch.stack([gx, gy]), state, t + 1)
    answer = getattr(state, rule.answer) if rule.answer else x
    np.testing.assert_allclose(answer.cpu().numpy().T, record.positions[0, :, -1], rtol=1e-9, atol=1e-12)
