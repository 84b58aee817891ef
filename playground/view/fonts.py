"""Fonts of figures in files: letters that come with the program, so that a figure looks the same on every machine.

DejaVu Sans (with matplotlib) has Latin, Greek, Cyrillic and mathematics; Nanum Gothic (with koreanize-matplotlib, SIL
Open Font License) has Hangul, kana and the Chinese characters in use with them. What neither has is left to the fonts
of the machine that draws or reads it.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

NAMES = ("DejaVu Sans", "NanumGothic")
FAMILY = ", ".join(NAMES)
WEIGHTS = {400: ("DejaVuSans.ttf", "NanumGothic.ttf"), 700: ("DejaVuSans-Bold.ttf", "NanumGothicBold.ttf")}


@cache
def folders() -> tuple[Path, ...]:
    """Where the fonts are, found without importing the packages that they come with."""
    places = (("matplotlib", "mpl-data/fonts/ttf"), ("koreanize_matplotlib", "fonts"))
    specs = ((find_spec(package), folder) for package, folder in places)
    return tuple(Path(spec.origin).parent / folder for spec, folder in specs if spec and spec.origin)


@cache
def files(weight: int) -> tuple[tuple[str, Path], ...]:
    """Name and file of every font that is there."""
    paths = [(name, folder / file) for name, file, folder in zip(NAMES, WEIGHTS[weight], folders())]
    return tuple((name, path) for name, path in paths if path.exists())


@cache
def for_matplotlib() -> list[str]:
    """The families in their order, known to matplotlib."""
    from matplotlib import font_manager

    logging.getLogger(font_manager.__name__).setLevel(logging.ERROR)  # no bold Hangul is no news
    for _, path in files(400)[1:]:
        font_manager.fontManager.addfont(path)
    return [name for name, _ in files(400)]


@cache
def converter() -> Any:
    """The program that draws charts and turns SVG into pictures, with these fonts."""
    import vl_convert

    for folder in folders():
        vl_convert.register_font_directory(str(folder))
    return vl_convert


def subsets(text: str, weights: tuple[int, ...]) -> Iterator[tuple[str, int, bytes]]:
    """Name, weight and WOFF of each font, with no more than the letters of `text` that it is the first to have."""
    for weight in weights:
        left = frozenset(text) - {" ", "\n"}
        for name, path in files(weight):
            letters = left & _letters(path)
            if letters:
                yield name, weight, _subset(path, frozenset(letters))
            left -= letters


@cache
def _letters(path: Path) -> frozenset[str]:
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))


@lru_cache(maxsize=64)
def _subset(path: Path, letters: frozenset[str]) -> bytes:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options(layout_features=["kern"], notdef_outline=True, drop_tables=["FFTM", "DSIG"])
    maker, out = subset.Subsetter(options), io.BytesIO()
    maker.populate(text="".join(sorted(letters)))
    with TTFont(path, recalcTimestamp=False) as font:
        maker.subset(font)
        font.flavor = "woff"
        font.save(out)
    return out.getvalue()
