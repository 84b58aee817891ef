"""The sheet around a figure of matplotlib: title, legend, margins and small print, laid out anew at every size."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.layout_engine import LayoutEngine

from playground.view import fonts
from playground.view.theme import THEMES, Theme

if TYPE_CHECKING:
    from matplotlib.artist import Artist

DOTS = 100  # units an inch
LETTER = 0.62 * DOTS / 72  # width of a letter of DejaVu Sans in units, by its size in points
PRINT = 7  # size of the small print in points
TOP, SIDE = 22, 50  # units to the edge of the sheet


def settings(colours: Theme) -> dict[Any, Any]:
    """Fonts and colours of a figure, as matplotlib names them."""
    return {
        "font.family": fonts.for_matplotlib(), "font.size": 15, "text.color": colours.text,
        "axes.edgecolor": colours.muted, "axes.labelcolor": colours.text, "xtick.color": colours.text,
        "ytick.color": colours.text, "axes.facecolor": colours.background, "axes.titlecolor": colours.text,
        "axes.titlesize": 15, "hatch.color": colours.alarm, "hatch.linewidth": 1.6,
    }  # fmt: skip


def sheet(theme: str) -> Figure:
    """An empty one of 16 by 9 inches at 100 dots per inch."""
    return Figure(figsize=(16, 9), dpi=DOTS, facecolor=THEMES[theme].background)


def frame(figure: Figure, around: Sheet) -> None:
    """Puts a sheet around the axes of a figure, for its present size and for every other."""
    figure.set_layout_engine(around)
    around.execute(figure)


class Sheet(LayoutEngine):
    """The text around the axes of a figure, and how much room it takes.

    Lengths are in units of 1/100 inch: `left`, `right` and `bottom` are the margins of the axes within what title and
    small print leave, `gap` is the room between axes. `legend` holds handles and labels, above the axes or below them.
    `fill(figure)` writes what depends on the size and returns the artists.
    """

    _adjust_compatible, _colorbar_gridspec = True, False

    def __init__(
        self,
        theme: str,
        title: str,
        stamp: Sequence[str],
        *,
        subtitle: str = "",
        legend: tuple[Sequence[Any], Sequence[str]] = ((), ()),
        below: bool = False,
        margins: tuple[float, float, float] = (88, 24, 66),
        gap: tuple[float, float] = (100, 90),
        fill: Callable[[Figure], Sequence[Artist]] = lambda figure: [],
    ) -> None:
        super().__init__()
        self.colours, self.title, self.subtitle, self.stamp = THEMES[theme], title, subtitle, stamp
        self.legend, self.below, self.margins, self.gap, self.fill = legend, below, margins, gap, fill
        self.artists: list[Artist] = []
        self.size: tuple[float, ...] = ()

    def execute(self, figure: Figure) -> None:
        """Lays the sheet out for the present size of the figure, unless it is."""
        size = tuple(figure.get_size_inches())
        if size == self.size:
            return
        self.size = size
        for artist in self.artists:
            artist.remove()
        with rc_context(settings(self.colours)):
            self.artists = [*self._place(figure), *self.fill(figure)]

    def _place(self, figure: Figure) -> list[Artist]:
        width, height = (DOTS * side for side in figure.get_size_inches())
        muted = self.colours.muted
        artists: list[Artist] = []

        def write(top: float, text: str, size: float, most: int, **more: Any) -> float:
            """A paragraph; returns where the next may begin."""
            lines = textwrap.wrap(text, int((width - 2 * SIDE) / (LETTER * size)))[:most]
            position = {"x": SIDE / width, "y": 1 - top / height, "va": "top"}
            artists.append(figure.text(s="\n".join(lines), fontsize=size, **position, **more))
            return top + len(lines) * size * DOTS / 72 * 1.25

        top = write(TOP, self.title, 22, 2)
        if self.subtitle:
            top = write(top, self.subtitle, 14, 3, color=muted)
        most = int((width - 2 * SIDE) / (LETTER * PRINT * 0.98))
        lines = [line for paragraph in self.stamp for line in textwrap.wrap(paragraph, most, break_on_hyphens=False)]
        small: dict[str, Any] = {"fontsize": PRINT, "color": muted, "va": "bottom", "family": "monospace"}
        artists.append(figure.text(SIDE / width, 10 / height, "\n".join(lines[:12]), **small))
        bottom = 16 + 12 * min(len(lines), 12)
        handles, labels = self.legend
        if labels:
            longest = max(map(len, labels)) * LETTER * 15 + 90
            columns = min(max(int((width - 2 * SIDE) / longest), 1), 4, len(labels))
            room = -(-len(labels) // columns) * 29 + 8
            anchor: Any = ("lower left", bottom / height) if self.below else ("upper left", 1 - top / height)
            artists.append(
                figure.legend(
                    handles, labels, loc=anchor[0], bbox_to_anchor=((SIDE - 12) / width, anchor[1]), ncols=columns,
                    frameon=False, handlelength=2.8, fontsize=15, columnspacing=1.6,
                )
            )  # fmt: skip
            top, bottom = (top, bottom + room) if self.below else (top + room, bottom)
        left, right, low = self.margins
        rows, columns = _grid(figure)
        inner = (width - left - right, height - top - 34 - bottom - low)
        wide, high = (max((size - gap * (n - 1)) / n, 1) for size, gap, n in zip(inner, self.gap, (columns, rows)))
        figure.subplots_adjust(
            left / width, (bottom + low) / height, 1 - right / width, 1 - (top + 34) / height,
            wspace=self.gap[0] / wide, hspace=self.gap[1] / high,
        )  # fmt: skip
        return artists


def _grid(figure: Figure) -> tuple[int, int]:
    """Rows and columns of the axes."""
    subplot: Any = figure.axes[0].get_subplotspec()
    return subplot.get_gridspec().get_geometry()
