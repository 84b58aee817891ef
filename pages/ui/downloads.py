"""Files of a race to take away; made when asked for."""

from __future__ import annotations

import streamlit as st

from pages.ui.shell import theme
from playground.record import RaceRecord

FILES = {
    "png": ("Figure, PNG", "image/png"),
    "svg": ("Figure, SVG", "image/svg+xml"),
    "csv": ("Record, CSV", "text/csv"),
    "npz": ("Record, NPZ", "application/octet-stream"),
}


def buttons(record: RaceRecord, start: int) -> None:
    """One button per kind of file."""

    def make(kind: str):
        from playground.export import files

        return files.KINDS[kind](record, theme(), start) if kind in ("png", "svg") else files.KINDS[kind](record)

    with st.popover("Download", icon=":material/download:"):
        for kind, (label, mime) in FILES.items():
            st.download_button(
                label, data=lambda kind=kind: make(kind), file_name=f"race-{record.key[:12]}.{kind}", mime=mime,
                key=f"race.download.{kind}", on_click="ignore", width="stretch",
            )  # fmt: skip
