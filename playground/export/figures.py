"""Figures of matplotlib as bytes, and files of all kinds into a folder."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

OPTIONS: dict[str, Any] = {"png": {"dpi": 200}, "svg": {}}
UNDATED: dict[str, dict[str, Any]] = {"png": {}, "svg": {"Date": None}}


def saved(figure: Figure, kind: str, stamp: str, key: str) -> bytes:
    """The figure as PNG of 3200 by 1800 pixels or as SVG, with the configuration in it; equal figures give equal bytes.

    `key` takes the place of the random names inside an SVG.
    """
    from matplotlib import rc_context

    buffer = io.BytesIO()
    with rc_context({"svg.hashsalt": key}):
        figure.savefig(
            buffer, format=kind, facecolor=figure.get_facecolor(),
            metadata={"Description": stamp} | UNDATED[kind], **OPTIONS[kind],
        )  # fmt: skip
    return buffer.getvalue()


def write(folder: Path, stem: str, kinds: Mapping[str, Callable[[], bytes]]) -> list[Path]:
    """Write `<stem>.<kind>` of each kind into `folder` (made if missing); returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for kind, make in kinds.items():
        paths.append(folder / f"{stem}.{kind}")
        paths[-1].write_bytes(make())
    return paths
