"""Every optimizer against an independent oracle, every rule on every kind of operand."""

import copy
import warnings

import numpy as np
import pytest
import pytorch_optimizer
import scipy.optimize
import sympy as sp
import torch

from playground.choices.optimizers import Minimizer, PlaneRule, Rule, Search, optimizers

STARTS = [(-1.2, 1.0), (0.5, -0.7), (2.0, 2.0)]
RULES = [name for name, cls in optimizers.items() if issubclass(cls, Rule)]
KINDS = {"bfgs": "BFGS", "lbfgs": "L-BFGS-B", "cg": "CG"}


def rosenbrock(x, y):
    """The loss, for numbers of any kind."""
    return (1 - x) * (1 - x) + 100 * (y - x * x) * (y - x * x)


def slope(x, y):
    """The gradient of `rosenbrock`."""
    return -400 * x * (y - x * x) - 2 * (1 - x), 200 * (y - x * x)


def curvature(x, y):
    """The Hessian (hxx, hxy, hyy) of `rosenbrock`."""
    return 1200 * x * x - 400 * y + 2, -400 * x, 200.0 + 0 * x


def path(rule, start, steps=200):
    """Answers of `rule` on Python floats after each step, shape (steps, 2)."""
    x, y = start
    sx, sy = rule.init(x), rule.init(y)
    points = []
    for t in range(1, steps + 1):
        gx, gy = slope(x, y)
        x, sx = rule.step(x, gx, sx, t)
        y, sy = rule.step(y, gy, sy, t)
        points.append((getattr(sx, rule.answer), getattr(sy, rule.answer)) if rule.answer else (x, y))
    return np.array(points)


def their_path(make, start, answer=None, steps=200):
    """The same of an optimizer with torch's interface; `answer` names the entry of its state that is the answer."""
    p = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    theirs = make([p])
    points = []
    for _ in range(steps):
        p.grad = torch.stack(slope(*p.detach()))
        theirs.step()
        points.append((theirs.state[p][answer] if answer else p).detach().numpy().copy())
    return np.array(points)


# Name, knobs, the same in the oracle's words. Learning rates are those at which Rosenbrock does not amplify rounding.
T, P = torch.optim, pytorch_optimizer
ORACLES = [
    ("sgd", {}, lambda p: T.SGD(p, 0.001)),
    ("sgd", {"lr": 0.0003}, lambda p: T.SGD(p, 0.0003)),
    ("momentum", {}, lambda p: T.SGD(p, 0.001, momentum=0.9)),
    ("momentum", {"rho": 0.5, "lr": 2e-4}, lambda p: T.SGD(p, 2e-4, momentum=0.5)),
    ("momentum", {"form": "rho_v_minus_alpha_g"}, lambda p: T.SGD(p, 0.001, momentum=0.9)),
    ("nesterov", {}, lambda p: T.SGD(p, 0.001, momentum=0.9, nesterov=True)),
    ("nesterov", {"rho": 0.5, "lr": 2e-4}, lambda p: T.SGD(p, 2e-4, momentum=0.5, nesterov=True)),
    ("polyak", {"start": 1}, lambda p: T.ASGD(p, 0.001, lambd=0, alpha=0, t0=0)),
    ("polyak", {"start": 20, "lr": 3e-4}, lambda p: T.ASGD(p, 3e-4, lambd=0, alpha=0, t0=19)),
    ("adagrad", {}, lambda p: T.Adagrad(p, 0.5)),
    ("adagrad", {"lr": 2.0, "epsilon": 0.1}, lambda p: T.Adagrad(p, 2.0, eps=0.1)),
    ("rmsprop", {}, lambda p: T.RMSprop(p, 0.01)),
    ("rmsprop", {"rho": 0.8, "epsilon": 0.01}, lambda p: T.RMSprop(p, 0.01, alpha=0.8, eps=0.01)),
    ("adadelta", {}, lambda p: T.Adadelta(p)),
    ("adadelta", {"lr": 0.3, "rho": 0.95, "epsilon": 1e-4}, lambda p: T.Adadelta(p, 0.3, rho=0.95, eps=1e-4)),
    ("adam", {}, lambda p: T.Adam(p, 0.05)),
    ("adam", {"amsgrad": True, "lr": 0.2}, lambda p: T.Adam(p, 0.2, amsgrad=True)),
    (
        "adam",
        {"lr": 0.005, "beta1": 0.6, "beta2": 0.99, "epsilon": 1e-3},
        lambda p: T.Adam(p, 0.005, betas=(0.6, 0.99), eps=1e-3),
    ),
    ("adamw", {}, lambda p: T.AdamW(p, 0.05)),
    ("adamw", {"weight_decay": 0.5, "beta1": 0.5}, lambda p: T.AdamW(p, 0.05, betas=(0.5, 0.999), weight_decay=0.5)),
    ("adamax", {}, lambda p: T.Adamax(p, 0.05)),
    ("adamax", {"beta2": 0.9, "epsilon": 0.1}, lambda p: T.Adamax(p, 0.05, betas=(0.9, 0.9), eps=0.1)),
    ("nadam", {}, lambda p: T.NAdam(p, 0.05)),
    (
        "nadam",
        {"momentum_decay": 0.1, "beta1": 0.7},
        lambda p: T.NAdam(p, 0.05, betas=(0.7, 0.999), momentum_decay=0.1),
    ),
    ("radam", {}, lambda p: T.RAdam(p, 0.002)),
    ("radam", {"beta2": 0.9, "epsilon": 0.01}, lambda p: T.RAdam(p, 0.002, betas=(0.9, 0.9), eps=0.01)),
    ("radam", {"beta2": 0.7}, lambda p: T.RAdam(p, 0.002, betas=(0.9, 0.7))),
    ("adabelief", {}, lambda p: P.AdaBelief(p, 0.05)),
    ("adabelief", {"epsilon": 1e-6, "beta2": 0.9}, lambda p: P.AdaBelief(p, 0.05, betas=(0.9, 0.9), eps=1e-6)),
    ("lion", {}, lambda p: P.Lion(p, 0.01)),
    ("lion", {"weight_decay": 0.5, "beta1": 0.5}, lambda p: P.Lion(p, 0.01, betas=(0.5, 0.99), weight_decay=0.5)),
    ("rprop", {}, lambda p: T.Rprop(p, 0.05)),
    (
        "rprop",
        {"lr": 0.5, "shrink": 0.3, "grow": 1.5, "smallest": 0.01, "largest": 1.0},
        lambda p: T.Rprop(p, 0.5, etas=(0.3, 1.5), step_sizes=(0.01, 1.0)),
    ),
]
ELSEWHERE = {"random_search", "local_search", "newton", *KINDS}  # below, each with its own test


def test_every_optimizer_has_an_oracle():
    assert {name for name, *_ in ORACLES} == set(RULES)
    ours = {name for name, cls in optimizers.items() if not cls.alone}  # the others: test_libraries.py
    assert ours - set(RULES) == ELSEWHERE


@pytest.fixture
def float64():
    """torch keeps NAdam's product of momenta in the default type."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


@pytest.mark.parametrize("start", STARTS, ids=str)
@pytest.mark.parametrize("name, knobs, make", ORACLES, ids=[f"{name}-{knobs}" for name, knobs, _ in ORACLES])
def test_agrees_with_torch(name, knobs, make, start, float64):
    rule = optimizers[name](**knobs)
    answer = "ax" if rule.answer else None
    np.testing.assert_allclose(path(rule, start), their_path(make, start, answer), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", RULES)
def test_defaults_are_fit_for_a_picture(name):
    points = path(optimizers[name](), (-1.2, 1.0), 1000)
    assert np.isfinite(points).all() and abs(points).max() < 10
    assert rosenbrock(*points[-1]) < rosenbrock(-1.2, 1.0)


@pytest.mark.parametrize("corrected, first, second", [(True, 0.9, 0.8002679), (False, 0.6837722, 0.2575395)])
def test_adam_by_hand(corrected, first, second):
    # g = 2, then 1, with lr 0.1. Corrected: m^ = 2, v^ = 4; then m^ = 0.28 / 0.19, v^ = 0.004996 / 0.001999.
    # Not corrected: 0.1 * 0.2 / sqrt(0.004); then 0.1 * 0.28 / sqrt(0.004996).
    rule = optimizers["adam"](lr=0.1, bias_correction=corrected)
    x, state = rule.step(1.0, 2.0, rule.init(1.0), 1)
    assert x == pytest.approx(first, abs=1e-6)
    x, state = rule.step(x, 1.0, state, 2)
    expected = first - 0.1 * (0.28 / 0.19 / (0.004996 / 0.001999) ** 0.5 if corrected else 0.28 / 0.004996**0.5)
    assert x == pytest.approx(expected, abs=1e-6)
    assert state == pytest.approx((0.28, 0.004996, 0.0))


def test_polyak_answer_is_the_mean_of_all_iterates():
    rule, plain = optimizers["polyak"](), optimizers["sgd"]()
    iterates = path(plain, (0.5, 0.5), 30)
    means = np.cumsum(iterates, axis=0) / np.arange(1, 31)[:, None]
    np.testing.assert_allclose(path(rule, (0.5, 0.5), 30), means, rtol=1e-12)


def test_momentum_forms_part_when_the_rate_changes():
    a, b = (optimizers["momentum"](lr=0.1, rho=0.5, form=form) for form in ("rho_v_plus_g", "rho_v_minus_alpha_g"))
    # g = 1 twice, factor 1 then 0: the first form stops at once, the second coasts by rho * 0.1.
    for rule, expected in ((a, -0.1), (b, -0.15)):
        x, state = rule.step(0.0, 1.0, rule.init(0.0), 1, 1.0)
        x, state = rule.step(x, 1.0, state, 2, 0.0)
        assert x == pytest.approx(expected)


@pytest.mark.parametrize("name", [name for name in RULES if name != "rprop"])
def test_factor_multiplies_the_learning_rate(name):
    cls = optimizers[name]
    half = cls(lr=cls.knobs()["lr"].default / 2)
    first, second = cls(), half
    assert first.step(0.3, 2.0, first.init(0.3), 1, 0.5)[0] == pytest.approx(
        second.step(0.3, 2.0, second.init(0.3), 1)[0]
    )


def test_factor_multiplies_rprops_stride_but_not_its_memory():
    rule = optimizers["rprop"](lr=0.5)
    x, state = rule.step(1.0, 3.0, rule.init(1.0), 1, 0.1)
    assert x == pytest.approx(0.95) and state == (3.0, 0.5)


# --- operands ----------------------------------------------------------------------------------------------------


def run_on(rule, x, y, steps=50):
    """Iterates and states after `steps`; operands of any kind."""
    sx, sy = rule.init(x), rule.init(y)
    for t in range(1, steps + 1):
        gx, gy = slope(x, y)
        factor = 1.0 / t**0.5
        x, sx = rule.step(x, gx, sx, t, factor)
        y, sy = rule.step(y, gy, sy, t, factor)
    return [x, y, *sx, *sy]


def variants(name):
    """The rule with its defaults and with every switch and option flipped."""
    cls = optimizers[name]
    yield cls()
    for field, knob in cls.knobs().items():
        if isinstance(knob.default, bool):
            yield cls(**{field: not knob.default})
        for option in knob.options:
            yield cls(**{field: option})


DEVICES = ["cpu", "cuda"]


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("shape", [(2,), (2, 5)], ids=str)
def test_numpy_gives_the_same_as_floats(name, shape):
    draw = np.random.default_rng(3)
    xs, ys = draw.uniform(-1, 1, shape), draw.uniform(-1, 1, shape)
    for rule in variants(name):
        arrays = run_on(rule, xs, ys)
        for index in np.ndindex(shape):
            floats = run_on(rule, float(xs[index]), float(ys[index]))
            np.testing.assert_allclose([a[index] for a in arrays], floats, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("device", DEVICES)
def test_torch_gives_the_same_as_numpy(name, device):
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device here")
    draw = np.random.default_rng(4)
    xs, ys = draw.uniform(-1, 1, (2, 5)), draw.uniform(-1, 1, (2, 5))
    for rule in variants(name):
        tensors = run_on(rule, *(torch.tensor(values, device=device) for values in (xs, ys)))
        for ours, theirs in zip(run_on(rule, xs, ys), tensors):
            assert theirs.dtype == torch.float64 and theirs.device.type == device
            np.testing.assert_allclose(theirs.cpu().numpy(), ours, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("make", [np.array, torch.tensor], ids=["numpy", "torch"])
def test_step_changes_no_input(name, make):
    for rule in variants(name):
        x, g = make([0.5, -0.5]), make([3.0, -0.0])
        _, state = rule.step(x, g, rule.init(x), 1)
        inputs = (x, g, state)
        before = copy.deepcopy(inputs)
        rule.step(x, g, state, 2, 0.5)
        for a, b in zip((x, g, *state), (before[0], before[1], *before[2])):
            assert (a == b).all()


@pytest.mark.parametrize("name", RULES)
def test_runs_on_symbols(name):
    x, g, t, factor = sp.symbols("x g t eta", real=True)
    for concrete in variants(name):
        fixed = {f: getattr(concrete, f) for f in concrete.knobs()}
        rule = type(concrete).with_symbols(sp.Symbol, **fixed)
        names = rule.State._fields
        state = rule.State(*(sp.Symbol(f"old_{field}", real=True) for field in names))
        outputs = rule.step(x, g, state, t, factor)
        # Numbers in the place of symbols give what the rule gives on floats.
        numbers = {x: 0.4, g: -1.7, t: 7, factor: 0.5} | {s: 0.2 + 0.1 * i for i, s in enumerate(state)}
        for field in rule.knobs():
            if isinstance(getattr(rule, field), sp.Symbol):
                numbers[getattr(rule, field)] = getattr(concrete, field)
        ours = concrete.step(0.4, -1.7, rule.State(*(numbers[s] for s in state)), 7, 0.5)
        for symbolic, number in zip((outputs[0], *outputs[1]), (ours[0], *ours[1])):
            assert float(sp.sympify(symbolic).subs(numbers)) == pytest.approx(number, rel=1e-12)


@pytest.mark.parametrize("name", RULES)
def test_state_is_documented_and_begins_as_declared(name):
    rule = optimizers[name]()
    state = rule.init(-0.5)
    assert type(state) is rule.State and rule.State.__doc__
    for field in rule.State._fields:
        assert f"`{field}`" in rule.State.__doc__
    if rule.answer:
        assert rule.answer in rule.State._fields


@pytest.mark.parametrize("name", [name for name, cls in optimizers.items() if not cls.alone])
def test_text_of_the_class(name):
    cls = optimizers[name]
    places = [cls.__doc__.find(word) for word in ("Formula:", "Watch:", "Reference:")]
    assert 0 < places[0] < places[1] < places[2]
    assert cls.reference.split(",")[0] in cls.__doc__
    assert cls.group in ("random search", "first order", "adaptive", "curvature")
    for field, knob in cls.knobs().items():
        assert knob.help, field
        assert knob.symbol or isinstance(knob.default, (bool, str)), field


def test_groups_are_not_torn_apart_in_the_menu():
    groups = [cls.group for cls in optimizers.values()]
    assert groups == sorted(groups, key=groups.index)


# --- curvature ---------------------------------------------------------------------------------------------------


def quadratic(x, y):
    """Gradient and Hessian of 2 (x - 1)^2 + (x - 1)(y + 2) + 3 (y + 2)^2."""
    return (4 * (x - 1) + (y + 2), (x - 1) + 6 * (y + 2)), (4.0, 1.0, 6.0)


def test_newton_solves_a_quadratic_in_one_step():
    assert optimizers["newton"]().step((7.0, 9.0), *quadratic(7.0, 9.0)) == pytest.approx((1.0, -2.0), abs=1e-12)


@pytest.mark.parametrize("lr, damping", [(1.0, 0.0), (0.3, 2.0), (1.0, 50.0)])
def test_newton_agrees_with_numpys_solve(lr, damping):
    rule, point = optimizers["newton"](lr=lr, damping=damping), np.array([-1.2, 1.0])
    a, b, d = curvature(*point)
    jump = np.linalg.solve([[a + damping, b], [b, d + damping]], slope(*point))
    ours = rule.step(tuple(map(float, point)), slope(*map(float, point)), (a, b, d), 0.5)
    np.testing.assert_allclose(ours, point - 0.5 * lr * jump, rtol=1e-12)


def test_newton_stays_where_the_hessian_is_singular():
    assert optimizers["newton"]().step((1.0, 2.0), (3.0, 0.0), (0.0, 0.0, 0.0)) == (1.0, 2.0)


def test_newton_is_the_same_on_every_operand():
    rule = optimizers["newton"](damping=0.5)
    xs, ys = np.random.default_rng(5).uniform(-1, 1, (2, 7))

    def finish(x, y):
        for _ in range(20):
            x, y = rule.step((x, y), slope(x, y), curvature(x, y))
        return x, y

    floats = np.array([finish(float(x), float(y)) for x, y in zip(xs, ys)]).T
    np.testing.assert_allclose(finish(xs, ys), floats, rtol=1e-12)
    tensors = finish(torch.tensor(xs), torch.tensor(ys))
    np.testing.assert_allclose([tensor.numpy() for tensor in tensors], floats, rtol=1e-12)
    symbols = sp.symbols("x y gx gy a b d", real=True)
    x, y, gx, gy, a, b, d = symbols
    stepped = optimizers["newton"]().step((x, y), (gx, gy), (a, b, d))
    numbers = dict(zip(symbols, (7.0, 9.0, 35.0, 72.0, 4.0, 1.0, 6.0)))
    assert [float(expression.subs(numbers)) for expression in stepped] == pytest.approx((1.0, -2.0))


def collect(optimizer, start, steps, value=rosenbrock, gradient=slope):
    """Reported points and the reason for stopping."""
    points = []
    reason = optimizer.minimize(lambda p: value(*p), lambda p: np.array(gradient(*p)), start, steps, points.append)
    return np.array(points), str(reason.reason).removesuffix(".")


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("start", STARTS, ids=str)
def test_minimizer_gives_scipys_iterates_and_the_minimum(name, start):
    minimizer, theirs = optimizers[name](), []
    points, reason = collect(minimizer, start, 200)
    scipy.optimize.minimize(
        lambda p: rosenbrock(*p),
        start,
        jac=lambda p: np.array(slope(*p)),
        method=KINDS[name],
        callback=lambda xk: theirs.append(xk.copy()),
        options={"gtol": 1e-6, **({"maxcor": 10, "ftol": 1e-15} if name == "lbfgs" else {})},
    )
    np.testing.assert_array_equal(points, theirs)
    np.testing.assert_allclose(points[-1], 1.0, atol=1e-5)
    assert reason in ("the gradient is nearly zero", "the loss no longer falls")


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("steps", [0, 1, 5])
def test_minimizer_reports_one_point_per_iteration(name, steps):
    points, reason = collect(optimizers[name](), STARTS[0], steps)
    assert len(points) == steps
    assert reason == ("all steps are used" if steps else "no step was asked for")


def explode(x, y):
    raise OverflowError("(34, 'Numerical result out of range')")


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(
    "value, gradient",
    [
        (lambda x, y: np.nan, lambda x, y: (np.nan, np.nan)),
        (lambda x, y: np.inf, lambda x, y: (np.inf, np.inf)),
        (lambda x, y: -np.exp(x * x), lambda x, y: (-2 * x * np.exp(x * x), 0.0)),
        (lambda x, y: x, lambda x, y: (1.0, 0.0)),
        (lambda x, y: np.log(x), lambda x, y: (1 / x, 0.0)),
        (explode, explode),
        (lambda x, y: 0.0, lambda x, y: (0.0, 0.0)),
        (lambda x, y: 1.0, lambda x, y: (1.0, 1.0)),
    ],
    ids=["nan", "inf", "minus_exp", "slope", "log", "raises", "flat", "wrong_gradient"],
)
def test_minimizer_never_raises_or_warns(name, value, gradient, capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        points, reason = collect(optimizers[name](), (0.5, 0.5), 100, value, gradient)
    assert np.isfinite(points).all() and reason and not reason.endswith(".")
    assert capfd.readouterr() == ("", "")


def test_every_minimizer_is_in_the_table():
    assert set(KINDS) == {name for name, cls in optimizers.items() if issubclass(cls, Minimizer)}
    assert [name for name, cls in optimizers.items() if issubclass(cls, PlaneRule)] == ["newton"]


# --- searches ----------------------------------------------------------------------------------------------------


def test_random_search_maps_the_unit_square_to_the_window():
    rule, window = optimizers["random_search"](), (-2.0, 4.0, 1.0, 3.0)
    assert rule.draw == "uniform"
    assert rule.propose((0.0, 0.0), (0.0, 0.0), window) == (-2.0, 1.0)
    assert rule.propose((9.0, 9.0), (0.5, 1.0), window) == (1.0, 3.0)


def test_local_search_steps_by_its_share_of_the_window():
    rule = optimizers["local_search"](size=0.1)
    assert rule.draw == "normal"
    assert rule.propose((1.0, 2.0), (1.0, -2.0), (-2.0, 4.0, 1.0, 3.0), 0.5) == pytest.approx((1.3, 1.8))


@pytest.mark.parametrize("name", [name for name, cls in optimizers.items() if issubclass(cls, Search)])
def test_search_that_keeps_the_best_gets_near_the_minimum(name):
    rule, rng, window = optimizers[name](), np.random.default_rng(1), (-2.0, 2.0, -1.0, 3.0)
    best, loss = (-1.2, 1.0), rosenbrock(-1.2, 1.0)
    losses = [loss]
    for _ in range(3000):
        draw = rng.random(2) if rule.draw == "uniform" else rng.normal(size=2)
        point = rule.propose(best, tuple(draw), window)
        if rosenbrock(*point) < loss:
            best, loss = point, rosenbrock(*point)
        losses.append(loss)
    assert losses == sorted(losses, reverse=True) and loss < 0.1
