"""Every fact that a surface declares, checked for every surface that is registered."""

import itertools
import random
import re

import numpy as np
import pytest
import sympy as sp
import torch
from scipy.optimize import minimize
from sympy.parsing.sympy_parser import (
    convert_xor,
    implicit_multiplication_application,
    parse_expr,
    standard_transformations,
)

from playground.choices.derive import X, Y
from playground.choices.surfaces import GROUPS, surfaces


def variants(cls):
    """The default, each knob at its ends or options, and two random settings."""
    yield {}
    values = {}
    for field, knob in cls.knobs().items():
        if isinstance(knob.default, bool):
            values[field] = [False, True]
        elif isinstance(knob.default, str):
            values[field] = list(knob.options)
        else:
            values[field] = [knob.low, knob.high]
        for value in values[field]:
            yield {field: value}
    numeric = {f: v for f, v in values.items() if v and isinstance(v[0], float)}
    rng = random.Random(cls.name)
    for _ in range(2 if numeric else 0):
        yield {field: rng.uniform(low, high) for field, (low, high) in numeric.items()}


CASES = [
    pytest.param(cls(**knobs), id="-".join([name, *map(str, knobs.values())]))
    for name, cls in surfaces.items()
    for knobs in variants(cls)
]
every_case = pytest.mark.parametrize("surface", CASES)
every_class = pytest.mark.parametrize("cls", surfaces.values(), ids=list(surfaces))


def points(surface, count=25):
    left, right, bottom, top = surface.window
    rng = np.random.default_rng(7)
    return np.stack([rng.uniform(left, right, count), rng.uniform(bottom, top, count)], axis=1)


def inside(surface, point):
    left, right, bottom, top = surface.window
    return left <= point[0] <= right and bottom <= point[1] <= top


def value(surface, point):
    return surface.derived().value_function("python")(*map(float, point))[0]


def flat_at(surface, point):
    """Whether the gradient is zero there, measured by how far the curvature says the true zero is."""
    gradient = surface.derived().gradient_function("python")(*point)[1:]
    curvature = np.abs(surface.derived().hessian_function("python")(*point)).max()
    return np.abs(gradient).max() <= 1e-9 * max(1.0, curvature)


def test_count_groups_and_order():
    assert len(surfaces) >= 24
    groups = [cls.group for cls in surfaces.values()]
    assert tuple(group for group, _ in itertools.groupby(groups)) == GROUPS


@every_class
def test_facts_are_complete(cls):
    left, right, bottom, top = cls.window
    assert left < right and bottom < top and inside(cls, cls.start)
    assert cls.source and re.search(r"\d|You", cls.source)
    assert cls.look[-1] in ".?" and len(cls.look) > 20
    assert cls.summary().endswith(".") and "Formula:" in cls.__doc__ and "Domain:" in cls.__doc__
    assert all(knob.help for knob in cls.knobs().values())


# What the docstring says in words, or after its formula.
WHERE = {
    "bowl": {"u": "cos(r) x + sin(r) y", "v": "cos(r) y - sin(r) x"},
    "levy": {"u": "1 + (x - 1)/4", "v": "1 + (y - 1)/4"},
}
IN_WORDS = {"line_fit", "logistic", "neuron", "formula"}


def read(text, names):
    text = re.sub(r"\|([^|]+)\|", r"abs(\1)", text.replace("sqrt(|", "sqrt(abs(").replace("|)", "))"))
    transformations = (*standard_transformations, convert_xor, implicit_multiplication_application)
    return parse_expr(text, local_dict={"x": X, "y": Y, "e": sp.E, **names}, transformations=transformations)


@pytest.mark.parametrize("cls", [c for n, c in surfaces.items() if n not in IN_WORDS], ids=lambda cls: cls.name)
def test_formula_in_the_docstring_is_the_formula(cls):
    text = " ".join(re.search(r"Formula: [fg]\(x, y\) = (.*)", cls.__doc__, re.DOTALL)[1].split())
    text = re.split(r", (?:with|where|unbounded|and f)\b| with u", text)[0]
    surface = cls.with_symbols(sp.Symbol)
    letters = {knob.symbol: sp.Symbol(knob.symbol) for knob in cls.knobs().values() if knob.symbol}
    names = letters | {name: read(meaning, letters) for name, meaning in WHERE.get(cls.name, {}).items()}
    written, coded = read(text, names), surface.formula(X, Y)
    if cls.name == "goldstein_price":
        written = sp.log(written)
    rng = random.Random(3)
    for point in points(cls, 5):
        numbers = {X: point[0], Y: point[1]} | {letter: rng.uniform(0.5, 3.0) for letter in letters.values()}
        assert complex(written.evalf(subs=numbers)) == pytest.approx(complex(coded.evalf(subs=numbers)), rel=1e-9)


@every_case
def test_minima_are_flat_and_equal(surface):
    minima = surface.minima()
    if not minima:
        pytest.skip("this surface declares no minima")
    lowest = [value(surface, point) for point in minima]
    assert max(lowest) - min(lowest) <= 1e-9 * max(1.0, abs(lowest[0]))
    for point in minima:
        assert inside(surface, point)
        if surface.boundary_minimum:
            assert point[0] in surface.window[:2] or point[1] in surface.window[2:]
        elif surface.smooth:
            assert flat_at(surface, point)
            h = surface.derived().hessian_function("python")(*point)
            assert np.linalg.eigvalsh([[h[0], h[1]], [h[1], h[2]]])[0] > 0
        else:
            left, right, bottom, top = surface.window
            near = np.random.default_rng(1).normal(size=(50, 2)) * (right - left, top - bottom)
            assert all(value(surface, point + 1e-4 * step) > lowest[0] for step in near)


def polished(surface, start):
    """The lowest point that a local search from `start` finds in the window."""
    f = surface.derived().gradient_function("python")
    left, right, bottom, top = surface.window
    bounds = [(left, right), (bottom, top)]
    if not surface.smooth:
        options = {"xatol": 1e-10, "fatol": 1e-12}
        return minimize(lambda p: value(surface, p), start, method="Nelder-Mead", bounds=bounds, options=options).x
    options = {"ftol": 1e-16, "gtol": 1e-12}
    both = minimize(
        lambda p: (f(*map(float, p))[0], np.array(f(*map(float, p))[1:], dtype=float)),
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options=options,
    )
    return both.x


@every_case
def test_no_point_of_the_window_is_lower_and_no_minimum_is_forgotten(surface):
    minima = surface.minima()
    if not minima:
        pytest.skip("this surface declares no minima")
    lowest = min(value(surface, point) for point in minima)
    left, right, bottom, top = surface.window
    x, y = np.linspace(left, right, 301), np.linspace(bottom, top, 301)
    (grid,) = surface.derived().value_function("numpy")(*np.meshgrid(x, y))
    tolerance = 1e-9 * max(1.0, abs(lowest))
    assert grid.min() >= lowest - tolerance
    around = np.pad(grid, 1, constant_values=np.inf)
    shifts = [(i, j) for i in range(3) for j in range(3) if (i, j) != (1, 1)]
    bottoms = np.all([grid <= around[i : i + 301, j : j + 301] for i, j in shifts], axis=0)
    rows, columns = np.nonzero(bottoms)
    best = np.argsort(grid[rows, columns])[:8]
    for start in zip(x[columns[best]], y[rows[best]], strict=True):
        end = polished(surface, start)
        height = value(surface, end)
        assert height >= lowest - tolerance
        if height <= lowest + tolerance:
            gap = min(np.hypot((end[0] - a) / (right - left), (end[1] - b) / (top - bottom)) for a, b in minima)
            assert gap < 1e-3, f"{end} is a minimum too"


@every_case
def test_saddles_are_flat_and_no_minima(surface):
    for point in surface.saddles():
        assert inside(surface, point)
        assert flat_at(surface, point)
        h = surface.derived().hessian_function("python")(*point)
        low, high = np.linalg.eigvalsh([[h[0], h[1]], [h[1], h[2]]])
        assert low < 0 < high or low == high == 0


def assert_slope(f, exact, steps):
    """The slope at 0 of f is `exact`, by central differences, whose own error is estimated by halving the step."""
    coarse, fine = [(f(h) - f(-h)) / (2 * h) for h in (steps, steps / 2)]
    best = (4 * fine - coarse) / 3
    size = max(abs(f(0.0)), abs(exact), 1e-3)
    assert abs(best - exact) <= 10 * abs(best - fine) + 1e-6 * size


@every_case
def test_gradient_and_hessian_against_differences(surface):
    gradient = surface.derived().gradient_function("python")
    hessian = surface.derived().hessian_function("python")
    left, right, _, _ = surface.window
    step = 3e-5 * (right - left)
    for x, y in points(surface).tolist():
        assert_slopes(gradient, hessian, x, y, step)


def assert_slopes(gradient, hessian, x, y, step):
    _, gx, gy = gradient(x, y)
    hxx, hxy, hyy = hessian(x, y)
    assert_slope(lambda h: gradient(x + h, y)[0], gx, step)
    assert_slope(lambda h: gradient(x, y + h)[0], gy, step)
    assert_slope(lambda h: gradient(x + h, y)[1], hxx, step)
    assert_slope(lambda h: gradient(x + h, y)[2], hxy, step)
    assert_slope(lambda h: gradient(x, y + h)[2], hyy, step)


@every_case
def test_libraries_agree(surface):
    at = points(surface)
    derived = surface.derived()
    for make in (derived.value_function, derived.gradient_function, derived.hessian_function):
        scalar = np.array([make("python")(*point) for point in at.tolist()], dtype=float)
        arrays = make("numpy")(at[:, 0], at[:, 1])
        tensors = make("torch")(torch.tensor(at[:, 0]), torch.tensor(at[:, 1]))
        for column, array, tensor in zip(scalar.T, arrays, tensors, strict=True):
            size = np.abs(column).max()
            np.testing.assert_allclose(np.broadcast_to(array, 25), column, rtol=1e-12, atol=1e-13 * size)
            from_torch = torch.as_tensor(tensor, dtype=torch.float64).numpy()
            np.testing.assert_allclose(np.broadcast_to(from_torch, 25), column, rtol=1e-12, atol=1e-13 * size)


@every_class
def test_gradient_against_autograd(cls):
    surface = cls()
    at = torch.tensor(points(surface), requires_grad=True)
    loss, gx, gy = surface.derived().gradient_function("torch")(at[:, 0], at[:, 1])
    (expected,) = torch.autograd.grad(loss.sum(), at)
    gradient = torch.stack([torch.as_tensor(g, dtype=torch.float64).expand(25) for g in (gx, gy)], dim=1).detach()
    torch.testing.assert_close(gradient, expected, rtol=1e-9, atol=1e-9 * float(expected.abs().max()))


def test_own_formula_is_drawn_as_typed():
    cls = surfaces["formula"]
    text = " (x - 1)**2 + abs(y) "
    surface = cls(text=text)
    assert surface.text == text
    assert surface.minima() is None
    assert value(surface, (3.0, -2.0)) == 6.0
    with pytest.raises(ValueError, match="power is written with"):
        cls(text="x^2")


def test_standardised_inputs_make_circles():
    cls = surfaces["line_fit"]

    def condition(inputs):
        h = cls(inputs=inputs).derived().hessian_function("python")(0.0, 0.0)
        low, high = np.linalg.eigvalsh([[h[0], h[1]], [h[1], h[2]]])
        return high / low

    assert condition("standardised") < 1.01
    assert condition("raw") > 100


def test_condition_number_of_the_bowl_is_the_knob():
    h = surfaces["bowl"](condition=300.0, rotation=30.0).derived().hessian_function("python")(0.3, 0.4)
    low, high = np.linalg.eigvalsh([[h[0], h[1]], [h[1], h[2]]])
    assert high / low == pytest.approx(300.0)
