"""A step taken apart as a table."""

from __future__ import annotations

from playground.export.records import table
from playground.record import StepRecord
from playground.view import step_inspector as view


def numbers(anatomy: StepRecord) -> bytes:
    """CSV with a row for each quantity: its value for each coordinate, or its only one."""
    return table(anatomy.stamp, ("what", *anatomy.axes), view.table(anatomy) if anatomy.step >= 0 else ())
