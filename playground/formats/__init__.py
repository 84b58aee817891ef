"""The kinds of files that every figure can be taken away as: a module of this folder declares one, as `FORMAT`."""

from __future__ import annotations

from functools import cache

from playground.formats.format import Format
from playground.messages import listed
from playground.numbers import quoted
from playground.registry import ChoiceError, declared

__all__ = ["Format", "format_of", "formats"]

DEFAULT = ("npz", "csv", "png", "svg")  # what a command writes where it is not told


@cache
def formats() -> dict[str, Format]:
    """Every format by its name, pictures first."""
    return {format_.name: format_ for format_ in declared(__name__, "FORMAT")}


def format_of(name: str) -> Format:
    """The format of this name. Raises `ChoiceError`."""
    if name not in formats():
        raise ChoiceError(
            "format is {value}, but must be one of {allowed}.", value=quoted(name), allowed=listed(formats())
        )
    return formats()[name]
