"""The race as the bytes that the player in the browser reads: a JSON header, then the arrays as they lie in memory."""

from __future__ import annotations

import json
from dataclasses import asdict
from hashlib import blake2b
from typing import Any

import numpy as np

from playground.engine.javascript import programs
from playground.messages import Message, marked, tr, translate
from playground.numbers import count, digits
from playground.record import RaceRecord, Terrain
from playground.view.theme import THEMES, racer_style

END = {
    "ran": marked("ran"), "converged": marked("settled"), "stopped": marked("stopped"), "failed": marked("failed"),
    "diverged": marked("diverged"),
}  # fmt: skip
COLUMNS = (
    (marked("Final loss"), marked("loss at the last step")),
    (marked("Best loss"), marked("lowest loss on the way")),
    (marked("Distance"), marked("from the last point to the nearest minimum")),
    (marked("Steps to tolerance"), marked("first step whose loss is within the tolerance of the lowest value")),
    (marked("Evaluations"), marked("of the loss, the gradient or the Hessian")),
    (
        marked("How it ended"),
        marked("ran all its steps, settled or stopped before, or diverged (NaN or infinite)"),
    ),
)


def payload(record: RaceRecord, *, compact: bool = False, start: int = 0, knobs: bool = True) -> bytes:
    """One start of a race for the player; `knobs`: whether they can be turned in it.

    The losses of the surface come by themselves (`ground`), since most reruns leave them as they are; the header names
    them. Layout: length of the header as uint32, the header as JSON padded to a multiple of 8, then arrays,
    little-endian. What is drawn is float32 and uint16, and grows linearly with racers times steps: 12 to 16 bytes for
    each point. What a race is computed from again (schedules, noise, draws) is float64, so that the browser has the
    same bits.
    """
    ground = record.terrain
    arrays = {
        "path": narrow(record.positions[:, start]),
        "loss": narrow(record.losses[:, start]),
    }
    if _varies(record.rates):
        arrays["rate"] = narrow(record.rates)
    recomputation = _recomputation(record)
    arrays |= recomputation.pop("arrays")
    header = {
        "key": f"{record.key}.{start}" if start else record.key,
        "title": record.title,
        "formula": record.plain,
        "query": record.query,
        "alt": alt_text(record, start),
        "compact": compact,
        "knobs": knobs,
        "window": ground.window,
        "axes": ground.axes,
        "ground": ground_name(ground),
        "steps": record.steps,
        "start": record.starts[start].tolist(),
        "minima": ground.minima.tolist(),
        "saddles": ground.saddles.tolist(),
        "levels": [{"at": float(a), "value": float(v)} for a, v in zip(ground.levels, ground.level_values)],
        "racers": [_racer(record, i, start) | recomputation["racers"][i] for i in range(len(record.labels))],
        "programs": recomputation["programs"],
        "columns": [{"label": translate(label), "help": translate(text)} for label, text in COLUMNS],
        "theme": {name: _theme(name, len(ground.levels) + 1) for name in THEMES},
    }
    return pack(header, arrays)


def ground(terrain: Terrain) -> bytes:
    """The losses of a surface over its window, 0 to 65,535, in the layout of `payload`."""
    arrays = _grid(terrain)
    return pack({"name": digest_of(arrays)}, arrays)


def ground_name(terrain: Terrain) -> str:
    """What payloads call these losses."""
    return digest_of(_grid(terrain))


def digest_of(arrays: dict[str, np.ndarray]) -> str:
    """What payloads call arrays that come by themselves: the same as long as they hold the same."""
    digest = blake2b(digest_size=8)
    for array in arrays.values():
        digest.update(str(array.shape).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _grid(terrain: Terrain) -> dict[str, np.ndarray]:
    return {"grid": np.round(terrain.scaled * 65535).astype("<u2")}


def narrow(values: np.ndarray) -> np.ndarray:
    """Values as float32, with what is too large for it at its largest number."""
    limit = float(np.finfo(np.float32).max)
    return np.clip(values, -limit, limit).astype("<f4")


def _varies(rates: np.ndarray) -> bool:
    return bool((np.nanmax(rates, axis=1, initial=-np.inf) > np.nanmin(rates, axis=1, initial=np.inf)).any())


def alt_text(record: RaceRecord, start: int = 0) -> str:
    """What the picture of a race shows, for those who do not see it."""
    results = "; ".join(
        tr("{racer}: final loss {loss:digits}, {end}", racer=label, loss=final[start], end=Message(END[ends[start]]))
        for label, final, ends in zip(record.labels, record.final, record.ends)
    )
    x, y = record.starts[start]
    return tr(
        "Contour picture of {surface} with the paths of {n} optimizers over {steps} steps from ({x:digits}, "
        "{y:digits}). {found}.",
        surface=record.title, n=len(record.labels), steps=record.steps, x=x, y=y, found=results,
    )  # fmt: skip


def row(record: RaceRecord, i: int, start: int) -> list[str]:
    """The table's cells for one racer, in the order of `COLUMNS`."""
    last = max(int(record.lengths[i, start]) - 1, 0)
    return [
        digits(record.final[i, start]),
        digits(record.best[i, start]),
        digits(record.distance[i, start]),
        count(record.arrived[i, start]),
        count(record.evaluations[i, start, last]),
        ending(record, i, start),
    ]


def ending(record: RaceRecord, i: int, start: int) -> str:
    """How a racer ended, in a few words; the record has the sentence."""
    n = int(record.lengths[i, start])
    word = record.ends[i][start]
    if word == "ran":
        return tr("all steps")
    return tr("{end} at step {step}", end=Message(END[word]), step=n if word == "diverged" else n - 1)


def _recomputation(record: RaceRecord) -> dict[str, Any]:
    """What the racers are computed from again: `programs` (each text once), `arrays` (each once), and of each racer the
    place or name of its own ones, -1 and "" where it has none, and "constant" schedules are left out."""
    texts: dict[tuple[str, tuple[str, ...]], int] = {}
    factors: dict[tuple[float, ...], int] = {}
    draws: dict[bytes, str] = {}
    arrays: dict[str, np.ndarray] = {}
    racers: list[dict[str, Any]] = []
    for program in programs(record.spec.race):
        steady = set(program.factors) <= {1.0}
        draws_name = ""
        if program.draws is not None:
            draws_name = draws.setdefault(program.draws.tobytes(), f"draws{len(draws)}")
            arrays[draws_name] = program.draws.astype("<f8")
        racers.append({
            "program": texts.setdefault((program.text, program.states), len(texts)) if program.text else -1,
            "reason": program.reason,
            "knobs": [
                asdict(knob) | {"label": translate(knob.label), "help": translate(knob.help)} for knob in program.knobs
            ],
            "factors": -1 if steady else factors.setdefault(program.factors, len(factors)),
            "draws": draws_name,
            "decay": program.decay,
        })  # fmt: skip
    arrays |= {"factors": np.array(list(factors), dtype="<f8")} if factors else {}
    return {
        "programs": [{"text": text, "states": states} for text, states in texts],
        "arrays": arrays,
        "racers": racers,
    }


def _racer(record: RaceRecord, i: int, start: int) -> dict[str, Any]:
    return asdict(racer_style(record.looks[i])) | {
        "id": record.looks[i],
        "label": record.labels[i],
        "length": int(record.lengths[i, start]),
        "ended": record.ends[i][start],
        "sentence": record.sentences[i][start],
        "row": row(record, i, start),
    }


def _theme(name: str, bands: int) -> dict[str, Any]:
    theme = THEMES[name]
    colours = {key: getattr(theme, key) for key in ("line", "text", "muted", "grid", "panel", "accent", "halo")}
    return colours | {"ramp": theme.ramp(bands)}


def _text(value: Any) -> str:
    """A message of the header, rendered; JSON takes nothing else that it does not know."""
    if isinstance(value, Message):
        return str(value)
    raise TypeError(f"the header of a payload holds {value!r}")


def pack(header: dict[str, Any], arrays: dict[str, np.ndarray]) -> bytes:
    """Header and arrays as the bytes that `payload` describes."""
    offset, listed = 0, {}
    for name, array in arrays.items():
        listed[name] = {"dtype": array.dtype.str[1:], "offset": offset, "shape": array.shape}
        offset += -(-array.nbytes // 8) * 8
    text = json.dumps(header | {"arrays": listed}, allow_nan=False, separators=(",", ":"), default=_text).encode()
    text += b" " * (-(4 + len(text)) % 8)
    body = b"".join(array.tobytes() + bytes(-array.nbytes % 8) for array in arrays.values())
    return len(text).to_bytes(4, "little") + text + body
