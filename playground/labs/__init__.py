"""The labs: a module of this folder declares one, as `LAB`. Navigation, commands, downloads and Home follow."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from playground.labs.lab import Lab, asked_by

__all__ = ["Lab", "asked_by", "lab_of", "labs"]


@cache
def labs() -> dict[str, Lab]:
    """Every lab by its name, in the order of the menus."""
    modules = (import_module(f"{__name__}.{path.stem}") for path in sorted(Path(__file__).parent.glob("*.py")))
    found = sorted((one.LAB for one in modules if hasattr(one, "LAB")), key=lambda lab: lab.place)
    return {lab.name: lab for lab in found}


def lab_of(spec: Any) -> Lab:
    """The lab that asks with specs of this kind."""
    return next(lab for lab in labs().values() if lab.spec is type(spec))
