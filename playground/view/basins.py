"""Basin maps as the bytes that the browser draws, in the layout of the player's."""

from __future__ import annotations

from dataclasses import asdict
from string import ascii_uppercase
from typing import Any

import numpy as np

from playground.messages import tr
from playground.numbers import percent
from playground.record import BasinRecord, RaceRecord
from playground.record.basins import DIVERGED, NONE
from playground.view.player import digest_of, ground_name, narrow, pack
from playground.view.theme import BASINS, THEMES, basin_ramps, racer_style

SHADES = 24
NONE_CODE, DIVERGED_CODE = 254, 255  # in the bytes; minima are 0 to 127
OWN = len(BASINS) - 1  # minima with a colour and a letter of their own


def payload(record: BasinRecord, race: RaceRecord, start: int, whole: bool) -> bytes:
    """The maps, with the paths of the race from the start that is marked on them.

    `whole` is False for a coarse map that is shown until the whole one is there. What becomes of the starts comes by
    itself (`fates`), since another marked start leaves it as it is.
    """
    ground = record.terrain
    header = {
        "key": record.key,
        "whole": whole,
        "title": record.title,
        "alt": alt_text(record),
        "query": record.query,
        "window": ground.window,
        "axes": ground.axes,
        "ground": ground_name(ground),
        "fates": digest_of(_fates(record)),
        "side": len(record.xs),
        "steps": record.steps_run,
        "range": span(record),
        "start": race.starts[start].tolist(),
        "levels": [{"at": float(a), "value": float(v)} for a, v in zip(ground.levels, ground.level_values)],
        "places": [
            {"x": float(x), "y": float(y), "loss": float(loss), "letter": letter(m)}
            for m, ((x, y), loss) in enumerate(zip(record.minima, record.losses))
        ],
        "own": OWN,
        "racers": [_racer(record, race, r, start) for r in range(len(record.labels))],
        "ramps": basin_ramps(SHADES),
        "theme": {name: _theme(name) for name in THEMES},
    }
    return pack(header, {"path": narrow(race.positions[:, start])})


def fates(record: BasinRecord) -> bytes:
    """What becomes of each start, and in how many steps, in the layout of the player's payload."""
    arrays = _fates(record)
    return pack({"name": digest_of(arrays)}, arrays)


def _fates(record: BasinRecord) -> dict[str, np.ndarray]:
    return {"steps": np.maximum(record.steps, 0).astype("<u2"), "reached": codes(record)}


def codes(record: BasinRecord) -> np.ndarray:
    """What each start reached as a byte: the minimum's place in the list, `NONE_CODE` or `DIVERGED_CODE`."""
    colour_codes = record.reached.astype(np.uint8)
    colour_codes[record.reached == NONE], colour_codes[record.reached == DIVERGED] = NONE_CODE, DIVERGED_CODE
    return colour_codes


def letter(index: int) -> str:
    """The name of a minimum on the maps; those beyond the colours have none."""
    return ascii_uppercase[index] if index < OWN else ""


def span(record: BasinRecord) -> tuple[int, int]:
    """The numbers of steps between which brightness falls, for all racers: all but the outermost hundredths."""
    steps = record.steps[record.reached >= 0]
    low, high = np.quantile(steps, (0.01, 0.99)).astype(int).tolist() if len(steps) else (0, record.steps_run)
    return low, max(high, low + 1)


def shade(steps: np.ndarray, ends: tuple[int, int]) -> np.ndarray:
    """The shade of each number of steps, 0 to `SHADES` - 1, in even steps of its logarithm."""
    low, high = np.log1p(ends)
    part = (np.log1p(np.maximum(steps, 0)) - low) / (high - low)
    return np.clip(np.round(part * (SHADES - 1)), 0, SHADES - 1).astype(int)


def shares(record: BasinRecord, r: int) -> list[tuple[str, str, float]]:
    """How the starts of one racer ended, as (kind, words, share), those that occur: the minima with a letter, all
    further ones together, none, diverged.
    """
    of = record.shares[r]
    minima, none, diverged = of[:-2], of[-2], of[-1]
    parts = [("basin", letter(m), share) for m, share in enumerate(minima[:OWN])]
    parts += [
        ("more", tr("other minima"), minima[OWN:].sum()),
        ("nowhere", tr("none"), none),
        ("diverged", tr("diverged"), diverged),
    ]
    return [(kind, words, float(share)) for kind, words, share in parts if share > 0]


def alt_text(record: BasinRecord) -> str:
    """What the maps show, for those who do not see them."""
    summary = "; ".join(
        f"{label}: " + ", ".join(f"{words} {percent(share)}" for _, words, share in shares(record, r))
        for r, label in enumerate(record.labels)
    )
    return tr(
        "Maps of {surface}: the minimum that each of {wide} x {high} starts reaches. {found}.",
        surface=record.title, wide=len(record.xs), high=len(record.ys), found=summary,
    )  # fmt: skip


def place_text(record: BasinRecord, m: int) -> str:
    """Where a minimum is, and its loss."""
    (x, y), loss = record.minima[m], record.losses[m]
    loss = 0.0 if abs(loss) < 1e-12 else loss
    return tr("({x:digits}, {y:digits}), loss {loss:digits}", x=x, y=y, loss=loss)


def _racer(record: BasinRecord, race: RaceRecord, r: int, start: int) -> dict[str, Any]:
    return asdict(racer_style(record.looks[r])) | {
        "id": record.looks[r],
        "label": record.labels[r],
        "note": record.notes[r],
        "length": int(race.lengths[r, start]),
        "shares": [{"kind": kind, "words": words, "share": share} for kind, words, share in shares(record, r)],
    }


def _theme(name: str) -> dict[str, Any]:
    theme = THEMES[name]
    return {key: getattr(theme, key) for key in ("line", "text", "muted", "grid", "panel", "accent", "halo", "alarm")}
