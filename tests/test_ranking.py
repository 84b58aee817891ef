"""The ranking of all optimizers: its budget, its stored run, its scores, and the page that shows it."""

import csv
import io
import json
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
from opened import in_root, links, open_page, quiet, widget

import playground as pg
from playground.engine.ranking import FILE, measure, rank, scale, stored
from playground.export import ranking as tables
from playground.export import records
from playground.jobs import Inline, Job
from playground.presets import RANKINGS
from playground.specs.ranking import BUDGET, Budget, Trial, race_of, rate_knob, trials
from playground.view import ranking as view

engine = import_module("playground.engine.ranking")  # the package holds a function of this name
SMALL = Budget(rates=3, low=1e-3, high=10.0, evaluations=12)


@pytest.fixture(scope="module")
def record():
    return pg.run(pg.Ranking())


# -- the budget --------------------------------------------------------------------------------------------------------


def test_the_step_sizes_are_spaced_by_their_logarithm_within_the_knobs_range():
    assert Budget(rates=6).values(pg.optimizers["sgd"]) == [1e-4, 1e-3, 0.01, 0.1, 1.0, 10.0]
    newton = Budget(rates=6).values(pg.optimizers["newton"])
    assert newton == [1e-3, 0.01, 0.1, 1.0, 10.0] and pg.optimizers["newton"].knobs()["lr"].low == 1e-3
    assert BUDGET.values(pg.optimizers["bfgs"]) == []
    for name, kind in pg.optimizers.items():
        knob = rate_knob(kind)
        for rate in BUDGET.values(kind):
            assert kind(**{knob: rate}), name


@pytest.mark.parametrize(
    "name", ["adam", "newton", "bfgs", "random_search", "to_lbfgs", "po_sam", "po_alig", "po_a2grad"]
)
def test_nobody_gets_more_evaluations_than_the_budget_says(name):
    knob, budget = rate_knob(pg.optimizers[name]), replace_evaluations(40)
    races = Trial(name, "rosenbrock", budget).races()
    assert len(races) == (len(budget.values(pg.optimizers[name])) or 1)
    assert {most for _, most in races} == {budget.evaluations * (1 if knob else budget.rates)}
    gaps = measure(Trial(name, "rosenbrock", budget))
    start, lowest = scale("rosenbrock")
    for (race, most), gap in zip(races, gaps, strict=True):
        record = pg.run(race)
        within = np.flatnonzero(record.evaluations[0, 0] <= most)
        if gap is None:
            assert record.ends[0][0] == "diverged"
            continue
        expected = max((record.losses[0, 0, within[-1]] - lowest) / (start - lowest), 0.0)
        np.testing.assert_allclose(gap, expected, rtol=1e-3, atol=1e-12)


def replace_evaluations(count):
    return SMALL._replace(evaluations=count)


def test_a_surface_without_a_minimum_has_a_lowest_loss_in_its_window():
    start, lowest = scale("saddle")
    assert lowest < 0 < start
    assert scale("styblinski_tang")[1] == pytest.approx(-78.3323, abs=1e-3)


# -- the stored run ----------------------------------------------------------------------------------------------------


def test_the_file_holds_every_optimizer_on_every_surface_at_the_budget_that_is_told():
    data = stored()
    assert FILE.stat().st_size < 1_000_000
    assert Budget(**data["budget"]) == BUDGET
    assert set(data["versions"]) == {"numpy", "scipy", "torch", "pytorch_optimizer"}
    assert {(trial.optimizer, trial.surface) for trial in trials()} == {
        (name, surface) for name, gaps in data["gaps"].items() for surface in gaps
    }
    for name, by_surface in data["gaps"].items():
        for gaps in by_surface.values():
            assert len(gaps) == (len(BUDGET.values(pg.optimizers[name])) or 1)


def test_a_random_part_of_it_computed_again_is_the_same():
    """Where a way is chaotic, the last bits of another processor's functions may lead elsewhere."""
    draws = np.random.default_rng(11).choice(len(trials()), 40, replace=False)
    same = []
    for trial in (trials()[i] for i in draws):
        for gap, again in zip(stored()["gaps"][trial.optimizer][trial.surface], measure(trial), strict=True):
            same.append(gap == again if None in (gap, again) else np.isclose(gap, again, rtol=2e-3, atol=1e-9))
    assert np.mean(same) > 0.97, f"{np.sum(same)} of {len(same)} runs"


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path, monkeypatch):
    few = [Trial(name, surface, SMALL) for surface in ("sphere", "booth") for name in ("sgd", "bfgs")]
    monkeypatch.setattr(engine, "trials", lambda budget: few)
    out = tmp_path / "ranking.json"
    partial = out.with_suffix(".partial")
    partial.write_text(
        json.dumps([list(SMALL), "sgd", "sphere", [0.5, 0.25, 0.125]])
        + "\n"
        + json.dumps([list(BUDGET), "bfgs", "sphere", [1.0]])
        + "\n"
    )
    *news, last = Inline().watch(Job(work=rank, arguments=(out, SMALL, 1)))
    data = json.loads(out.read_text())
    assert [str(progress.message) for progress in news] == ["2 of 4 trials", "3 of 4 trials", "4 of 4 trials"]
    assert last.result == out and not partial.exists()
    assert data["gaps"]["sgd"]["sphere"] == [0.5, 0.25, 0.125]  # as it was left
    assert data["gaps"]["bfgs"]["sphere"] == measure(few[1]) and data["budget"] == SMALL._asdict()


# -- the scores --------------------------------------------------------------------------------------------------------


def test_scores_of_a_case_worked_by_hand(monkeypatch):
    budget = Budget(rates=2, low=0.1, high=1.0, evaluations=5)
    gaps = {
        "sgd": {"sphere": [0.5, 1e-12], "booth": [0.2, None]},
        "adam": {"sphere": [1e-11, 0.3], "booth": [0.1, 0.4]},
        "bfgs": {"sphere": [0.9], "booth": [7.0]},
        "lion": {"sphere": [None, None], "booth": [3.0, 2.0]},
    }
    data = {"budget": budget._asdict(), "versions": {"numpy": "2"}, "date": "2026-01-01", "gaps": gaps}
    monkeypatch.setattr(engine, "stored", lambda: data)
    record = pg.run(pg.Ranking(tolerance=0.25))
    assert record.names == ("adam", "sgd", "bfgs", "lion") and record.surfaces == ("sphere", "booth")
    assert record.gaps.tolist() == [[1e-10, 0.1], [1e-10, 0.2], [0.9, 1.0], [1.0, 1.0]]
    assert record.ranks.tolist() == [[1.5, 1.0], [1.5, 2.0], [3.0, 3.5], [4.0, 3.5]]
    assert record.median.tolist() == [1.25, 1.75, 3.25, 3.75]
    assert record.solved.tolist() == [1.0, 1.0, 0.0, 0.0]
    assert record.wide.tolist() == [0.5, 0.5, 0.0, 0.0]  # of 4, 4, 2 and 4 runs
    np.testing.assert_array_equal(record.rates, [[0.1, 0.1], [1.0, 0.1], [np.nan, np.nan], [np.nan, np.nan]])
    saddles = pg.run(pg.Ranking(surfaces="convex", group="our own", find="ad"))
    assert saddles.shown.tolist() == [True, False, False, False]


def test_ranks_are_a_permutation_up_to_ties(record):
    count = len(record.names)
    np.testing.assert_allclose(record.ranks.sum(axis=0), count * (count + 1) / 2)
    assert (np.diff(record.median) >= 0).all()
    for j in range(len(record.surfaces)):
        order = np.argsort(record.gaps[:, j], kind="stable")
        assert (np.diff(record.ranks[order, j]) >= 0).all()


def test_a_smaller_tolerance_solves_no_more(record):
    strict = pg.run(pg.Ranking(tolerance=1e-6))
    by_name = dict(zip(strict.names, strict.solved))
    assert all(by_name[name] <= share for name, share in zip(record.names, record.solved))


def test_the_best_on_a_surface_do_in_a_race_what_the_ranking_says(record):
    index = record.surfaces.index("rosenbrock")
    best = np.argsort(record.gaps[:, index], kind="stable")[:5]
    race = race_of("rosenbrock", [(record.names[i], float(record.rates[i, index])) for i in best], BUDGET.evaluations)
    assert pg.Race.from_query(race.to_query()) == race and len(race.racers) == 5
    race_record, (start, lowest) = pg.run(race), scale("rosenbrock")
    for r, i in enumerate(best):
        assert np.nanmin(race_record.losses[r, 0]) - lowest <= max(record.gaps[i, index], 1e-10) * 1.01 * (
            start - lowest
        )


# -- figures, files and the page ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_charts_and_files(record, theme):
    heat = view.heat(record, theme)
    cells = heat["data"]["values"]
    assert len(cells) == view.MOST * len(record.surfaces)
    assert {cell["optimizer"] for cell in cells} == set(record.labels[: view.MOST])
    assert all(cell["solved"] == (cell["shade"] <= np.log10(record.tolerance) + 1e-12) for cell in cells)
    assert len(view.heat(record, theme, 200)["data"]["values"]) == record.gaps.size
    shares = [row["share"] for row in view.profile(record, theme)["layer"][0]["data"]["values"]]
    assert min(shares) >= 0 and max(shares) <= 1


def test_the_table_as_csv_and_the_arrays(record):
    first, *rest = tables.ranks(record).decode().splitlines()
    assert record.stamp in first
    rows = list(csv.DictReader(io.StringIO("\n".join(rest))))
    assert [row["optimizer"] for row in rows] == list(record.names)
    assert float(rows[3]["rosenbrock_gap"]) == record.gaps[3, record.surfaces.index("rosenbrock")]
    arrays = np.load(io.BytesIO(records.arrays(record)))
    np.testing.assert_array_equal(arrays["gaps"], record.gaps)


def test_the_link_holds_what_is_shown():
    spec = pg.Ranking(surfaces="many minima", group="torch.optim", find="ada m", tolerance=0.01, race="booth")
    assert pg.Ranking.from_query(spec.to_query()) == spec
    wrong = {"group": "keras", "surfaces": "cubes", "tolerance": "2", "race": "nowhere", "find": "x" * 41}
    for name, value in wrong.items():
        read_spec, problems = pg.Ranking.read_query(f"{name}={value}&v=1")
        assert read_spec == pg.Ranking() and len(problems) == 1 and str(problems[0]).startswith(f"{name} is ")


def test_the_page_opens_and_every_control_works(monkeypatch):
    in_root(monkeypatch)
    app = open_page("ranking")
    assert len(app.dataframe[0].value) == len(pg.optimizers)
    (query,) = [query for label, query in links(app).items() if "Race the best 5 on Rosenbrock" in label]
    assert len(pg.Race.from_query(query).racers) == 5
    for field, value in (("surfaces", "saddles"), ("group", "torch.optim"), ("race", "monkey_saddle")):
        widget("selectbox", app, field).set_value(value)
        quiet(app.run())
        assert getattr(app.session_state["ranking.spec"], field) == value
    assert set(app.dataframe[0].value["From"]) == {"torch.optim"}
    widget("text_input", app, "find").set_value("zzz")
    quiet(app.run())
    assert not app.dataframe and "No optimizer" in app.info[0].value
    widget("text_input", app, "find").set_value("y" * 41)
    quiet(app.run())
    assert app.error and app.session_state["ranking.spec"].find == "zzz"
    again = open_page("ranking", replace(pg.Ranking(), group="our own", race="booth").to_query())
    assert set(again.dataframe[0].value["From"]) == {"our own"} and not again.warning


# -- questions --------------------------------------------------------------------------------------------------------


def place_of(record, name):
    return record.names.index(name)


def test_the_questions_show_what_they_claim(record):
    """The numbers in the texts of `presets/ranking.py`."""
    share = {
        name: round(100 * float(record.solved[place_of(record, name)])) for name in ("rprop", "lbfgs", "adam", "sgd")
    }
    assert share == {"rprop": 87, "lbfgs": 70, "adam": 67, "sgd": 43} and place_of(record, "rprop") == 0
    wide = {name: round(100 * float(record.wide[place_of(record, name)])) for name in ("bfgs", "adam", "sgd")}
    assert wide == {"bfgs": 67, "adam": 23, "sgd": 10}
    assert record.wide[place_of(record, "bfgs")] == record.solved[place_of(record, "bfgs")]
    many = pg.run(RANKINGS[2].race())
    places = {name: place_of(many, name) for name in ("random_search", "adam", "sgd", "newton")}
    assert places["random_search"] < places["adam"] < places["sgd"] < places["newton"]
    assert places["newton"] > len(many.names) - 10
