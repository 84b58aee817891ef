"""Every schedule against PyTorch's scheduler of the same name, and at its ends."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.choices.schedules import schedules

STEPS = 200
scheduler = torch.optim.lr_scheduler
ORACLES = {
    "constant": ({}, lambda o: scheduler.ConstantLR(o, factor=1.0)),
    "step": ({"every": 30, "gamma": 0.3}, lambda o: scheduler.StepLR(o, 30, 0.3)),
    "multi_step": (
        {"first": 0.25, "second": 0.6, "gamma": 0.2},
        lambda o: scheduler.MultiStepLR(o, [50, 120], 0.2),
    ),
    "exponential": ({"k": 0.02}, lambda o: scheduler.ExponentialLR(o, math.exp(-0.02))),
    "linear": ({"end": 0.1}, lambda o: scheduler.LinearLR(o, 1.0, 0.1, STEPS - 1)),
    "polynomial": ({"power": 1.5, "end": 0.0}, lambda o: scheduler.PolynomialLR(o, STEPS - 1, 1.5)),
    "cosine": ({"end": 0.05}, lambda o: scheduler.CosineAnnealingLR(o, STEPS - 1, eta_min=0.05)),
    "cosine_restarts": (
        {"period": 20, "multiplier": 2, "end": 0.1},
        lambda o: scheduler.CosineAnnealingWarmRestarts(o, 20, 2, eta_min=0.1),
    ),
    "triangle": (
        {"period": 50, "low": 0.2},
        lambda o: scheduler.CyclicLR(o, 0.2, 1.0, step_size_up=25, cycle_momentum=False),
    ),
    "one_cycle": (
        {},
        lambda o: scheduler.OneCycleLR(o, 1.0, total_steps=STEPS, pct_start=0.3, cycle_momentum=False),
    ),
}
BY_HAND = {
    "inverse_time": ({"k": 0.5}, [1, 2 / 3, 1 / 2, 2 / 5]),
    "inverse_sqrt": ({"scale": 2}, [1, (2 / 3) ** 0.5, 0.5**0.5, 0.4**0.5]),
}


def test_every_schedule_has_an_oracle():
    assert set(ORACLES) | set(BY_HAND) == set(schedules)


@pytest.mark.parametrize("name", ORACLES)
def test_agrees_with_torch(name):
    knobs, make = ORACLES[name]
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    theirs, their_schedule = [], make(optimizer)
    for _ in range(STEPS):
        theirs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if len(theirs) < STEPS:
            their_schedule.step()
    ours = schedules[name](**knobs)
    assert [ours(t, STEPS) for t in range(STEPS)] == pytest.approx(theirs, rel=1e-9, abs=1e-12)


EPOCHS = 10
BY_EPOCH = {  # with torch's scheduler stepped after each epoch; what does not ask for the end is the same as by step
    "multi_step": ({}, lambda o: scheduler.MultiStepLR(o, [5, 8], 0.1)),
    "linear": ({}, lambda o: scheduler.LinearLR(o, 1.0, 0.0, EPOCHS)),
    "polynomial": ({}, lambda o: scheduler.PolynomialLR(o, EPOCHS, 2.0)),
    "cosine": ({}, lambda o: scheduler.CosineAnnealingLR(o, EPOCHS)),
    "one_cycle": (
        {},
        lambda o: scheduler.OneCycleLR(
            o, 1.0, total_steps=EPOCHS + 1, div_factor=25, final_div_factor=1e4, cycle_momentum=False
        ),
    ),
}


def epochs_of_torch(make):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    factors, schedule = [], make(optimizer)
    for _ in range(EPOCHS):
        factors.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return factors


@pytest.mark.parametrize("name", ORACLES)
def test_by_epoch_it_agrees_with_torch(name):
    knobs, make = BY_EPOCH.get(name) or ORACLES[name]
    ours = [schedules[name](**knobs).at_epoch(epoch, EPOCHS) for epoch in range(EPOCHS)]
    assert ours == pytest.approx(epochs_of_torch(make), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    "name, factors",
    [
        ("cosine", [1, 0.5]), ("linear", [1, 0.5]), ("polynomial", [1, 0.25]), ("one_cycle", [1, 0.500002]),
        ("multi_step", [1, 1, 0.1]),
    ],
)  # fmt: skip
def test_few_epochs_all_train(name, factors):
    schedule = schedules[name]()
    ours = [schedule.at_epoch(epoch, len(factors)) for epoch in range(len(factors))]
    assert ours == pytest.approx(factors, rel=1e-9)


@pytest.mark.parametrize("name", schedules)
def test_a_warmup_of_epochs_ramps_to_the_beginning_of_the_shape(name):
    plain, warm = schedules[name](), schedules[name](warmup=2)
    ramp = [plain.at_epoch(0, EPOCHS) * (epoch + 1) / 3 for epoch in range(2)]
    assert [warm.at_epoch(epoch, EPOCHS + 2) for epoch in range(3)] == pytest.approx([*ramp, plain.at_epoch(0, EPOCHS)])
    assert [warm.at_epoch(epoch + 2, EPOCHS + 2) for epoch in range(EPOCHS)] == pytest.approx(
        [plain.at_epoch(epoch, EPOCHS) for epoch in range(EPOCHS)]
    )


@pytest.mark.parametrize("name", BY_HAND)
def test_agrees_with_values_worked_by_hand(name):
    knobs, values = BY_HAND[name]
    ours = schedules[name](**knobs)
    assert [ours(t, STEPS) for t in range(4)] == pytest.approx(values, rel=1e-15)


def extremes(name):
    """The schedule with its defaults, and with each knob at its lowest, middle and highest."""
    cls = schedules[name]
    yield cls()
    for field, knob in cls.knobs().items():
        middle = type(knob.default)((knob.low + knob.high) / 2)
        for value in (knob.low, middle, knob.high):
            yield cls(**{field: value})


@pytest.mark.parametrize("name", schedules)
@pytest.mark.parametrize("steps", [1, 2, 3, 10, 5000])
def test_factor_stays_between_0_and_1(name, steps):
    for schedule in extremes(name):
        for t in {0, 1 % steps, steps // 3, steps // 2, steps - 1}:
            factor = schedule(t, steps)
            assert isinstance(factor, (float, int)) and 0 <= factor <= 1, (schedule, t, factor)


@pytest.mark.parametrize("name", schedules)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_factor_stays_between_0_and_1_anywhere(name, data):
    knobs = {}
    for field, knob in schedules[name].knobs().items():
        numbers = st.integers if isinstance(knob.default, int) else st.floats
        knobs[field] = data.draw(numbers(knob.low, knob.high), label=field)
    steps = data.draw(st.integers(1, 5000), label="steps")
    t = data.draw(st.integers(0, steps - 1), label="t")
    assert 0 <= schedules[name](**knobs)(t, steps) <= 1


@pytest.mark.parametrize("name", schedules)
def test_warmup_ramps_to_the_beginning_of_the_shape(name):
    plain, warm = schedules[name](), schedules[name](warmup=9)
    top = plain(0, 91)
    assert [warm(t, 100) for t in range(10)] == pytest.approx([top * (t + 1) / 10 for t in range(10)])
    assert [warm(t, 100) for t in range(9, 100)] == [plain(t, 91) for t in range(91)]


@pytest.mark.parametrize("name", schedules)
def test_warmup_longer_than_the_run(name):
    warm = schedules[name](warmup=50)
    factors = [warm(t, 10) for t in range(10)]
    assert factors == sorted(factors) and factors[0] >= 0 and factors[-1] < 1


@pytest.mark.parametrize("name, end", [("linear", 0.2), ("polynomial", 0.2), ("cosine", 0.2), ("one_cycle", 0.2)])
def test_last_step_has_the_end_factor(name, end):
    assert schedules[name](end=end)(STEPS - 1, STEPS) == pytest.approx(end, rel=1e-12)


def test_two_milestones_in_the_wrong_order_are_the_same_two():
    a, b = schedules["multi_step"](first=0.8, second=0.2), schedules["multi_step"](first=0.2, second=0.8)
    assert [a(t, 50) for t in range(50)] == [b(t, 50) for t in range(50)]


@pytest.mark.parametrize("name", schedules)
def test_docstring_gives_formula_and_reference(name):
    assert "Formula:" in schedules[name].__doc__ and "Reference:" in schedules[name].__doc__
