"""Files to take away; made when asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

import streamlit as st

from pages.ui.shell import theme
from playground.messages import marked, tr, translate
from playground.record import BasinRecord, RaceRecord

FILES = {
    "png": (marked("Figure, PNG"), "image/png"),
    "svg": (marked("Figure, SVG"), "image/svg+xml"),
    "csv": (marked("Record, CSV"), "text/csv"),
    "npz": (marked("Record, NPZ"), "application/octet-stream"),
}


def of_maps(record: BasinRecord) -> None:
    """One button per kind of file, for basin maps."""

    def make(kind: str) -> bytes:
        from playground.export import basins

        return basins.KINDS[kind](record, theme()) if kind in ("png", "svg") else basins.KINDS[kind](record)

    menu("basins", f"basins-{record.key[:12]}", make)


def buttons(record: RaceRecord, start: int) -> None:
    """One button per kind of file, for a race."""

    def make(kind: str) -> bytes:
        from playground.export import files

        return files.KINDS[kind](record, theme(), start) if kind in ("png", "svg") else files.KINDS[kind](record)

    menu("race", f"race-{record.key[:12]}", make)


def menu(
    page: str,
    stem: str,
    make: Callable[[str], bytes],
    records: Collection[str] = ("csv", "npz"),
    label: str = "",
) -> None:
    """One button for each kind of file, the figure's two and `records`; `make(kind)` is its bytes, `stem` its name."""
    with st.popover(label or tr("Download"), icon=":material/download:"):
        for kind in ("png", "svg", *records):
            name, mime = FILES[kind]
            st.download_button(
                translate(name), data=partial(make, kind), file_name=f"{stem}.{kind}", mime=mime,
                key=f"{page}.download.{kind}", on_click="ignore", width="stretch",
            )  # fmt: skip
