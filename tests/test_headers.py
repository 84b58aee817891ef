"""The headers of payloads are what the scripts are told that they are."""

import json

import pytest

import playground as pg
from playground.presets import BASINS, PRESETS
from playground.view import basins, headers, observatory, player, step_inspector


def header(payload):
    return json.loads(payload[4 : 4 + int.from_bytes(payload[:4], "little")])


def race(**facts):
    return pg.run(pg.Race(steps=20, **facts))


def header_pairs():
    """Kind and header of every payload, with all that may be in one."""
    diverging = pg.Race(steps=20, noise=0.1, racers=[
        pg.Racer(optimizer=pg.optimizers[name](), schedule=pg.schedules["cosine"]())
        for name in ("sgd", "adam", "bfgs", "local_search")
    ])  # fmt: skip
    for record in (race(), pg.run(diverging), pg.run(PRESETS[-1].race())):
        yield headers.Player, header(player.payload(record))
        yield headers.Lasting, header(player.ground(record.terrain))
    maps = BASINS[0].race().coarse()
    record = pg.run(pg.Race.of(maps))
    yield headers.Lasting, header(basins.fates(pg.run(maps)))
    yield headers.Basins, header(basins.payload(pg.run(maps), record, 0, False))
    step = pg.run(pg.StepInspection.of(PRESETS[0].race(), chosen=3, step=5))
    yield headers.StepInspector, header(step_inspector.payload(step, pg.run(PRESETS[0].race()), 0, (3, 5)))
    run = observatory.ShownRun(key="a" * 32, label="SGD", place=0, state="running")
    yield headers.Observatory, json.loads(json.dumps(observatory.payload([run], visitor="someone")))


def test_headers_hold_what_is_declared():
    for kind, header in header_pairs():
        assert not list(headers.problems(header, kind)), kind.__name__


def test_the_types_of_the_scripts_are_up_to_date():
    command = "python -m playground.view.headers writes it again"
    assert headers.FILE.read_text(encoding="utf-8") == headers.declarations(), command


@pytest.mark.parametrize(("change", "problem"), [
    ({"steps": "20"}, "header.steps is '20'"), ({"more": 1}, "header.more is not declared"),
    ({"axes": ["x"]}, "header.axes has 1 items"), ({"racers": [{}]}, "header.racers[0].label is missing"),
    ({"compact": 1}, "header.compact is 1"), ({"steps": True}, "header.steps is True"),
])  # fmt: skip
def test_what_differs_is_named(change, problem):
    assert problem in list(headers.problems(header(player.payload(race())) | change, headers.Player))
