"""A step taken apart as files: PNG, SVG, CSV and NPZ, each with the configuration in it."""

from __future__ import annotations

from playground.export import figures
from playground.export.records import arrays, table
from playground.record import Anatomy
from playground.view import anatomy as view
from playground.view.anatomy_figure import anatomy_figure


def make(kind: str, anatomy: Anatomy, theme: str) -> bytes:
    """The step as a file of this kind: png, svg, csv or npz."""
    if kind == "npz":
        return arrays(anatomy)
    if kind == "csv":
        return table(anatomy.stamp, ("what", *anatomy.axes), view.table(anatomy))
    return figures.saved(anatomy_figure(anatomy, theme), kind, anatomy.stamp, anatomy.key)
