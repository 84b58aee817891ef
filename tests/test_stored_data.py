"""What users have stored keeps its meaning: links and runs of the version a785990, as that version made them.

`data/links.json` holds links with the spec and the key that that version read from each; `data/runs` trainings of it.
"""

import json
import shutil
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

import playground as pg
from playground.messages import Message
from playground.presets.training import TRAININGS
from playground.record import End, Event, Finding, Preparation, Probe, Start, Tick
from playground.runs import local, log
from playground.runs.log import NewerSchema, decode, encode, frames, read_fields
from playground.runs.old_sentences import OLD, from_sentence
from playground.runs.runner import Runner
from playground.runs.settings import Settings
from playground.runs.store import SHIPPED, Store

DATA = Path(__file__).parent / "data"
LINKS = json.loads((DATA / "links.json").read_text(encoding="utf-8"))
RUNS = json.loads((DATA / "runs" / "names.json").read_text())
SPECS = {
    "race": pg.Race,
    "step": pg.StepInspection,
    "basins": pg.BasinMap,
    "sweep": pg.RateSweep,
    "robustness": pg.Robustness,
    "forms": pg.Forms,
    "gradients": pg.GradientCheck,
    "cost": pg.GradientCost,
    "ranking": pg.Ranking,
    "train": pg.Comparison,
}
SHIPPED_BEFORE = "286719b173ecb7b4c3e5a6ef1cf9493b"  # its sentences are of an even older version: "12%"


@pytest.fixture
def store(tmp_path):
    """A store with the runs of the old version."""
    for run in (DATA / "runs").iterdir():
        if run.is_dir():
            shutil.copytree(run, tmp_path / run.name)
    return Store(tmp_path, shipped=tmp_path / "none")


# -- links -----------------------------------------------------------------------------------------------------------


def test_the_links_are_of_every_page_with_oddities():
    assert len(LINKS) > 150 and {link["page"] for link in LINKS} == set(SPECS)
    assert sum(link["problems"] > 0 for link in LINKS) > 30


@pytest.mark.parametrize("stored", LINKS, ids=lambda link: f"{link['page']}-{link['note']}")
def test_a_link_opens_as_it_did(stored):
    kind = SPECS[stored["page"]]
    spec, problems = kind.read_query(stored["link"])
    assert bool(problems) == bool(stored["problems"])
    assert spec == kind.from_query(stored["canonical"])
    if stored["page"] == "train":
        assert [run.key for run in spec.runs] == stored["keys"]
    else:
        assert spec.key == stored["key"]


# -- runs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RUNS)
def test_a_run_opens(store, name):
    key, state = RUNS[name]["key"], RUNS[name]["end"]
    spec = pg.Training.from_query(RUNS[name]["link"])
    assert spec.key == key and store.status(key).state == state
    record = store.record(spec)
    assert record.start.key == key and len(record.ticks["step"]) and len(record.probes["step"])
    assert np.isfinite(record.ticks["loss"][:-1]).all() and record.end.word == store.end(key).word
    for message in [record.end.sentence, *(finding.sentence for finding in record.findings)]:
        assert message.template != "{sentence}", "it is a message, not a sentence put through"
    assert len(record.changes) == 2 * (name == "changed")


@pytest.mark.parametrize("name", [name for name in RUNS if name != "stopped"])
def test_a_run_is_drawn(store, name):
    assert len(pg.draw(store.record(pg.Training.from_query(RUNS[name]["link"])))) > 10_000


def test_a_finished_run_is_not_trained_again(store):
    spec = pg.Training.from_query(RUNS["finished"]["link"])
    before = store.file(spec.key, "log").read_bytes()
    record = local.run(spec, store=store)
    assert record.weights and store.file(spec.key, "log").read_bytes() == before


def test_a_stopped_run_is_resumed_from_its_checkpoint(store):
    spec = pg.Training.from_query(RUNS["stopped"]["link"])
    stopped = store.end(spec.key).step
    before = store.record(spec)
    for event in local.resume(spec, store, threads=1):
        if isinstance(event, Tick):
            assert event.step > stopped
            break
    record = store.record(spec)
    np.testing.assert_array_equal(record.steps["loss"][:stopped], before.steps["loss"][:stopped])
    assert len(record.steps["loss"]) > stopped


def test_sentences_of_all_ages_become_messages_that_say_the_same(store):
    sentences = [str(event.sentence) for event in store.events(SHIPPED_BEFORE) if isinstance(event, Finding)]
    raw = store.file(SHIPPED_BEFORE, "log").read_bytes()
    old = [json.loads(body[4 : 4 + int.from_bytes(body[:4], "little")]) for body in frames(raw)]
    was = [event["sentence"] for event in old if event["kind"] == "finding"]
    assert any("%" in sentence and " %" not in sentence for sentence in was)
    assert sentences == [sentence.replace("%", " %").replace("  %", " %") for sentence in was]


@pytest.mark.parametrize("template", OLD)
def test_every_old_sentence_is_known(template):
    sentence = template.replace(":percent}", "}").format_map(Values())
    message = from_sentence(sentence)
    assert message.template == template and str(message).replace("\u2009", " ") == sentence
    assert from_sentence(f"{sentence} And more?").template == "{sentence}"


class Values(dict):
    """A value for every placeholder of an old sentence."""

    def __missing__(self, name):
        percents = ("share", "accuracy", "chance", "training", "validation")
        return "54 %" if name in percents else "0.25"


@pytest.mark.parametrize("preset", TRAININGS, ids=lambda preset: preset.name)
def test_the_runs_shipped_are_of_todays_schema(preset):
    for spec in preset.comparison().runs:
        path = SHIPPED / spec.key / "log"
        if path.exists():
            events = list(decode(path.read_bytes()))
            assert b"".join(map(encode, events)) == path.read_bytes()
            assert json.loads((path.parent / "end.json").read_text())["schema"] == log.SCHEMA


# -- schema ----------------------------------------------------------------------------------------------------------

KINDS = [cls for cls in log.KINDS.values() if cls.__module__.startswith("playground.")]


@pytest.mark.parametrize("kind, name", [(cls, field.name) for cls in KINDS for field in fields(cls)])
def test_a_lacking_column_is_what_stands_for_it(store, kind, name):
    """As if the log had been written before the column was added."""
    old = next((event for event in store.events(RUNS["changed"]["key"]) if type(event) is kind), None)
    if old is None:
        old = next(event for event in store.events(SHIPPED_BEFORE) if type(event) is kind)
    (event,) = decode(without(encode(old), name))
    value = getattr(event, name)
    if isinstance(value, np.ndarray):
        assert value.dtype == getattr(old, name).dtype
        assert value.size == 0 or (np.isnan(value).all() if value.dtype.kind == "f" else not value.any())
    else:
        assert type(value) is type(getattr(old, name)) and (not value or value != value)
    for field in fields(kind):
        if field.name != name:
            np.testing.assert_equal(getattr(event, field.name), getattr(old, field.name))


def test_a_lacking_column_is_as_long_as_its_event(store):
    old = next(event for event in store.events(RUNS["finished"]["key"]) if isinstance(event, Probe))
    (event,) = decode(without(encode(old), "dead"))
    assert event.dead.shape == old.dead.shape and np.isnan(event.dead).all()


def test_unknown_columns_and_kinds_are_passed_over():
    tick = encode(Preparation(text=Message("reading"), share=0.5))
    header = json.loads(tick[8:])
    more = with_header(tick, header | {"humour": 3, "arrays": [["jokes", "<f4", [2]]]}, bytes(8))
    assert next(decode(more)).share == 0.5
    assert len(list(decode(with_header(tick, header | {"kind": "poem"}) + tick))) == 1


def test_a_newer_schema_is_one_sentence(store, monkeypatch):
    spec = pg.Training.from_query(RUNS["finished"]["link"])
    other = pg.Training.from_query(RUNS["stopped"]["link"])
    with monkeypatch.context() as later:
        later.setattr(log, "SCHEMA", log.SCHEMA + 1)
        frame = encode(Preparation(text=Message("reading"), share=0.5))
    (store.folder / spec.key / "log").write_bytes(frame)
    checkpoint = (store.folder / other.key / "checkpoint").read_bytes()
    (store.folder / other.key / "checkpoint").write_bytes(checkpoint.replace(b"{", b'{"schema": 3, ', 1))
    for item in (spec, other):
        before = contents(store.folder / item.key)
        assert store.status(item.key).state == "newer"
        with pytest.raises(NewerSchema, match=r"^The run was stored by a newer version of this program \(schema 3;"):
            list(local.resume(item, store))
        runner = Runner(store.folder, Settings())
        with pytest.raises(NewerSchema):
            runner.submit(item, "visitor-1")
        data, status = runner.read(item.key, 0, "visitor-1")
        assert data == b"" and status.state == "newer" and not status.resumable
        assert contents(store.folder / item.key) == before, "nothing of it is touched"


def contents(folder):
    names = ("log", "end.json", "checkpoint", "weights.npz")
    return {name: (folder / name).read_bytes() for name in names if (folder / name).exists()}


def without(frame, name):
    """The frame of an event without one of its fields."""
    size = int.from_bytes(frame[4:8], "little")
    header, block, at = json.loads(frame[8 : 8 + size]), b"", 8 + size
    header.pop(name, None)
    arrays = []
    for entry in header["arrays"]:
        length = int(np.prod(entry[2])) * np.dtype(entry[1]).itemsize
        if entry[0] != name:
            arrays.append(entry)
            block += frame[at : at + length]
        at += length
    return with_header(frame, header | {"arrays": arrays}, block)


def with_header(frame, header, block=b""):
    text = json.dumps(header).encode()
    body = len(text).to_bytes(4, "little") + text + block
    return len(body).to_bytes(4, "little") + body


def test_every_field_has_what_stands_for_it():
    """A new field of an event is readable from the logs of before: its type is one that `read_fields` knows."""
    for kind in KINDS:
        assert isinstance(read_fields(kind, {}), Event)
    assert read_fields(Start, {}).layers == () and not read_fields(End, {}).sentence
