"""Forms of one method: equal to rounding where algebra says so, and seen to differ where it does not."""

import csv
import io
import json
from itertools import combinations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some
from opened import in_root, open_page, quiet, widget

import playground as pg
from playground.choices.forms import variants
from playground.choices.forms.adaptive import FoldedAdam
from playground.choices.forms.momentum import HeavyBall, LookAhead, TwoSequences
from playground.choices.optimizers.formula import formula
from playground.engine.forms import SLACK
from playground.export import forms as tables
from playground.export import records
from playground.presets import FORMS
from playground.view import forms as view

MOVING = ["rosenbrock", "himmelblau"]  # where steps of another length lead elsewhere
CALM = ["sphere", "rosenbrock", "himmelblau", "rastrigin", "saddle", "absolute", "plateau", "formula"]


@pytest.fixture(autouse=True)
def at_home(monkeypatch):
    in_root(monkeypatch)


def compared(form, **more):
    knobs = more.pop("knobs", {})
    return pg.run(pg.Forms(form=pg.forms[form](**knobs), **more))


# -- what is equal and what is not -------------------------------------------------------------------------------------


@pytest.mark.parametrize("surface", CALM)
@pytest.mark.parametrize("form", list(pg.forms))
def test_algebra_is_right_with_a_constant_rate(form, surface):
    record = compared(form, surface=pg.surfaces[surface]())
    for same, expected, gaps in zip(record.same, record.expected, record.differences):
        assert same == expected or surface not in MOVING  # two methods may meet where nothing moves
        inside = np.nanmax(gaps / record.allowed)
        assert inside < 0.1 if expected else inside > 1 or same


@pytest.mark.parametrize("schedule", ["step", "cosine", "one_cycle", "linear"])
@pytest.mark.parametrize("form", list(pg.forms))
def test_algebra_is_right_with_a_changing_rate(form, schedule):
    spec = pg.Forms(
        form=pg.forms[form](), schedule=pg.schedules[schedule](), surface=pg.surfaces["bowl"](condition=30.0)
    )
    record = pg.run(spec)
    assert not spec.constant_rate() and record.same.tolist() == record.expected.tolist()


@given(
    form=some.sampled_from(list(pg.forms)), surface=some.sampled_from(["rosenbrock", "himmelblau", "booth"]),
    exponent=some.floats(-6, -3), share=some.floats(0.0, 0.99), noise=some.sampled_from([0.0, 0.5]),
    place=some.tuples(some.floats(-1.5, 1.5), some.floats(-1.5, 1.5)),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_equal_forms_stay_equal_with_any_knobs(form, surface, exponent, share, noise, place):
    knobs = {"lr": 10**exponent} | {name: share for name in ("rho", "beta1") if name in pg.forms[form].knobs()}
    record = compared(form, knobs=knobs, surface=pg.surfaces[surface](), noise=noise, x=place[0], y=place[1], steps=120)
    for same, expected in zip(record.same, record.expected):
        assert same or not expected


def test_expected_is_transitive():
    for cls in pg.forms.values():
        kins = [variant.kin for variant in cls().variants()]
        assert kins[0] == (0, 0) and 2 <= len(kins) <= 3
        for first, second in combinations(kins, 2):
            assert first[0] == second[0] or first[1] != second[1]  # what differs always differs with a schedule too


def test_momentum_parts_at_the_step_where_the_rate_falls():
    record = compared("momentum_forms", schedule=pg.schedules["step"](every=40, gamma=0.5), steps=100)
    assert record.apart[0] == record.apart[1] == 41 and np.isnan(record.apart[2])
    assert record.same.tolist() == [False, False, True]
    assert "part at step 41" in str(record.sentences[0]) and "same method" in str(record.sentences[2])


def test_sgd_with_decay_needs_no_momentum_to_be_an_l2_penalty():
    plain, moving = (compared("sgd_decay", knobs={"rho": rho, "lr": 0.01}) for rho in (0.0, 0.9))
    assert plain.same.all() and plain.expected.all() and not moving.same.any() and not moving.expected.any()


def test_knobs_that_make_two_methods_one():
    assert compared("mean_or_sum", knobs={"rho": 0.0}).same.all()
    assert compared("adam_correction", knobs={"beta1": 0.0, "beta2": 0.0}).same.all()
    assert compared("adam_folded", knobs={"beta2": 0.0}).same.all()
    for form in ("momentum_forms", "nesterov_forms"):
        record = compared(form, knobs={"rho": 0.0}, schedule=pg.schedules["cosine"]())
        assert record.same.all() and record.expected.all(), form


def test_nesterov_meets_only_after_the_change_of_variables():
    record = compared("nesterov_forms")
    assert record.largest.max() < 1e-12 < 0.01 < np.nanmax(record.direct[:2])
    look, rho = record.race.states[1], 0.9
    np.testing.assert_allclose(
        record.race.positions[1, 0] + rho * look["velocity"][0], record.race.positions[0, 0], rtol=0, atol=1e-12
    )


def test_without_correction_the_first_step_is_three_times_as_long():
    record = compared("adam_correction", knobs={"lr": 0.01}, surface=pg.surfaces["himmelblau"]())
    first = np.linalg.norm(np.diff(record.race.positions[:, 0, :2], axis=1)[:, 0], axis=-1)
    assert first[1] / first[0] == pytest.approx(0.1 / 0.001**0.5, rel=1e-4)


def test_chaos_is_not_taken_for_another_method():
    """With a rate at which neighbouring starts part, two forms part too; the control tells."""
    record = compared("momentum_forms", knobs={"lr": 0.012}, surface=pg.surfaces["rastrigin"](), steps=2000)
    assert record.same.all() and np.nanmax(record.control) > 1e-13 and SLACK <= 100


def test_a_diverging_method_is_compared_as_far_as_it_goes():
    record = compared("momentum_forms", knobs={"lr": 1.0})
    assert record.race.ends[0] == ("diverged",) and record.same.all()
    json.dumps(view.differences(record, "light"), allow_nan=False)


def test_nowhere_to_go():
    record = compared("momentum_forms", surface=pg.surfaces["formula"](text="log(x) + y**2"), x=-1.0, y=1.0)
    assert len(record.sentences) == 3
    json.dumps(view.differences(record, "dark"), allow_nan=False)
    assert b"\n0," in tables.differences(record)


# -- the variants against other people's text --------------------------------------------------------------------------


def by_hand(step, start, steps, state):
    """Points of `step(x, t, state) -> x` on Himmelblau's gradient."""
    x, points = np.array(start), []
    for t in range(1, steps + 1):
        points.append(x)
        x = step(x, t, state)
    return np.array([*points, x])


def gradient(x):
    a, b = x[0] ** 2 + x[1] - 11, x[0] + x[1] ** 2 - 7
    return np.array([4 * x[0] * a + 2 * b, 2 * a + 4 * x[1] * b])


def run(rule, steps=60):
    spec = pg.Race(
        surface=pg.surfaces["himmelblau"](), racers=[pg.Racer(optimizer=rule)], starts=[(0.5, -0.5)], steps=steps
    )
    return pg.run(spec).positions[0, 0]


def test_the_heavy_ball_against_polyak():
    def step(x, t, state):
        before, state["x"] = state.get("x", x), x
        return x - 0.01 * gradient(x) + 0.8 * (x - before)

    np.testing.assert_allclose(run(HeavyBall(lr=0.01, rho=0.8)), by_hand(step, (0.5, -0.5), 60, {}), rtol=1e-10)


def test_look_ahead_and_two_sequences_against_the_papers():
    def look_ahead(p, t, state):
        state["v"] = 0.8 * state.get("v", 0.0) - 0.01 * gradient(p + 0.8 * state.get("v", 0.0))
        return p + state["v"]

    def two(y, t, state):
        x = y + 0.8 * (y - state.get("y", y))
        state["y"] = y
        return x - 0.01 * gradient(x)

    for rule, step in ((LookAhead(lr=0.01, rho=0.8), look_ahead), (TwoSequences(lr=0.01, rho=0.8), two)):
        np.testing.assert_allclose(run(rule), by_hand(step, (0.5, -0.5), 60, {}), rtol=1e-10)


def test_folded_adam_against_the_paper():
    def step(x, t, state):
        g = gradient(x)
        m = state["m"] = 0.9 * state.get("m", 0.0) + 0.1 * g
        v = state["v"] = 0.999 * state.get("v", 0.0) + 0.001 * g * g
        return x - 0.1 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-3)

    record = run(FoldedAdam(lr=0.1, epsilon=1e-3, scaled=False))
    np.testing.assert_allclose(record, by_hand(step, (0.5, -0.5), 60, {}), rtol=1e-10)


@pytest.mark.parametrize(
    "form, make",
    [
        ("sgd_decay", lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.5, weight_decay=0.5)),
        ("adam_decay", lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.5)),
    ],
)
def test_l2_in_the_gradient_is_what_torch_calls_weight_decay(form, make):
    knobs = {"lr": 0.01} | ({"rho": 0.5} if "rho" in pg.forms[form].knobs() else {})
    record = compared(form, knobs=knobs, surface=pg.surfaces["himmelblau"](), x=0.5, y=-0.5, steps=60)
    weights = torch.tensor([0.5, -0.5], dtype=torch.float64, requires_grad=True)
    optimizer, points = make([weights]), [[0.5, -0.5]]
    for _ in range(60):
        weights.grad = torch.tensor(gradient(weights.detach().numpy()))
        optimizer.step()
        points.append(weights.tolist())
    np.testing.assert_allclose(record.race.positions[0, 0], points, rtol=1e-9)


@pytest.mark.parametrize("name", list(variants))
def test_every_variant_has_a_formula_and_a_source(name):
    cls = variants[name]
    assert len(formula(cls)) >= 1 and "Reference:" in cls.__doc__ and "Formula:" in cls.__doc__
    rule_types = {type(variant.rule) for form in pg.forms.values() for variant in form().variants()}
    assert cls in rule_types


def test_every_comparison_has_a_registered_rule_or_says_the_frameworks_form():
    for name, cls in pg.forms.items():
        rules = {type(variant.rule).name for variant in cls().variants()}
        assert rules & set(pg.optimizers) or name == "sgd_decay"
        assert cls.reference and cls.look


# -- specs and links ---------------------------------------------------------------------------------------------------


def values(knob):
    if isinstance(knob.default, int):
        return some.integers(int(knob.low), int(knob.high))
    return some.floats(knob.low, knob.high)


FORM_CHOICES = some.sampled_from(list(pg.forms.values())).flatmap(
    lambda cls: some.builds(cls, **{name: values(knob) for name, knob in cls.knobs().items()})
)
SPECS = some.builds(
    pg.Forms,
    form=FORM_CHOICES,
    schedule=some.sampled_from([cls() for cls in pg.schedules.values()]),
    surface=some.sampled_from([cls() for cls in pg.surfaces.values()]),
    **{name: values(knob) for name, knob in pg.Forms.knobs().items()},
)


@given(SPECS)
@settings(max_examples=100, deadline=None)
def test_a_link_restores_the_comparison(spec):
    again = pg.Forms.from_query(spec.to_query())
    assert again == spec and again.key == spec.key


@pytest.mark.parametrize(
    "query, fragment",
    [
        ("form=adam", "comparison is 'adam', but must be one of momentum_forms"),
        ("form=momentum_forms,lr:100", "lr is 100, but must be a number from 1e-06 to 10"),
        ("form=mean_or_sum,rho:1", "rho is 1"),
        ("schedule=later", "schedule is 'later'"),
        ("steps=0", "steps is 0"),
        ("x=here", "x is 'here'"),
        ("racer=adam", "a part called 'racer'"),
    ],
)
def test_a_hostile_link_says_one_sentence_and_keeps_the_rest(query, fragment):
    spec, problems = pg.Forms.read_query(f"v=1&noise=0.25&{query}")
    assert len(problems) == 1 and fragment in str(problems[0]) and spec.noise == 0.25


# -- figures and files -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", FORMS, ids=lambda preset: preset.name)
def test_every_preset_shows_what_it_claims(preset):
    spec = preset.make()
    record = pg.run(spec)
    assert record.same.tolist() == record.expected.tolist()
    alike = {
        "forms-momentum": [1, 1, 1], "forms-schedule": [0, 0, 1], "forms-nesterov": [1, 1, 1], "forms-mean": [1, 0, 0],
        "forms-correction": [0], "forms-folded": [1, 0, 0], "forms-sgd-decay": [1], "forms-adam-decay": [0],
    }  # fmt: skip
    assert record.same.tolist() == [bool(value) for value in alike[preset.name]]
    for theme in ("light", "dark"):
        json.dumps(view.differences(record, theme), allow_nan=False)
    if preset.name == "forms-correction":
        ends = record.race.positions[:, 0, -1]
        assert np.linalg.norm(ends[0] - ends[1]) > 2


def test_files_hold_the_record_and_the_configuration():
    spec = pg.Forms(steps=30, seed=4)
    record = pg.run(spec)
    first, _, rest = tables.differences(record).decode().partition("\n")
    assert spec.to_query() in first
    rows = list(csv.DictReader(io.StringIO(rest)))
    assert len(rows) == 31 and float(rows[9][str(record.labels[1])]) == record.differences[1, 9]
    arrays = np.load(io.BytesIO(records.arrays(record)))
    np.testing.assert_array_equal(arrays["race_positions"], record.race.positions)
    np.testing.assert_array_equal(arrays["differences"], record.differences)
    assert str(arrays["query"]) == spec.to_query() and "race_states_0_velocity" in arrays
    assert not [name for name in arrays if arrays[name].dtype == object]
    assert b"steps=30" in pg.draw(record)


def test_the_same_spec_gives_the_same_bytes():
    first, second = pg.run(pg.Forms(noise=0.3)), pg.run(pg.Forms(noise=0.3))
    assert first.differences.tobytes() == second.differences.tobytes()


# -- the page ----------------------------------------------------------------------------------------------------------

PAGE = "forms"


def spec_of(app):
    return app.session_state["forms.spec"]


@pytest.mark.parametrize("preset", FORMS, ids=lambda preset: preset.name)
def test_a_link_opens_every_preset(preset):
    app = open_page(PAGE, preset.make().to_query())
    assert spec_of(app) == preset.make() and not app.warning and len(app.latex) >= 2


def test_every_comparison_and_schedule_can_be_selected():
    app = open_page(PAGE)
    assert spec_of(app) == pg.Forms()
    for name, cls in pg.forms.items():
        widget("selectbox", app, "form").set_value(name)
        quiet(app.run())
        assert spec_of(app).form == cls()
    for name, cls in pg.schedules.items():
        widget("selectbox", app, "schedule").set_value(name)
        quiet(app.run())
        assert spec_of(app).schedule == cls()


@pytest.mark.parametrize("name", list(pg.surfaces))
def test_every_surface_can_be_selected(name):
    app = open_page(PAGE)
    widget("selectbox", app, "surface").set_value(name)
    quiet(app.run())
    assert spec_of(app).surface == pg.surfaces[name]() and (spec_of(app).x, spec_of(app).y) == pg.surfaces[name].start


def test_a_knob_changes_all_variants():
    app = open_page(PAGE)
    widget("number_input", app, "form.momentum_forms.rho").set_value(0.5)
    quiet(app.run())
    assert {variant.rule.rho for variant in spec_of(app).form.variants()} == {0.5}


def test_a_bad_link_says_so_on_the_page():
    app = open_page(PAGE, "form=nesterov_forms&steps=0")
    assert len(app.warning) == 1 and spec_of(app).form == pg.forms["nesterov_forms"]()
