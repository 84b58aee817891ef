"""The log of a run: events as bytes."""

import math

import numpy as np
import pytest

from playground.messages import Message
from playground.record import Change, End, Filters, Preparation, Tick
from playground.runs.log import KINDS, append, decode, encode, frames, whole

EVENTS = [
    Preparation(text=Message("größer {n}: {why}", n=3, why=Message("{share}", share=math.inf)), share=math.nan),
    Change(step=3, field="lr", value=1e-300),
    Filters(step=4, pictures=np.arange(24, dtype=np.uint8).reshape(2, 2, 2, 3)),
    Tick(
        step=5, epoch=0.5, seconds=1.25, rate=math.inf, loss=math.nan, accuracy=0.1, speed=3.0,
        losses=np.array([1, np.nan], np.float32), accuracies=np.zeros(0, np.float32),
    ),
    End(word="diverged", sentence=Message("Gone."), step=5, seconds=1.5, best_step=0, layer="dense 1"),
]  # fmt: skip


def same(first, second):
    assert type(first) is type(second)
    for name, value in vars(first).items():
        other_value = getattr(second, name)
        if isinstance(value, np.ndarray):
            assert value.dtype == other_value.dtype
            np.testing.assert_array_equal(value, other_value)
        else:
            assert type(value) is type(other_value)
            assert value == other_value or (math.isnan(other_value) and not math.isfinite(value))


def test_events_come_back_as_they_were():
    data = b"".join(map(encode, EVENTS))
    events = list(decode(data))
    assert len(events) == len(EVENTS)
    for event, decoded in zip(EVENTS, events):
        same(event, decoded)


@pytest.mark.parametrize("cut", [1, 3, 4, 5, 17, 60])
def test_a_last_frame_that_was_cut_is_not_there_yet(cut):
    ends = np.cumsum([len(encode(event)) for event in EVENTS])
    data = b"".join(map(encode, EVENTS))[: ends[2] + cut]
    assert len(list(frames(data))) == 3 and whole(data) == ends[2] and len(list(decode(data))) == 3


def test_a_disk_that_is_full_leaves_no_half_frame(tmp_path):
    resource = pytest.importorskip("resource", reason="Only Unix can limit the size of a file.")
    path, event = tmp_path / "log", Preparation(text=Message("reading"), share=0.5)
    append(path, event)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 10, limits[1]))
    try:
        with pytest.raises(OSError, match=r"space|large"):
            append(path, event)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    append(path, event)
    assert path.read_bytes() == 2 * encode(event)


def test_arrays_are_read_in_any_memory_order_and_byte_order():
    pictures = np.arange(48, dtype=np.uint8).reshape(2, 3, 2, 4).transpose(0, 2, 3, 1)[:, ::-1]
    (event,) = decode(encode(Filters(step=1, pictures=pictures)))
    np.testing.assert_array_equal(event.pictures, pictures)


def test_what_is_no_log_is_refused():
    bad = encode(Filters(step=1, pictures=np.zeros((1, 1, 1, 3), np.uint8))).replace(b"|u1", b"|O1")
    with pytest.raises(ValueError, match="array of type"):
        list(decode(bad))


def test_every_event_has_a_kind():
    assert set(KINDS) >= {"start", "samples", "tick", "validation", "probe", "filters", "change", "finding", "end"}
