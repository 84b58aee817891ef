"""Learning-rate sweeps and robustness: the same numbers as the races they stand for, and what is read off them."""

import dataclasses

import numpy as np
import pytest

import playground as pg
from playground.choices.optimizers import Minimizer, Rule
from playground.engine import stability
from playground.engine.many_runs import Outcomes
from playground.engine.robustness import quartiles, starts_of
from playground.specs.race import offered


def racer(name, schedule="constant", **knobs):
    return pg.Racer(optimizer=pg.optimizers[name](**knobs), schedule=pg.schedules[schedule]())


BOWL = pg.surfaces["bowl"](condition=20.0)
ROUGH = {"noise": 0.3, "penalty": pg.penalties["weight_decay"](), "gradient": pg.gradients["central"]()}


# -- learning-rate sweep ----------------------------------------------------------------------------------------------


def raced(spec, rate):
    """The race that a sweep stands for at one rate."""
    racers = [
        dataclasses.replace(racer, optimizer=dataclasses.replace(racer.optimizer, lr=float(rate)))
        if hasattr(racer.optimizer, "lr")
        else racer
        for racer in spec.race.racers
    ]
    return pg.run(pg.Race.of(spec, racers=racers))


@pytest.mark.parametrize("extra", [{}, ROUGH], ids=["plain", "rough"])
@pytest.mark.parametrize("name", offered(pg.RateSweep))
def test_a_sweep_is_the_races_with_these_rates(name, extra):
    starts = [(-1.5, 2.0), (0.3, -0.4)]
    spec = pg.RateSweep.of(
        racers=[racer(name, "cosine")], starts=starts, steps=60, count=6, low=1e-4, high=10.0, **extra
    )
    record = pg.run(spec)
    assert record.final.shape == (1, 2, 6)
    for index, rate in enumerate(record.rates):
        knob = pg.optimizers[name].knobs().get("lr")
        if knob and not knob.low <= rate <= knob.high:
            assert np.isnan(record.final[0, :, index]).all() and "only" in str(record.remarks[0])
            continue
        race = raced(spec, rate)
        same = {"rtol": 1e-9, "atol": 1e-12}
        alive = np.array(race.ends[0]) != "diverged"
        np.testing.assert_array_equal(record.diverged[0, :, index], ~alive)
        np.testing.assert_allclose(record.final[0, alive, index], race.final[0, alive], **same)
        np.testing.assert_allclose(record.best[0, :, index], race.best[0], **same)
        np.testing.assert_array_equal(record.arrived[0, :, index], race.arrived[0])


@pytest.mark.parametrize("name", ["sgd", "momentum", "nesterov", "rmsprop", "adagrad", "lion"])
def test_where_only_operators_and_roots_occur_the_bits_of_a_sweep_are_those_of_the_race(name):
    spec = pg.RateSweep.of(racers=[racer(name)], steps=200, count=9, noise=0.1, low=1e-4, high=1e-2)
    record = pg.run(spec)
    for index, rate in enumerate(record.rates):
        race = raced(spec, rate)
        np.testing.assert_array_equal(record.final[0, :, index], race.final[0])
        np.testing.assert_array_equal(record.best[0, :, index], race.best[0])


def test_tuned_rates_are_the_best_of_those_tried():
    spec = pg.RateSweep.of(
        racers=[racer(name) for name in ("sgd", "adam", "newton", "bfgs", "random_search")], count=40
    )
    record = pg.run(spec)
    for index in range(3):
        alive = ~record.diverged[index, 0] & np.isfinite(record.final[index, 0])
        assert record.tuned_final[index, 0] == record.final[index, 0][alive].min()
        assert record.final[index, 0, record.rates == record.tuned[index, 0]] == record.tuned_final[index, 0]
    assert np.isnan(record.tuned[3:]).all() and all("flat" in str(remark) for remark in record.remarks[3:])
    assert (record.final[3:] == record.final[3:, :, :1]).all()
    again = pg.run(pg.Race.of(spec.with_rates(record.tuned[:, 0])))
    np.testing.assert_allclose(again.final[:3], record.tuned_final[:3], rtol=1e-9)
    np.testing.assert_allclose(again.final[3:, 0], record.final[3:, 0, 0])


def test_among_equals_the_one_that_arrives_first_is_best_then_the_smallest():
    from playground.engine.sweep import _best_rates

    final = np.array([[[1.0, 0.0, 0.0, 0.0, -1.0]], [[2.0, 2.0, 3.0, np.nan, 1.0]], [[9.0, 9, 9, 9, 9]]])
    arrived = np.array([[[np.nan, 30, 7, 7, 1]], [[np.nan] * 5], [[np.nan] * 5]])
    diverged = np.array([[[False, False, False, False, True]], [[False] * 4 + [True]], [[True] * 5]])
    np.testing.assert_array_equal(_best_rates(final, arrived, diverged, np.array([True] * 3)), [[2], [0], [-1]])


def test_the_own_rate_stands_for_comparison():
    spec = pg.RateSweep.of(racers=[racer("adam", lr=0.07), racer("sgd", lr=0.0015)], steps=80, count=5)
    record, race = pg.run(spec), pg.run(pg.Race.of(spec))
    np.testing.assert_allclose(record.own_final, race.final, rtol=1e-9)
    np.testing.assert_array_equal(record.own, [0.07, 0.0015])


def test_the_stability_limit_is_that_of_the_bowl():
    record = pg.run(pg.RateSweep.of(surface=BOWL, racers=[racer("sgd")], count=2))
    analytic = max(BOWL.derived().hessian_function("python")(0.0, 0.0)[::2])
    np.testing.assert_allclose([record.curvature[0], record.limit[0]], [analytic, 2 / analytic])
    np.testing.assert_allclose(record.limits[0, 0], 2 / analytic, rtol=1e-8)


LIMITS = {
    "sgd": (racer("sgd"), 2),
    "momentum": (racer("momentum", rho=0.9), 2 * 1.9),
    "momentum, other form": (racer("momentum", rho=0.5, form="rho_v_minus_alpha_g"), 2 * 1.5),
    "nesterov": (racer("nesterov", rho=0.9), 2 * 1.9 / 2.8),
    "polyak": (racer("polyak"), 2),
}


@pytest.mark.parametrize("which", LIMITS)
def test_limits_of_linear_rules_against_theory_and_the_race(which):
    case, multiple = LIMITS[which]
    record = pg.run(pg.RateSweep.of(surface=BOWL, racers=[case], count=2))
    limit = record.limits[0, 0]
    np.testing.assert_allclose(limit, multiple / record.curvature[0], rtol=1e-7)
    for factor, settles in ((0.99, True), (1.01, False)):
        changed = dataclasses.replace(case, optimizer=dataclasses.replace(case.optimizer, lr=float(limit * factor)))
        race = pg.run(pg.Race(surface=BOWL, racers=[changed], starts=[(-1.8, 0.4)], steps=3000))
        end = race.final[0, 0]
        assert (end < race.losses[0, 0, 0] * 0.5) == settles


@pytest.mark.parametrize("damping", [0.0, 3.0])
def test_the_limit_of_newton_is_two_jumps(damping):
    record = pg.run(pg.RateSweep.of(surface=BOWL, racers=[racer("newton", damping=damping)], count=2))
    np.testing.assert_allclose(record.limits[0, 0], 2 * (1 + damping / record.curvature[0]), rtol=1e-7)


@pytest.mark.parametrize("name", [n for n, cls in pg.optimizers.items() if issubclass(cls, Rule)])
def test_only_linear_rules_have_a_limit(name):
    """By superposition on random gradients, independently of how the engine finds out."""
    rule, draw = pg.optimizers[name](), np.random.default_rng(3)

    def path(gradients):
        x = np.zeros(2)
        state = rule.init(x)
        for t, g in enumerate(gradients, 1):
            x, state = rule.step(x, g, state, t)
        return x

    first, second = draw.normal(size=(2, 12, 2))
    linear = np.allclose(path(first + second), path(first) + path(second), rtol=1e-9)
    limit = stability.limit(rule, np.diag([3.0, 1.0]), 0.0)
    assert np.isfinite(limit) == linear


def test_decay_and_schedules_and_the_limit():
    steady, falling = racer("sgd"), racer("sgd", "cosine")
    decay = pg.penalties["weight_decay"]()
    record = pg.run(pg.RateSweep.of(surface=BOWL, racers=[steady, falling], penalty=decay, count=2))
    np.testing.assert_allclose(record.limits[0, 0], 2 / (record.curvature[0] + decay.decay()), rtol=1e-7)
    np.testing.assert_allclose(record.limit[0], record.limits[0, 0], rtol=1e-7)
    assert np.isnan(record.limits[1, 0])


def test_without_a_minimum_or_curvature_there_is_no_limit():
    for surface in (pg.surfaces["formula"](text="x + y"), pg.surfaces["absolute"]()):
        record = pg.run(pg.RateSweep.of(surface=surface, count=3, steps=20))
        assert np.isnan(record.limit).all() and np.isnan(record.limits).all()


@pytest.mark.parametrize("low, high, count", [(1e-5, 10.0, 200), (0.1, 0.10001, 400), (10.0, 1e-6, 7), (0.3, 0.3, 50)])
def test_rates_rise_and_differ(low, high, count):
    rates = pg.RateSweep.of(low=low, high=high, count=count).rates()
    assert (np.diff(rates) > 0).all() and len(rates) == (1 if low == high else count)
    np.testing.assert_allclose([rates[0], rates[-1]], sorted((low, high)), rtol=1e-3)
    if len(rates) > 2:
        np.testing.assert_allclose(np.diff(np.log(rates)), np.diff(np.log(rates)).mean(), rtol=0.2, atol=1e-5)


# -- robustness -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("extra", [{}, ROUGH], ids=["plain", "rough"])
@pytest.mark.parametrize("name", offered(pg.Robustness))
def test_robustness_is_a_plain_loop_over_races(name, extra):
    spec = pg.Robustness.of(
        surface=pg.surfaces["himmelblau"](),
        racers=[racer(name)],
        crowd=4,
        draws=3,
        steps=30,
        seed=7,
        **{"noise": 0.3} | extra,
    )
    record = pg.run(spec)
    draws = 1 if issubclass(pg.optimizers[name], Minimizer) else 3
    races = [
        [pg.run(pg.Race.of(spec, starts=[start], seed=7 + d)) for start in record.starts.tolist()] for d in range(draws)
    ]
    losses, finals = [], np.full((3, 4), np.nan)
    for d, row in enumerate(races):
        for s, race in enumerate(row):
            n, lost = race.lengths[0, 0], race.ends[0][0] == "diverged"
            path = race.losses[0, 0].copy()
            path[n:] = np.inf if lost else path[n - 1]
            losses.append(path)
            finals[d, s] = path[-1]
    same = {"rtol": 1e-8, "atol": 1e-11}
    np.testing.assert_allclose(record.final[0], finals, **same)
    expected = np.quantile(np.array(losses), [0.25, 0.5, 0.75], axis=0, method="inverted_cdf")
    np.testing.assert_allclose(record.bands[0], expected, **same)
    np.testing.assert_allclose(record.quartiles[0], expected[:, -1], **same)
    assert record.runs[0] == record.compared == 4 * draws and bool(record.remarks[0]) == (draws == 1)
    assert record.diverged[0] == np.isinf(finals[:draws]).mean()


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 8, 257])
def test_quartiles_are_order_statistics(count):
    losses = np.random.default_rng(count).normal(size=(3, count))
    losses[1, : count // 2] = np.nan
    high = np.where(np.isnan(losses), np.inf, losses)
    np.testing.assert_array_equal(
        quartiles(losses), np.quantile(high, [0.25, 0.5, 0.75], axis=1, method="inverted_cdf")
    )


def test_wins_add_up_and_ties_are_shared():
    twins = [racer("sgd", lr=0.01), racer("sgd", lr=0.01), racer("adam")]
    record = pg.run(pg.Robustness.of(racers=twins, surface=BOWL, crowd=20, draws=5, noise=1.0, steps=20))
    assert record.compared == 100
    np.testing.assert_allclose(record.wins.sum() + record.nobody, 100)
    assert record.wins[0] == record.wins[1] and record.ties[0] == record.ties[1] == 2 * record.wins[0]
    assert record.ties[2] == 0
    lost = pg.run(pg.Robustness.of(racers=[racer("sgd", lr=10.0), racer("momentum", lr=10.0)], crowd=9, steps=400))
    assert lost.nobody == lost.compared == 9 and not lost.wins.any() and (lost.diverged == 1).all()
    assert np.isinf(lost.quartiles).all() and np.isinf(lost.bands[..., -1]).all()


def test_wins_by_hand():
    from playground.engine.robustness import _wins

    final = np.array([[0.0, 1.0, np.inf, np.inf, 3.0], [1e-13, 0.5, 2.0, np.inf, 3.0], [4.0, 0.5, np.inf, np.inf, 3.0]])
    wins = _wins(final, 0.0)
    np.testing.assert_allclose(wins["wins"], [0.5 + 1 / 3, 0.5 + 0.5 + 1 + 1 / 3, 0.5 + 1 / 3])
    np.testing.assert_array_equal(wins["ties"], [2, 3, 2])
    assert wins["nobody"] == 1


def test_without_noise_the_starts_alone_are_run():
    record = pg.run(pg.Robustness.of(racers=[racer("adam"), racer("bfgs")], crowd=6, draws=8, steps=30))
    assert len(record.seeds) == 1 and record.compared == 6 and list(record.runs) == [6, 6]
    searched = pg.run(pg.Robustness.of(racers=[racer("adam"), racer("local_search")], crowd=6, draws=8, steps=30))
    assert len(searched.seeds) == 8 and searched.compared == 48 and list(searched.runs) == [6, 48]
    assert (searched.final[0] == searched.final[0, :1]).all() and (np.ptp(searched.final[1], axis=0) > 0).any()
    noisy = pg.run(pg.Robustness.of(racers=[racer("adam"), racer("bfgs")], crowd=6, draws=8, steps=30, noise=0.1))
    assert list(noisy.runs) == [48, 6] and noisy.compared == 6 and np.isnan(noisy.final[1, 1:]).all()


def test_starts_lie_in_the_window_and_shrink_towards_that_of_the_race():
    wide = pg.Robustness.of(surface=pg.surfaces["himmelblau"](), starts=[(1.0, 2.0)])
    left, right, bottom, top = wide.race.surface.window
    x, y = starts_of(wide).T
    assert len(x) == 256 and left <= x.min() < x.max() <= right and bottom <= y.min() < y.max() <= top
    half = starts_of(dataclasses.replace(wide, spread=0.5))
    np.testing.assert_allclose(half, starts_of(wide) / 2 + np.array([0.5, 1.0]))
    assert (starts_of(dataclasses.replace(wide, spread=0.0)) == [1.0, 2.0]).all()
    assert not np.array_equal(starts_of(wide), starts_of(wide.with_race(seed=1)))


def test_runs_that_start_where_the_formula_is_not_defined_have_diverged():
    surface = pg.surfaces["formula"](text="log(x) + y**2")
    record = pg.run(pg.Robustness.of(surface=surface, starts=[(1, 1)], racers=[racer("sgd")], crowd=64, steps=3))
    outside = (record.starts[:, 0] <= 0).sum()
    assert outside > 0 and record.diverged[0] >= outside / 64 and record.nobody >= outside


def test_many_steps_are_shown_in_few():
    record = pg.run(pg.Robustness.of(racers=[racer("sgd")], crowd=3, steps=1001))
    assert record.shown[0] == 0 and record.shown[-1] == 1001 and len(record.shown) == record.bands.shape[2] <= 251
    short = pg.run(pg.Robustness.of(racers=[racer("sgd")], crowd=3, steps=7))
    np.testing.assert_array_equal(short.shown, np.arange(8))


# -- both -------------------------------------------------------------------------------------------------------------


def test_outcomes_do_not_depend_on_how_the_points_come():
    losses = np.random.default_rng(0).normal(size=(30, 50))
    losses[np.random.default_rng(1).random((30, 50)) < 0.02] = np.inf
    results = []
    for sizes in ([30], [1] * 30, [7, 16, 7]):
        outcomes = Outcomes((50,), enough=-1.5)
        outputs = np.concatenate([outcomes.add(part) for part in np.split(losses, np.cumsum(sizes)[:-1])])
        results.append((outputs, outcomes.final, outcomes.best, outcomes.arrived, outcomes.alive))
    for result in results[1:]:
        for a, b in zip(result, results[0]):
            np.testing.assert_array_equal(a, b)
    outputs, final, best, arrived, alive = results[0]
    for lane in range(50):
        bad = np.flatnonzero(~np.isfinite(losses[:, lane]))
        finite = losses[: bad[0] if len(bad) else 30, lane]
        assert alive[lane] == (not len(bad)) and np.isnan(outputs[len(finite) :, lane]).all()
        if len(finite):
            near = np.flatnonzero(finite <= -1.5)
            assert (final[lane], best[lane]) == (finite[-1], finite.min())
            assert arrived[lane] == near[0] if len(near) else np.isnan(arrived[lane])


@pytest.mark.parametrize("kind", [pg.RateSweep, pg.Robustness])
def test_the_same_spec_gives_the_same_numbers(kind):
    from playground.engine.robustness import _part as robust
    from playground.engine.sweep import _part as swept

    extra = {"count": 7} if kind is pg.RateSweep else {"crowd": 5, "draws": 2}
    spec = kind.of(racers=[racer("adam"), racer("random_search"), racer("bfgs")], noise=0.2, steps=25, **extra)
    first = pg.run(spec)
    robust.cache_clear()
    swept.cache_clear()
    again, other = pg.run(spec), pg.run(spec.with_race(seed=3))
    for name, value in vars(first).items():
        np.testing.assert_array_equal(value, getattr(again, name), err_msg=name)
    assert not np.array_equal(first.final, other.final)


@pytest.mark.parametrize("kind", [pg.RateSweep, pg.Robustness])
@pytest.mark.parametrize("surface", list(pg.surfaces))
def test_every_surface_can_be_asked(kind, surface):
    extra = {"count": 5} if kind is pg.RateSweep else {"crowd": 5}
    names = [*offered(pg.RateSweep)[2::4], "local_search"]
    record = pg.run(kind.of(surface=pg.surfaces[surface](), racers=[racer(name) for name in names], steps=20, **extra))
    assert record.final.shape[0] == len(names) and not np.isnan(record.final).all()


@pytest.mark.parametrize("kind", [pg.RateSweep, pg.Robustness])
def test_specs_round_trip_and_differ_from_the_race(kind):
    race = pg.Race(surface=BOWL, starts=[(1, 0.5), (0, 1)], noise=0.25, seed=4, levels="log", tolerance=0.01)
    spec = kind.of(race)
    assert kind.from_query(spec.to_query()) == spec and spec.key != race.key
    assert pg.Race.of(spec) == race
    changed = kind.of(race, **{name: knob.low for name, knob in kind.knobs().items()})
    assert kind.from_query(changed.to_query()) == changed and changed.key != spec.key
    assert kind.of(race).key != (pg.Robustness if kind is pg.RateSweep else pg.RateSweep).of(race).key


@pytest.mark.parametrize(
    "kind, query, fragment",
    [
        (pg.RateSweep, "low=0", "low is 0"),
        (pg.RateSweep, "count=100000", "count is 100000"),
        (pg.RateSweep, "high=nan", "high is"),
        (pg.RateSweep, "count=1&crowd=3", "count is 1"),
        (pg.Robustness, "crowd=1000000", "crowd is"),
        (pg.Robustness, "draws=0", "draws is 0"),
        (pg.Robustness, "spread=-1", "spread is -1"),
        (pg.Robustness, "spread=<script>", "spread is '<script>'"),
    ],
)
def test_hostile_links_say_what_is_wrong_and_keep_the_rest(kind, query, fragment):
    spec, problems = kind.read_query(f"v=1&surface=booth&steps=40&{query}")
    assert spec.race.surface.name == "booth" and spec.race.steps == 40
    assert any(fragment in str(problem).replace("low is 0.0", "low is 0") for problem in problems)
    with pytest.raises(pg.ChoiceError):
        kind.from_query(f"v=1&{query}")
