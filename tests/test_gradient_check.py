"""Gradient checks: the V is there and where theory puts it, nets agree with torch, wrong gradients are told."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some
from torch import nn

import playground as pg
from playground.choices.derive import namespace
from playground.engine.gradient_check import MOST_COMPONENTS, STEPS, relative_error
from playground.engine.gradient_cost import MOST, numeric_gradient
from playground.engine.small_net import small_net
from playground.export import gradient_check as tables
from playground.export import records
from playground.presets import CHECKS
from playground.specs.fields import ChoiceField
from playground.specs.gradient_check import ON_NET
from playground.view import gradient_check as view

SMOOTH = [name for name, cls in pg.surfaces.items() if cls.smooth]
CENTRAL, FORWARD, COMPLEX = range(3)
SCOPE = namespace("numpy")


def on_surface(name, **more):
    return pg.run(pg.GradientCheck(surface=pg.surfaces[name](), **more))


def a_net(activation="tanh", **plan):
    return small_net(pg.small_nets["small_mlp"](**plan), pg.activations[activation](), 3, SCOPE)


def slope(record, m, low, high):
    """The power of h that a method's error follows from `low` to `high`."""
    mask = (record.steps >= low) & (record.steps <= high) & (record.errors[m] > 0)
    return np.polyfit(np.log(record.steps[mask]), np.log(record.errors[m][mask]), 1)[0]


# -- the V -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SMOOTH)
def test_the_best_step_is_where_theory_puts_it(name):
    record = on_surface(name)
    errors = record.errors[np.arange(3), record.best]
    assert errors[CENTRAL] < 1e-9 and errors[FORWARD] < 2e-7 and errors[COMPLEX] < 1e-15
    for m in (CENTRAL, FORWARD):
        if np.isfinite(record.predicted_steps[m]):
            assert 0.01 < record.steps[record.best[m]] / record.predicted_steps[m] < 3
            assert errors[m] < record.predicted_errors[m] < 200 * errors[m]
            near = np.abs(np.log(record.steps / record.predicted_steps[m])).argmin()
            assert record.errors[m, near] < 1.5 * record.predicted_errors[m]


@pytest.mark.parametrize("name", ["rosenbrock", "beale", "himmelblau", "three_hump_camel", "two_valleys", "formula"])
def test_both_branches_have_the_slopes_of_theory(name):
    record = on_surface(name)
    assert slope(record, CENTRAL, 1e-4, 1e-2) == pytest.approx(2, abs=0.06)
    assert slope(record, COMPLEX, 1e-4, 1e-2) == pytest.approx(2, abs=0.06)
    assert slope(record, FORWARD, 1e-5, 1e-3) == pytest.approx(1, abs=0.06)
    for m in (CENTRAL, FORWARD):
        assert slope(record, m, 1e-14, 1e-9) == pytest.approx(-1, abs=0.25)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_truncation_lines_are_met(name):
    record = on_surface(name)
    for m in range(3):
        mask = (record.steps <= 1e-3) & (record.truncation[m] > 30 * np.maximum(record.cancellation[m], 1e-14))
        np.testing.assert_allclose(record.errors[m][mask], record.truncation[m][mask], rtol=0.25)


def test_third_derivatives_against_the_formula():
    record = on_surface("himmelblau", x=0.5, y=-1.25)
    third = np.array([24 * 0.5, 24 * -1.25])
    expected = np.linalg.norm(third) / np.linalg.norm(record.exact) / 6 * 1e-4
    assert record.truncation[CENTRAL][np.isclose(record.steps, 1e-2, atol=0)] == pytest.approx(expected)


def test_a_quadratic_leaves_nothing_out():
    record = on_surface("bowl")
    assert (record.truncation[CENTRAL] == 0).all() and np.isnan(record.predicted_steps[CENTRAL])
    assert record.errors[CENTRAL, 0] < 1e-14 and record.best[CENTRAL] == record.errors[CENTRAL].argmin()


def test_float32_shows_the_v_earlier():
    double, single = on_surface("himmelblau"), on_surface("himmelblau", precision="float32")
    for m in (CENTRAL, FORWARD):
        assert single.steps[single.best[m]] > 50 * double.steps[double.best[m]]
        assert single.errors[m, single.best[m]] > 1e3 * double.errors[m, double.best[m]]
    assert single.errors[CENTRAL, -1] == 1.0  # x + h is x itself
    assert single.epsilon == np.finfo(np.float32).eps


@pytest.mark.parametrize("name", list(pg.surfaces))
def test_every_surface_can_be_checked(name):
    record = on_surface(name)
    assert record.numeric.shape == (3, len(STEPS), 2) and np.isfinite(record.errors).all()
    assert record.errors[CENTRAL].min() < 1e-4 and record.title and len(record.sentences) >= 3
    assert (STEPS[0], STEPS[-1]) == pytest.approx((0.1, 1e-15))


def test_relative_errors():
    a, b = np.array([3.0, 4.0]), np.array([3.0, 5.0])
    assert relative_error(a, b, "whole") == pytest.approx(1 / np.sqrt(34))
    assert relative_error(a, b, "worst") == pytest.approx(0.2)
    assert relative_error(a * 0, a * 0, "worst") == relative_error(a * 0, a * 0, "whole") == 0
    assert relative_error(a * 0, b, "worst") == 1 and np.isnan(relative_error(a, b * np.nan, "worst"))


def test_a_flat_or_undefined_point_is_a_result():
    flat = on_surface("sphere", x=0.0, y=0.0)
    assert "is 0 here" in str(flat.sentences[0]) and flat.errors[FORWARD].min() == 1
    nowhere = pg.run(pg.GradientCheck(surface=pg.surfaces["formula"](text="log(x) + y**2"), x=-1.0, y=1.0))
    assert "not finite" in str(nowhere.sentences[0]) and np.isnan(nowhere.errors).any()
    for record in (flat, nowhere):
        json.dumps(view.errors(record, "light"), allow_nan=False)


# -- kinks -------------------------------------------------------------------------------------------------------------


def test_a_right_gradient_fails_at_a_kink():
    record = on_surface("absolute", x=1e-4, y=1.1)
    across = record.steps > 1.001e-4
    np.testing.assert_array_equal(record.crossed, across.astype(int))
    assert (record.errors[CENTRAL][across & (record.steps > 3e-4)] > 0.2).all()
    assert (record.errors[CENTRAL][~across & (record.steps > 1e-8)] < 1e-7).all()
    assert "kink" in str(record.sentences[-1]) and "1 of 2" in str(record.sentences[-1])


@pytest.mark.parametrize("name", list(pg.activations))
def test_kinks_of_nets_are_seen_where_a_slope_jumps(name):
    activation = pg.activations[name]()
    plan = pg.small_nets["small_mlp"](width=12, samples=32)
    record = pg.run(pg.GradientCheck(subject=ON_NET, small=plan, activation=activation))
    assert bool(record.crossed.any()) == activation.kinked
    assert (np.diff(record.crossed) <= 0).all()
    free = record.crossed == 0
    assert record.errors[CENTRAL][free].min() < 1e-8


# -- nets --------------------------------------------------------------------------------------------------------------


def torch_loss(net):
    """The same loss in torch, as a function of all weights and biases."""
    plan, activation = net.plan, net.activation

    def loss(weights):
        values, offset = torch.tensor(net.samples), 0
        for k, (fan_in, sums) in enumerate(plan.shapes(activation)):
            matrix = weights[offset : offset + fan_in * sums].reshape(fan_in, sums)
            bias = weights[offset + fan_in * sums : offset + (fan_in + 1) * sums]
            offset += (fan_in + 1) * sums
            values = values @ matrix + bias
            if k < plan.hidden and activation.pieces > 1:
                values = values.reshape(len(values), -1, activation.pieces).amax(-1)
            elif k < plan.hidden:
                values = activation.module(sums).double()(values)
        return nn.functional.cross_entropy(values, torch.tensor(net.labels))

    return loss


@pytest.mark.parametrize("hidden", [1, 3])
@pytest.mark.parametrize("name", list(pg.activations))
def test_backpropagation_agrees_with_torch(name, hidden):
    net = a_net(name, hidden=hidden)
    weights = torch.tensor(net.weights, requires_grad=True)
    loss = torch_loss(net)(weights)
    (expected,) = torch.autograd.grad(loss, weights)
    assert net.loss(net.weights[None])[0] == pytest.approx(loss.item(), rel=1e-13)
    np.testing.assert_allclose(net.gradient(net.weights), expected.numpy(), rtol=1e-11, atol=1e-15)
    assert len(list(net.names())) == len(net.weights) == net.plan.dimension(net.activation)


@pytest.mark.parametrize("name", list(pg.activations))
def test_backpropagation_agrees_with_differences(name):
    record = pg.run(pg.GradientCheck(subject=ON_NET, activation=pg.activations[name]()))
    assert record.errors[CENTRAL].min() < 1e-9 and record.errors[COMPLEX].min() < 1e-14
    assert len(record.exact) == min(record.dimension, MOST_COMPONENTS)


@pytest.mark.parametrize("name", [name for name, cls in pg.activations.items() if cls().pieces == 1])
@pytest.mark.parametrize("low", [-8.0, -0.5])
def test_activations_without_torch_are_those_with_it(name, low):
    activation = pg.activations[name]()
    sums = np.linspace(low, -low, 60)[:, None]
    outputs, slopes = activation.curves(SCOPE)
    inputs = torch.tensor(sums[:, 0], requires_grad=True)
    expected = activation.module(len(sums)).double()(1.0 * inputs[None])[0]
    np.testing.assert_allclose(outputs(sums), expected.detach().numpy(), rtol=1e-13, atol=1e-15)
    expected.sum().backward()
    np.testing.assert_allclose(slopes(sums)[:, 0], inputs.grad.numpy(), rtol=1e-12, atol=1e-15)


def test_the_largest_net_is_checked_in_part():
    plan = pg.small_nets["small_mlp"](inputs=16, hidden=2, width=20, classes=10)
    spec = pg.GradientCheck(subject=ON_NET, small=plan, seed=5)
    record = pg.run(spec)
    assert record.dimension == plan.dimension(spec.activation) == 970
    assert len(record.exact) == len(set(record.components)) == MOST_COMPONENTS
    again = pg.run(spec)
    assert again.errors.tobytes() == record.errors.tobytes() and again.components == record.components


# -- cost --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", [cls() for cls in pg.differences.values()], ids=lambda method: method.name)
def test_evaluations_are_counted_right(method, monkeypatch):
    net, calls = a_net(), []
    original_loss = type(net).loss
    monkeypatch.setattr(
        type(net), "loss", lambda self, weights: calls.append(len(weights)) or original_loss(self, weights)
    )
    gradient = numeric_gradient(net, method, 1e-6)
    assert sum(calls) == method.evaluations(len(net.weights))
    np.testing.assert_allclose(gradient, net.gradient(net.weights), rtol=1e-3, atol=1e-6)


def test_the_cost_grows_with_the_dimension():
    record = pg.run(pg.GradientCost())
    n = record.dimensions
    np.testing.assert_array_equal(record.evaluations, [n * 0 + 1, 2 * n, n + 1, n])
    assert (np.diff(n) > 0).all() and n[-1] <= MOST
    assert (record.growth[1:] > record.growth[0] + 0.3).all()
    assert record.seconds[1, -1] > 10 * record.seconds[0, -1]
    assert f"{2 * n[-1]:,} evaluations" in str(record.sentences[0])
    rows = list(csv.DictReader(io.StringIO(tables.cost(record).decode().partition("\n")[2])))
    assert len(rows) == 4 * len(n) and float(rows[-1]["seconds"]) == record.seconds[-1, -1]


def test_the_width_of_a_net_plays_no_part_in_its_cost():
    wide = pg.GradientCheck(small=pg.small_nets["small_mlp"](width=20), seed=8)
    assert pg.GradientCost.of(wide) == pg.GradientCost()


# -- one's own gradient ------------------------------------------------------------------------------------------------

RIGHT_DX, RIGHT_DY = "-2*(1-x) - 400*x*(y-x**2)", "200*(y-x**2)"


@pytest.mark.parametrize(
    "dx, dy, fragments",
    [
        (RIGHT_DX, RIGHT_DY, ("df/dx is right", "df/dy is right")),
        (RIGHT_DX, "", ("df/dx is right",)),
        (f"-({RIGHT_DX})", RIGHT_DY, ("df/dx has the wrong sign", "df/dy is right")),
        (RIGHT_DX, "100*(y-x**2)", ("df/dx is right", "df/dy is 0.5 times the right one")),
        (RIGHT_DX, f"{RIGHT_DY} + 3", ("df/dx is right", "df/dy differs from the right one by 3 at every point")),
        ("x", RIGHT_DY, ("df/dx is wrong", "df/dy is right")),
        (RIGHT_DX, "200*(y-sqrt(x)**4)", ("df/dx is right", "df/dy is not defined at 3 of 8 random points")),
        ("1", "log(x-9)", ("df/dx is wrong", "df/dy is not defined at any")),
    ],
)
def test_ones_own_gradient(dx, dy, fragments):
    record = on_surface("rosenbrock", dx=dx, dy=dy)
    assert record.own.right == all("is right" in text for text in fragments)
    assert len(record.own.sentences) == len(fragments)
    for sentence, part in zip(record.own.sentences, fragments):
        assert part in str(sentence)
    np.testing.assert_allclose(record.own.numeric, record.own.exact, rtol=1e-5, atol=1e-5)
    if record.own.right:
        assert record.own.curve.min() < 1e-8
    elif np.isfinite(record.own.curve).all():
        assert record.own.curve[record.steps > 1e-10].min() > 0.01  # no V


def test_a_factor_near_one_is_told_as_it_is():
    (sentence,) = on_surface("rosenbrock", dy=f"1.00001*{RIGHT_DY}").own.sentences
    assert "df/dy is 1.00001 times the right one" in str(sentence)


def test_a_constant_derivative_may_be_typed():
    record = pg.run(pg.GradientCheck(surface=pg.surfaces["formula"](text="3*x + y**2"), dx="3", dy="2*y"))
    assert record.own.right


# -- specs and links ---------------------------------------------------------------------------------------------------


def values(knob):
    """Any allowed value of a knob; of a formula one of a few."""
    if isinstance(knob.default, bool):
        return some.booleans()
    if knob.options:
        return some.sampled_from(knob.options)
    if isinstance(knob.default, str):
        return some.sampled_from(["", "2*x + y**2", "1"])
    if isinstance(knob.default, int):
        return some.integers(int(knob.low), int(knob.high))
    return some.floats(knob.low, knob.high)


def any_of(registry):
    return some.sampled_from(list(registry.values())).flatmap(
        lambda cls: some.builds(cls, **{n: values(k) for n, k in cls.knobs().items() if not isinstance(k.default, str)})
    )


CHOICES = {
    name: any_of(field.registry) for name, field in pg.GradientCheck.fields().items() if isinstance(field, ChoiceField)
}
CHECK_SPECS = some.builds(
    pg.GradientCheck, **CHOICES, **{name: values(knob) for name, knob in pg.GradientCheck.knobs().items()}
)


@given(CHECK_SPECS)
@settings(max_examples=100, deadline=None)
def test_a_link_restores_the_check(spec):
    again = pg.GradientCheck.from_query(spec.to_query())
    assert again == spec and again.key == spec.key
    cost = pg.GradientCost.of(spec)
    assert pg.GradientCost.from_query(cost.to_query()) == cost and cost.key != spec.key


@pytest.mark.parametrize(
    "query, fragment",
    [
        ("x=1e9", "x is 1000000000, but must be a number from -1000000 to 1000000"),
        ("y=nan", "y is nan"),
        ("subject=planet", "subject is 'planet', but must be one of surface, net"),
        ("surface=nowhere", "surface is 'nowhere', but must be one of"),
        ("small=small_mlp,width:400", "Small net: width is 400, but must be a whole number from 1 to 32"),
        ("activation=step", "activation is 'step'"),
        ("precision=float128", "precision is 'float128', but must be one of float64, float32"),
        ("dx=__import__('os')", "may only have"),
        ("dy=2x", "write * for a product"),
        ("dx=x&dx=y", "dx occurs 2 times"),
        ("seed=-1", "seed is -1"),
        ("racer=adam", "a part called 'racer'"),
        ("dx=" + "x*" * 200 + "x", "characters"),
    ],
)
def test_a_hostile_link_says_one_sentence_and_keeps_the_rest(query, fragment):
    spec, problems = pg.GradientCheck.read_query(f"v=1&compare=worst&{query}")
    assert len(problems) == 1 and fragment in str(problems[0]) and spec.compare == "worst"
    with pytest.raises(pg.ChoiceError):
        pg.GradientCheck.from_query(query)


def test_wrong_fields_are_refused():
    for wrong in ({"surface": 3}, {"activation": pg.schedules["constant"]()}, {"small": None}, {"x": "1"}):
        with pytest.raises(pg.ChoiceError, match=next(iter(wrong))):
            pg.GradientCheck(**wrong)


def test_a_surface_brings_its_point():
    spec = pg.GradientCheck.from_query("surface=booth")
    assert (spec.x, spec.y) == pg.surfaces["booth"].start


# -- figures and files -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", CHECKS, ids=lambda preset: preset.name)
def test_every_preset_can_be_drawn_and_taken_away(preset):
    spec = preset.make()
    record = pg.run(spec)
    for theme in ("light", "dark"):
        json.dumps(view.errors(record, theme), allow_nan=False)
    first, _, rest = tables.errors(record).decode().partition("\n")
    assert spec.to_query() in first
    rows = list(csv.DictReader(io.StringIO(rest)))
    assert len(rows) == 1 + 3 * len(STEPS) and float(rows[1]["relative_error"]) == record.errors[0, 0]
    arrays = np.load(io.BytesIO(records.arrays(record)))
    np.testing.assert_array_equal(arrays["errors"], record.errors)
    assert str(arrays["query"]) == spec.to_query() and ("own_points" in arrays) == (record.own is not None)


@pytest.mark.parametrize("command, spec", [("gradients", pg.GradientCheck(dx="x")), ("forms", pg.Forms(steps=20))])
def test_the_command_line_writes_all_files(command, spec, tmp_path, capsys):
    from playground.__main__ import main

    assert main([command, f"http://here/{command}?{spec.to_query()}", "--out", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sorted(lines[-4:]) == sorted(
        str(tmp_path / f"{command}-{spec.key[:12]}.{kind}") for kind in ("npz", "csv", "png", "svg")
    )
    assert all(Path(path).stat().st_size > 1000 for path in lines[-4:]) and len(lines) >= 8
    assert main([command, "steps=nine", "--out", str(tmp_path)]) == 2


def test_the_figure_is_the_record():
    record = on_surface("rosenbrock")
    chart = view.errors(record, "light")
    measured = max((layer["data"]["values"] for layer in chart["layer"]), key=len)
    assert [row["true"] for row in measured] == record.errors.ravel().tolist()
    words = [row["words"] for layer in chart["layer"] for row in layer["data"]["values"] if "words" in row]
    assert set(words) >= {words_ for _, words_ in record.bands}
    assert pg.draw(record).count(b"x=-1.5") == 2, "in the small print, and for those who do not see it"


def test_presets_show_what_they_claim():
    checks = {preset.name: pg.run(preset.make()) for preset in CHECKS}
    best = checks["check-best-step"]
    assert 1e-6 < best.steps[best.best[CENTRAL]] < 1e-4 and best.steps[best.best[FORWARD]] == pytest.approx(1e-8, rel=1)
    assert best.errors[CENTRAL][np.isclose(best.steps, 1e-12, rtol=1e-6, atol=0)] > 1e-5
    single = checks["check-float32"]
    assert 3e-4 < single.steps[single.best[CENTRAL]] < 1e-2 and 1e-6 < single.errors[CENTRAL].min() < 1e-4
    assert (
        checks["check-relu"].crossed.max() > 10
        and checks["check-relu"].steps[checks["check-relu"].crossed > 0].min() < 1e-3
    )
    assert [("right" in str(sentence)) for sentence in checks["check-wrong"].own.sentences] == [False, True]
    assert checks["check-deep"].errors[CENTRAL].min() > 5 * best.errors[CENTRAL].min()
