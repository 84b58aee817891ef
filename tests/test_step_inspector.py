"""One step taken apart: the lines come to the record's numbers, the measures to what can be worked out by hand."""

import csv
import decimal
import io

import numpy as np
import pytest
from test_optimizer_formulas import Reader
from test_optimizers import variants
from test_view import unpack

import playground as pg
from playground.choices.optimizers import Minimizer, PlaneRule, Rule, Search
from playground.choices.optimizers import formula as writing
from playground.choices.optimizers.base import ROLES, meanings
from playground.engine.step_inspector import angle, newton_step
from playground.view import step_inspector as view

STEPS = (0, 1, 2, 7, 30, 59)
RULES = [name for name, cls in pg.optimizers.items() if issubclass(cls, Rule)]
CASES = {
    "plain": {},
    "noisy and scheduled": {"noise": 0.3, "seed": 4, "schedule": pg.schedules["cosine"]()},
    "decayed": {"penalty": pg.penalties["weight_decay"](strength=0.02)},
    "by differences": {"gradient": pg.gradients["central"](), "starts": ((-1.0, 0.5),)},
}


def races(name, case):
    """Races of one racer, for each variant of the optimizer."""
    rest = dict(CASES[case])
    schedule = rest.pop("schedule", None)
    for optimizer in variants(name):
        racer = pg.Racer(optimizer=optimizer, **({"schedule": schedule} if schedule else {}))
        yield pg.Race(surface=pg.surfaces["himmelblau"](), racers=(racer,), steps=60, **rest)


def apart(race, step, chosen=0):
    return pg.run(pg.StepInspection.of(race, chosen=chosen, step=step))


def values(anatomy, count=2):
    """What every line comes to: name -> a value for each of `count` coordinates."""
    return {line.name: [row.value for row in line.rows] * (count // len(line.rows)) for line in anatomy.lines}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", RULES)
def test_the_lines_of_a_rule_come_to_what_the_record_holds(name, case):
    for race in races(name, case):
        record, rule = pg.run(race), race.racers[0].optimizer
        for step in STEPS:
            step_record = apart(race, step)
            assert step_record.step == min(step, int(record.lengths[0, 0]) - 2) and not step_record.sentence
            lines = values(step_record)
            assert lines["x_{t+1}"] == step_record.positions[step_record.step + 1].tolist()
            state_items = record.states[0].items()
            for field, states in state_items:
                symbol = rule.symbols.get(field, field)
                before, after = states[0, step_record.step], states[0, step_record.step + 1]
                assert lines.get(f"{symbol}_t", before.tolist()) == after.tolist()
            after = lines[f"{rule.symbols[rule.answer]}_t"] if rule.answer else lines["x_{t+1}"]
            assert after == record.positions[0, 0, step_record.step + 1].tolist()


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", [name for name, cls in pg.optimizers.items() if issubclass(cls, PlaneRule)])
def test_the_lines_of_a_plane_rule_come_to_what_the_record_holds(name, case):
    for race in races(name, case):
        record = pg.run(race)
        for step in STEPS:
            step_record = apart(race, step)
            lines = values(step_record, 1)
            assert lines["x_{t+1}"] + lines["y_{t+1}"] == record.positions[0, 0, step_record.step + 1].tolist()


@pytest.mark.parametrize("name", [name for name, cls in pg.optimizers.items() if issubclass(cls, Search)])
def test_the_lines_of_a_search_are_the_point_it_tried(name):
    for race in races(name, "plain"):
        moves = 0
        for step in range(60):
            step_record = apart(race, step)
            proposal = [line.rows[0].value for line in step_record.lines]
            loss = race.derived().value_function("python")(*proposal)[0]
            has_moved = step_record.move.any()
            assert has_moved == (loss < step_record.loss) and ("moves there" in str(step_record.sentence)) == has_moved
            assert not has_moved or proposal == step_record.positions[step + 1].tolist()
            moves += has_moved
        assert 0 < moves < 60


@pytest.mark.parametrize("name", [name for name, cls in pg.optimizers.items() if issubclass(cls, Minimizer)])
def test_what_runs_by_itself_says_so_and_shows_what_is_known(name):
    (race,) = races(name, "plain")
    step_record = apart(race, 1)
    record = pg.run(race)
    assert not step_record.lines and str(step_record.sentence).startswith(race.racers[0].optimizer.label)
    assert step_record.move.tolist() == (record.positions[0, 0, 2] - record.positions[0, 0, 1]).tolist()
    assert np.isfinite(
        [*step_record.gradient, *step_record.rates, step_record.angle, step_record.curvature, step_record.agreement]
    ).all()
    assert apart(race, 59).step == record.lengths[0, 0] - 2  # behind its end: its last step


def test_a_library_s_racer_shows_what_its_library_keeps():
    race = pg.Race(surface=pg.surfaces["booth"](), racers=(pg.Racer(optimizer=pg.optimizers["to_adam"](lr=0.1)),))
    theirs, ours = (
        apart(race, 4),
        apart(pg.Race.of(race, racers=(pg.Racer(optimizer=pg.optimizers["adam"](lr=0.1)),)), 4),
    )
    assert not theirs.lines and "its library" in str(theirs.sentence)
    variables = {variable.name: variable for variable in theirs.variables}
    for name, same in (("exp_avg", "m"), ("exp_avg_sq", "v")):
        (mine,) = [variable for variable in ours.variables if variable.name == same]
        assert variables[name].role == mine.role and variables[name].values[1:9] == pytest.approx(
            mine.values[1:9], rel=1e-6
        )
    assert theirs.move == pytest.approx(ours.move, rel=1e-6)


@pytest.mark.parametrize("name", RULES)
def test_the_numbers_in_a_line_give_its_value(name, monkeypatch):
    """Read back: the text with all digits put in is the computation."""

    def exact(value, digits=3):
        return f"{decimal.Decimal(float(value)):f}"

    monkeypatch.setattr(writing, "latex", exact)
    monkeypatch.setattr(writing, "latex_digits", exact)
    for case in ("plain", "noisy and scheduled", "decayed"):
        for race in races(name, case):
            for step in (0, 7):
                for line in apart(race, step).lines:
                    for row in line.rows:
                        assert "_" not in row.numbers, "a symbol was left"
                        assert Reader(row.numbers, {}).sum() == pytest.approx(row.value, rel=1e-12, abs=1e-300)


def test_places_have_the_digits_that_show_the_step():
    record = apart(pg.Race(racers=(pg.Racer(optimizer=pg.optimizers["adam"](lr=0.0005)),)), 80)
    for row, before, move in zip(record.lines[-1].rows, record.position, record.move):
        assert row.numbers.startswith(f"{before:.5g}"[:6]) and row.result != row.numbers.split(" - ")[0]
        assert float(row.result) - float(row.numbers.split(" - ")[0]) == pytest.approx(move, rel=0.1)


@pytest.mark.parametrize("name", [name for name, cls in pg.optimizers.items() if not cls.alone])
def test_lines_are_clean(name):
    for race in races(name, "noisy and scheduled"):
        for line in apart(race, 3).lines:
            for text in (line.text, *(text for row in line.rows for text in (row.numbers, row.result))):
                assert text.count("{") == text.count("}") and text.count(r"\left") == text.count(r"\right")
                assert "nan" not in text and "inf" not in text.replace(r"\infty", "").replace(r"\left", "")


@pytest.mark.parametrize("name", RULES)
def test_every_state_variable_has_words_and_a_role(name):
    for rule in variants(name):
        fields = rule.State._fields
        assert tuple(meanings(rule.State)) == tuple(rule.drawn) == fields
        assert set(rule.drawn.values()) <= set(ROLES)


def test_a_line_reads_like_this():
    (race,) = (pg.Race(racers=(pg.Racer(optimizer=pg.optimizers["momentum"](lr=0.01)),), starts=((0.5, 2.0),)),)
    first, last = apart(race, 0).lines
    # The gradient of Rosenbrock at (0.5, 2): (-2 (1 - 0.5) - 400 * 0.5 (2 - 0.25), 200 (2 - 0.25)) = (-351, 350).
    assert (first.name, first.text) == ("v_t", r"\rho v_{t-1} + g_t")
    assert first.rows == (
        ("x", r"0.9 \cdot 0 + \left(-351\right)", "-351", -351.0),
        ("y", r"0.9 \cdot 0 + 350", "350", 350.0),
    )
    assert last.rows[0][1:] == (r"0.5 - 0.01 \cdot \left(-351\right)", "4.01", 0.5 + 0.01 * 351)


def test_of_several_starts_the_one_on_show_is_taken_apart():
    race = pg.Race(starts=((-1.5, 2.0), (0.5, 0.25)))
    step_record, record = apart(pg.Race.of(race, starts=race.starts[1:]), 6, chosen=1), pg.run(race)
    assert step_record.positions.tolist() == record.positions[1, 1].tolist()
    assert unpack(view.payload(step_record, record, 1, at=(1, 6)))[0]["race"] == f"{record.key}.1"


def test_what_knows_nothing_of_the_coordinates_stands_once():
    lines = {
        line.name: line for line in apart(pg.Race(racers=(pg.Racer(optimizer=pg.optimizers["radam"]()),)), 7).lines
    }
    assert [row.axis for row in lines[r"\rho_t"].rows] == [""] and [row.axis for row in lines["m_t"].rows] == ["x", "y"]


def on(formula, optimizer, start, **rest):
    """A race of one optimizer on a formula in x and y."""
    surface = pg.surfaces["formula"](text=formula)
    return pg.Race(surface=surface, racers=(pg.Racer(optimizer=optimizer),), starts=(start,), steps=5, **rest)


def test_gradient_descent_goes_down_the_gradient_at_its_learning_rate():
    for step in range(4):
        step_record = apart(on("x**2 + 5*y**2", pg.optimizers["sgd"](lr=0.05), (2.0, 1.0)), step)
        assert step_record.rates == pytest.approx([0.05, 0.05], rel=1e-12) and step_record.angle == pytest.approx(
            0, abs=1e-6
        )


def test_newton_on_a_bowl_is_predicted_exactly():
    step_record = apart(on("x**2 + x*y + 5*y**2", pg.optimizers["newton"](), (2.0, 1.0)), 0)
    assert step_record.newton == pytest.approx(step_record.move) and step_record.move == pytest.approx([-2, -1])
    assert step_record.hessian.tolist() == [[2, 1], [1, 10]]
    assert step_record.quadratic == pytest.approx(step_record.change) == pytest.approx(-11)
    assert step_record.agreement == pytest.approx(1) and step_record.linear == pytest.approx(-22)


def test_the_curvature_along_a_step_lies_between_the_eigenvalues():
    start = (3.0, 0.0)
    step_record = apart(on("x**2 + 5*y**2", pg.optimizers["sgd"](lr=0.05), start), 0)
    assert step_record.eigenvalues.tolist() == [2, 10] and step_record.curvature == 2  # straight along x
    step_record = apart(on("x**2 + 5*y**2", pg.optimizers["adam"](lr=0.1), (3.0, 1.0)), 0)
    assert step_record.curvature == pytest.approx((2 + 10) / 2)  # its first step goes along the diagonal
    assert step_record.angle == pytest.approx(np.degrees(np.arccos((6 + 10) / np.hypot(6, 10) / np.sqrt(2))))


def test_a_saddle_has_one_downward_direction():
    step_record = apart(on("x**2 - 3*y**2", pg.optimizers["sgd"](lr=0.05), (1.0, 0.5)), 0)
    assert step_record.eigenvalues.tolist() == [-6, 2]
    assert np.abs(step_record.directions[:, 0]).tolist() == [0, 1]
    assert step_record.position + step_record.newton == pytest.approx([0, 0])


def test_noise_is_told_from_the_slope():
    race = on("x**2 + 5*y**2", pg.optimizers["sgd"](lr=0.05), (2.0, 1.0), noise=1.0)
    step_record = apart(race, 0)
    assert (
        step_record.slope.tolist() == [4, 10]
        and step_record.gradient.tolist() == pg.run(race).gradients[0, 0, 0].tolist()
    )
    assert (step_record.gradient != step_record.slope).all() and step_record.rates == pytest.approx([0.05, 0.05])


def test_what_does_not_exist_is_not_a_number():
    flat = apart(on("x**4 + y**4", pg.optimizers["sgd"](lr=0.05), (0.0, 0.0)), 0)
    assert not flat.move.any() and np.isnan([*flat.rates, flat.angle, flat.curvature, flat.agreement]).all()
    assert np.isnan(flat.newton).all()
    gone = apart(on("exp(x**4)", pg.optimizers["sgd"](lr=10.0), (4.0, 1.0)), 3)
    assert (
        gone.step == -1
        and str(gone.sentence) == "It made no step. Diverged at step 1: NaN or infinite."
        and not gone.lines
    )
    assert angle(np.array([1.0, 0.0]), np.array([-1.0, 1e-9])) == pytest.approx(180, abs=1e-6)
    assert newton_step(np.eye(2), np.array([1.0, 2.0])).tolist() == [-1, -2]


def test_a_racer_that_is_not_there_is_refused():
    with pytest.raises(pg.ChoiceError, match="chosen is 4, but must be a whole number from 0 to 3"):
        pg.StepInspection(chosen=4)
    inspection = pg.StepInspection(chosen=3, step=17)
    assert (
        pg.StepInspection.from_query(inspection.to_query()) == inspection
        and inspection.key != pg.StepInspection(chosen=3, step=18).key != pg.Race().key
    )


def test_what_the_browser_gets_is_small_and_the_record_s():
    race = pg.Race(noise=1.0)
    step_record, record = apart(race, 20, chosen=3), pg.run(race)
    payload = view.payload(step_record, record, 0, at=(3, 20), heard=5)
    header, arrays = unpack(payload)
    assert len(payload) < 40_000
    assert header["race"] == record.key and header["at"] == [3, 20] and header["heard"] == 5 and header["length"] == 501
    assert [variable["name"] for variable in header["variables"]] == ["m", "v"]  # v_max stays zero without AMSGrad
    arrays_by_name = {
        "path": step_record.positions,
        "gradient": step_record.gradients,
        "exact": step_record.exact,
        "hessian": step_record.hessians,
    }
    arrays_by_name |= {
        f"state {variable.name}": variable.values for variable in step_record.variables if variable.name != "v_max"
    }
    assert set(arrays) == set(arrays_by_name)
    for name, values in arrays_by_name.items():
        assert arrays[name] == pytest.approx(values.astype("f4"), nan_ok=True)


@pytest.mark.parametrize("low, high, words", [
    (1.0, 2.0, "a bowl"), (-2.0, -1.0, "a hill"), (-1.0, 1.0, "a saddle"), (0.0, 1.0, "a trough"),
    (-1.0, 0.0, "a ridge"), (0.0, 0.0, "a plane"), (np.nan, np.nan, "no quadratic model"),
])  # fmt: skip
def test_shapes_have_names(low, high, words):
    assert view.shape(np.array([low, high])) == words


@pytest.mark.parametrize(
    "name, theme",
    [("adam", "light"), ("polyak", "dark"), ("newton", "dark"), ("bfgs", "light"), ("random_search", "light")],
)
def test_files_of_a_step(name, theme):
    race = pg.Race(surface=pg.surfaces["himmelblau"](), racers=(pg.Racer(optimizer=pg.optimizers[name]()),), steps=60)
    step_record = apart(race, 3)
    picture, svg, table, arrays = (pg.draw(step_record, kind, theme=theme) for kind in ("png", "svg", "csv", "npz"))
    assert picture.startswith(b"\x89PNG") and step_record.stamp.encode() in picture
    assert svg.startswith(b"<svg") and svg == pg.draw(step_record, theme=theme)
    first, *rest = table.decode().splitlines()
    assert first == f"# {step_record.stamp}"
    rows = {row["what"]: row for row in csv.DictReader(io.StringIO("\n".join(rest)))}
    assert [float(rows["step"][axis]) for axis in "xy"] == step_record.move.tolist()
    assert float(rows["change"]["x"]) == step_record.change and rows["change"]["y"] == ""
    contents = np.load(io.BytesIO(arrays), allow_pickle=False)
    assert contents["positions"] == pytest.approx(step_record.positions, nan_ok=True) and contents["step"] == 3


def test_files_where_no_step_was_made():
    gone = apart(on("exp(x**4)", pg.optimizers["sgd"](lr=10.0), (4.0, 1.0)), 3)
    assert pg.draw(gone, "png").startswith(b"\x89PNG")
