"""Racers as JavaScript, run in Node: the loops that the player runs give the numbers of the record."""

import base64
import json
import shutil
import subprocess
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import playground as pg
from playground.choices.optimizers import Rule
from playground.engine import javascript
from playground.engine.javascript import printable
from playground.engine.race import problem_of
from playground.specs.race import MOST_RACERS
from playground.view.player import payload

PRINTED = [name for name, cls in pg.optimizers.items() if not printable(cls())]
OTHERS = [name for name in pg.optimizers if name not in PRINTED]
SMOOTH = [name for name, cls in pg.surfaces.items() if cls.smooth]


def node() -> str:
    """Node, of this machine or inside the wheel of Playwright."""
    path = shutil.which("node")
    if not path:
        playwright = pytest.importorskip("playwright", reason="needs Node, or the package playwright, which has one")
        path = str(Path(playwright.__file__).parent / "driver" / "node")
    if not Path(path).exists():
        pytest.skip("needs Node, on the PATH or inside the package playwright")
    return path


def again(records):
    """(length, rows) of every racer of these races, computed by their loops in one Node process."""

    def packed(array):
        return None if array is None else base64.b64encode(np.asarray(array, dtype="<f8").tobytes()).decode()

    texts, cases = {}, []
    for record in records:
        (x, y), window = record.starts[0].tolist(), record.terrain.window
        for loop in javascript.programs(record.spec.race):
            cases.append({
                "loop": texts.setdefault(loop.text, len(texts)), "x": x, "y": y, "factors": packed(loop.factors),
                "draws": packed(loop.draws), "decay": loop.decay, "window": window,
                "knobs": [knob.value for knob in loop.knobs], "width": 5 + 2 * len(loop.states),
            })  # fmt: skip
    question = json.dumps({"loops": list(texts), "cases": cases})
    command = [node(), str(Path(__file__).with_name("loops.js"))]
    process = subprocess.run(command, input=question, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    for case, answer in zip(cases, json.loads(process.stdout), strict=True):
        yield answer["length"], np.frombuffer(base64.b64decode(answer["rows"])).reshape(-1, case["width"])


def rows(record, r):
    """What the record holds of a racer, in the columns of its loop."""
    states = [record.states[r][name][0] for name in javascript.programs(record.spec.race)[r].states]
    return np.concatenate(
        [record.positions[r, 0], record.losses[r, 0][:, None], record.gradients[r, 0], *states], axis=1
    )


def distance(values, expected):
    """The largest difference, each column relative to the largest number in it; infinite where one has no number."""
    assert np.array_equal(np.isnan(values), np.isnan(expected))
    scale = np.nanmax(np.abs(expected), axis=0, initial=0)
    return np.nanmax(np.abs(values - expected) / np.where(scale > 0, scale, 1), initial=0)


def must_be_the_record(races, within=1e-12):
    """All racers of the races, recomputed: the record's bits where the loop promises them, else within a distance.

    `within` may be a function of the race.
    """
    records = [pg.run(race) for race in races]
    results = again(records)
    for race, record in zip(races, records):
        for r, loop in enumerate(javascript.programs(record.spec.race)):
            length, table = next(results)
            expected = rows(record, r)
            assert length == record.lengths[r, 0], race.to_query()
            if loop.same_bits:
                assert table.tobytes() == expected.tobytes(), race.to_query()
            else:
                allowed = within(race) if callable(within) else within
                assert distance(table, expected) <= allowed, race.to_query()


def calm(name, share=0.2):
    """The optimizer with a share of its default learning rate, at which no trajectory below magnifies a last bit."""
    optimizer = pg.optimizers[name]()
    return replace(optimizer, lr=optimizer.lr * share) if hasattr(optimizer, "lr") else optimizer


def alone(optimizer, **more):
    """A race of one for a hundred steps."""
    return pg.Race(**{"racers": [pg.Racer(optimizer=optimizer)], "steps": 100} | more)


@pytest.mark.parametrize("name", PRINTED)
def test_every_loop_on_every_smooth_surface(name):
    must_be_the_record([alone(calm(name), surface=pg.surfaces[surface]()) for surface in SMOOTH])


@pytest.mark.parametrize("name", PRINTED)
def test_every_loop_on_every_surface_with_the_default_rate(name):
    """Here some trajectories are chaotic: as much as the record itself changes with the last bit of the start."""

    def shaken(race):
        x, y = race.starts[0]
        moved_race = replace(race, starts=[(float(np.nextafter(x, 9e9)), float(np.nextafter(y, 9e9)))])
        first, second = (rows(pg.run(spec), 0) for spec in (race, moved_race))
        if not np.array_equal(np.isnan(first), np.isnan(second)):
            return np.inf  # the last bit of the start decides whether it diverges
        return max(1e-12, 100 * distance(first, second))

    must_be_the_record([alone(pg.optimizers[name](), surface=cls()) for cls in pg.surfaces.values()], shaken)


def batched(racers):
    """The racers in groups that fit into a race."""
    return [racers[i : i + MOST_RACERS] for i in range(0, len(racers), MOST_RACERS)]


def switched():
    """Every optimizer with switches or options, in all its settings."""
    for name in PRINTED:
        knobs = {
            field: knob.options or (False, True)
            for field, knob in pg.optimizers[name].knobs().items()
            if field not in pg.optimizers[name].numbers()
        }
        for values in product(*knobs.values()) if knobs else ():
            yield replace(calm(name), **dict(zip(knobs, values)))


def test_every_switch():
    optimizers = list(switched())
    assert len(optimizers) >= 6
    must_be_the_record(
        [alone(optimizer, surface=pg.surfaces[name]()) for optimizer in optimizers for name in ("rosenbrock", "branin")]
    )


def test_every_schedule():
    racers = [
        pg.Racer(optimizer=calm(name), schedule=cls(warmup=7)) for cls in pg.schedules.values() for name in PRINTED
    ]
    must_be_the_record([pg.Race(racers=cut, steps=100) for cut in batched(racers)])


@pytest.mark.parametrize("kind", ["noise", "penalty", "gradient"])
def test_noise_penalties_and_gradient_sources(kind):
    fields = {
        "noise": [{"noise": 0.5, "seed": 3}],
        "penalty": [{"penalty": cls()} for cls in pg.penalties.values()],
        # With a tiny h the differences magnify a last bit by cancellation, on either side.
        "gradient": [{"gradient": cls(**{name: 1e-3 for name in cls.numbers()})} for cls in pg.gradients.values()],
    }[kind]
    must_be_the_record([alone(calm(name), **facts) for name in PRINTED for facts in fields])


@pytest.mark.parametrize("steps", [1, 2, 5000])
def test_any_number_of_steps(steps):
    must_be_the_record([alone(calm(name), surface=pg.surfaces["sphere"](), steps=steps) for name in PRINTED])


def test_divergence_ends_at_the_same_step():
    """Where it leaves the finite numbers; the last numbers before have lost digits to a thousandfold magnification."""
    races = [
        alone(replace(optimizer, lr=optimizer.knobs()["lr"].high), surface=pg.surfaces[surface](), noise=noise)
        for optimizer in (pg.optimizers[name]() for name in PRINTED)
        if hasattr(optimizer, "lr")
        for surface in ("bowl", "rosenbrock", "dixon_price")
        for noise in (0.0, 0.1)
    ]
    ended = {end for race in races for ends in pg.run(race).ends for end in ends}
    assert ended == {"ran", "diverged"}
    must_be_the_record(races, 1e-9)


@pytest.mark.parametrize("text", ["log(x) + y**2", "1/x + y", "exp(exp(x)) + y**2", "x**0.5 + abs(y)**1.5"])
def test_a_start_where_the_formula_is_not_defined(text):
    formula = pg.surfaces["formula"](text=text)
    races = [alone(pg.optimizers[name](), surface=formula, starts=[start], steps=5)
            for name in PRINTED for start in ((-1, 1), (0, 0), (2.5, 0))]  # fmt: skip
    must_be_the_record(races)


def test_one_loop_serves_while_anything_is_dragged():
    """Start, knobs, length, seed and the shape of the schedule are arguments."""
    noisy = pg.Race(noise=0.1, racers=[pg.Racer(optimizer=pg.optimizers[name]()) for name in PRINTED[:12]])
    cosine = pg.schedules["cosine"]()
    other = replace(
        noisy,
        starts=[(0.1, 0.2)],
        steps=7,
        seed=9,
        noise=0.3,
        racers=[replace(racer, optimizer=calm(racer.optimizer.name), schedule=cosine) for racer in noisy.racers],
    )
    assert [loop.text for loop in javascript.programs(noisy)] == [loop.text for loop in javascript.programs(other)]


@pytest.mark.parametrize("name", OTHERS)
def test_what_cannot_be_printed_says_so(name):
    spec = alone(pg.optimizers[name]())
    loop = javascript.program(spec.racers[0].optimizer, problem_of(spec), (1.0,) * spec.steps)
    assert not loop.text and "on release" in str(loop.reason) and str(loop.reason).endswith(".")
    assert [knob.name for knob in loop.knobs] == list(pg.optimizers[name].numbers())


def problems(texts):
    """What these texts, parsed, do besides computing with their arguments, functions of Math and numbers."""
    command = [node(), "--expose-internals", str(Path(__file__).with_name("parsed_loops.cjs"))]
    process = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)


def test_the_text_is_arithmetic():
    racers = [pg.Racer(optimizer=pg.optimizers[name]()) for name in PRINTED]
    races = (
        pg.Race(surface=surface(), racers=cut, steps=1) for surface in pg.surfaces.values() for cut in batched(racers)
    )
    texts = {loop.text for race in races for loop in javascript.programs(race)}
    assert len(texts) > 400 and not problems(sorted(texts))


@pytest.mark.parametrize(("text", "problem"), [
    ("(x) => fetch(x)", "a call of fetch"), ("(x) => x.constructor", "the property constructor"),
    ("(x) => x['constructor']", "the literal 'constructor'"), ("(x) => document", "document"),
    ("(x) => { this.y }", "ThisExpression"), ("(x) => new Date()", "NewExpression"),
    ("(x) => `${x}`", "TemplateLiteral"),
    ("(x) => { Math = x }", "Math assigned"), ("(isFinite) => isFinite(1)", "isFinite declared anew"),
    ("(x) => Math.random()", "a call of Math.random"), ("(x) => function () {}", "FunctionExpression"),
    ("(x) => { while (1); }", "WhileStatement"),
])  # fmt: skip
def test_what_is_no_arithmetic_is_seen(text, problem):
    assert [text, problem] in problems([text])


HOSTILE = ["alert(1)+x", "x;alert(1)", "x+y//*/", "constructor(x)", "x`y`", "x+'</script>'", "this.x", "x\nalert(1)"]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_no_formula_is_refused_before_it_is_printed(text):
    with pytest.raises(pg.ChoiceError):
        pg.surfaces["formula"](text=text)


@pytest.mark.parametrize("text", ["x**2+y**2+1e-9*tanh(x)", "2**x + pi*y**2", "-(-x)**2 - -3*y", "abs(x)**1.5+y/7"])
def test_what_was_typed_is_not_printed(text):
    spec = alone(pg.optimizers["adam"](), surface=pg.surfaces["formula"](text=text))
    assert not problems([javascript.programs(spec)[0].text])
    must_be_the_record([spec])


def test_labels_are_data(monkeypatch):
    """A label goes to the browser as JSON, and never into a loop."""
    record = pg.run(alone(pg.optimizers["sgd"]()))
    monkeypatch.setattr(pg.Race, "labels", lambda race: ('"; alert(1); //</script>',))
    header = payload(record)[4:]
    header = json.loads(header[: int.from_bytes(payload(record)[:4], "little")])
    assert header["racers"][0]["label"] == record.labels[0] and "alert" in record.labels[0]
    assert [program["text"] for program in header["programs"]] == [javascript.programs(record.spec.race)[0].text]


def test_bits_are_promised_for_exact_operations_only():
    """A rule with powers of its betas makes no such promise, nor does any rule on a surface with a cosine."""

    def promised(optimizer, surface):
        return javascript.programs(alone(pg.optimizers[optimizer](), surface=pg.surfaces[surface]()))[0].same_bits

    assert promised("momentum", "rosenbrock") and promised("rmsprop", "himmelblau") and promised("newton", "booth")
    assert not promised("adam", "rosenbrock") and not promised("momentum", "rastrigin")
    names = [name for name in PRINTED if issubclass(pg.optimizers[name], Rule) and promised(name, "sphere")]
    assert len(names) >= 8
