"""Penalty terms against values worked by hand, and decoupled decay against AdamW's."""

import pytest
import sympy as sp

from playground.choices.penalties import penalties

X, Y = sp.symbols("x y", real=True)
# At (3, -4), with strength 0.5 (and ratio 0.25): |x| + |y| = 7, (x^2 + y^2) / 2 = 12.5.
BY_HAND = {
    "none": ({}, 0.0, 0.0),
    "l1": ({"strength": 0.5}, 3.5, 0.0),
    "l2": ({"strength": 0.5}, 6.25, 0.0),
    "elastic_net": ({"strength": 0.5, "ratio": 0.25}, 0.5 * (0.25 * 7 + 0.75 * 12.5), 0.0),
    "weight_decay": ({"strength": 0.5}, 0.0, 0.5),
}


def test_every_penalty_is_worked_by_hand():
    assert list(BY_HAND) == list(penalties)


@pytest.mark.parametrize("name", BY_HAND)
def test_term_and_decay(name):
    knobs, term, decay = BY_HAND[name]
    penalty = penalties[name](**knobs)
    assert float(penalty.term(X, Y).subs({X: 3, Y: -4})) == pytest.approx(term, rel=1e-15)
    assert penalty.decay() == decay


@pytest.mark.parametrize("ratio, name", [(0.0, "l2"), (1.0, "l1")])
def test_elastic_net_ends_in_l1_and_l2(ratio, name):
    mixed = penalties["elastic_net"](strength=0.3, ratio=ratio)
    assert mixed.term(X, Y) == penalties[name](strength=0.3).term(X, Y)


def test_l2_pulls_with_strength_times_weight():
    assert sp.diff(penalties["l2"](strength=2.0).term(X, Y), X) == 2 * X


@pytest.mark.parametrize("name", penalties)
@pytest.mark.parametrize("strength", [1e-4, 10.0])
def test_strength_reaches_from_a_touch_to_a_flood(name, strength):
    if "strength" in penalties[name].knobs():
        assert penalties[name](strength=strength).strength == strength


@pytest.mark.parametrize("name", [name for name in penalties if name != "none"])
def test_docstring_gives_formula_and_reference(name):
    assert "Formula:" in penalties[name].__doc__ and "Reference:" in penalties[name].__doc__
