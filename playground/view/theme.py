"""The only place with a colour or a font."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import chain, pairwise

# Quoted, because a name that ends in a number is none in CSS, and a canvas would fall back to its smallest font.
FONT = "'Source Sans', 'Source Sans 3', 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"

FIGURE_FONT = "DejaVu Sans"  # comes with matplotlib, so that a figure looks the same on every machine
GL_FONT = "Arial"  # Plotly's 3-D scenes shrink text to dots when they are given a list of fonts


@dataclass(frozen=True, kw_only=True)
class Theme:
    """Colours of one theme, as #rrggbb."""

    background: str
    panel: str
    text: str
    muted: str
    grid: str
    line: str  # contour lines
    accent: str
    halo: str  # under paths and marks, against any band
    low: str  # ends of the surface's colour map
    high: str
    deep: str  # much, on heat maps; their other end is the panel
    alarm: str  # what went wrong, beside a word or a mark
    racers: tuple[str, ...]

    def ramp(self, count: int) -> tuple[str, ...]:
        """`count` colours from the lowest band to the highest, in even steps of OKLab (Ottosson, 2020)."""
        return _ramp(self.low, self.high, count)

    def heat(self, count: int) -> tuple[str, ...]:
        """`count` colours from nothing to much, in the same steps."""
        return _ramp(self.panel, self.deep, count)

    def layers(self, count: int) -> tuple[str, ...]:
        """`count` colours, a multiple of three and one, from the first layer of a net to the last."""
        stops = [self.racers[i] for i in (0, 2, 4, 1)]
        ramps = [_ramp(first, last, count // 3 + 1)[:-1] for first, last in pairwise(stops)]
        return (*chain(*ramps), stops[-1])


# The eight colours of Okabe and Ito (Color universal design, 2008), brightest last; black and yellow are replaced
# where they would vanish in the background. Racers nine to twelve repeat the first four with other dashes and marks.
LIGHT = Theme(
    background="#ffffff", panel="#f6f7f9", text="#1f2430", muted="#5b6474", grid="#e3e7ed", line="#9aa7b8",
    accent="#0b62a8", halo="#ffffff", low="#a9bcd9", high="#fafbfd",
    deep="#0b3f73", alarm="#b3261e",
    racers=("#0072b2", "#d55e00", "#009e73", "#b8528f", "#b87d00", "#2f8fca", "#1f2430", "#8a8400"),
)  # fmt: skip
DARK = Theme(
    background="#12151b", panel="#1a1f28", text="#e9edf3", muted="#a3adbb", grid="#2c333f", line="#586a82",
    accent="#6cb8f0", halo="#0c0f14", low="#3f5a80", high="#11151b",
    deep="#b5defc", alarm="#ff8f85",
    racers=("#56b4e9", "#ff8c42", "#2ec99b", "#e79cc5", "#f0b429", "#8fa8ff", "#f2f4f8", "#f0e442"),
)  # fmt: skip
THEMES = {"light": LIGHT, "dark": DARK}

DASHES: tuple[tuple[int, ...], ...] = ((), (9, 5), (2, 4), (10, 4, 2, 4), (16, 5), (5, 3))
MARKERS = (
    "circle", "square", "diamond", "triangle", "triangle_down", "cross",
    "plus", "pentagon", "star", "hexagon", "hourglass", "ring",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Arrow:
    """How an arrow or an outline over the picture is drawn: `colour` is a field of `Theme`."""

    colour: str
    width: float
    dash: tuple[int, ...] = ()
    head: str = ""  # "full", "open", or none


ARROWS = {
    "step": Arrow(colour="text", width=4.5, head="full"),
    "gradient": Arrow(colour="text", width=2.5, head="open"),
    "exact": Arrow(colour="text", width=2.0, dash=(2, 4), head="open"),
    "memory": Arrow(colour="accent", width=3.0, dash=(8, 5), head="full"),
    "size": Arrow(colour="accent", width=2.5, dash=(2, 5)),
    "model": Arrow(colour="muted", width=2.0, dash=(6, 3)),
}


# Minima on maps, lowest first: from quickly reached (light) to slowly (dark). The hues are apart for the colour-blind
# as far as eight can be, blue and orange first; each also has a letter. The last one is for all further minima.
BASINS: tuple[tuple[str, str], ...] = (
    ("#b5dcf8", "#15508c"), ("#ffdea6", "#a65a08"), ("#f6c9e6", "#93327a"), ("#b0e6cb", "#0f6b4e"),
    ("#f5efa3", "#827a0a"), ("#d6d0ff", "#5044a8"), ("#fbc4ba", "#a3352b"), ("#b9eef3", "#17707d"),
    ("#dfe1e6", "#5a606c"),
)  # fmt: skip


def basin_ramps(count: int) -> tuple[tuple[str, ...], ...]:
    """For each colour of `BASINS` its `count` shades, light first."""
    return tuple(_ramp(light, dark, count) for light, dark in BASINS)


SIGNS = "●■◆▲▼✖✚⬟★⬢⋈◎"  # the marks as characters, for lists


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a racer or run appears everywhere, by its place in the spec."""

    light: str
    dark: str
    dash: tuple[int, ...]  # on, off, ... in pixels; empty for a solid line
    marker: str
    sign: str


def racer_style(index: int) -> Look:
    """The look of the racer at `index` (from 0)."""
    count = len(LIGHT.racers)
    return Look(
        light=LIGHT.racers[index % count],
        dark=DARK.racers[index % count],
        dash=DASHES[(index + index // count) % len(DASHES)],
        marker=MARKERS[index % len(MARKERS)],
        sign=SIGNS[index % len(SIGNS)],
    )


@cache
def _ramp(low: str, high: str, count: int) -> tuple[str, ...]:
    a, b = _to_oklab(low), _to_oklab(high)
    parts = [i / max(count - 1, 1) for i in range(count)]
    return tuple(_from_oklab(tuple(p + (q - p) * part for p, q in zip(a, b))) for part in parts)


def _to_oklab(colour: str) -> tuple[float, ...]:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    cone = (
        0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b,
        0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b,
        0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b,
    )
    p, q, s = (c ** (1 / 3) for c in cone)
    return (
        0.2104542553 * p + 0.7936177850 * q - 0.0040720468 * s,
        1.9779984951 * p - 2.4285922050 * q + 0.4505937099 * s,
        0.0259040371 * p + 0.7827717662 * q - 0.8086757660 * s,
    )


def _from_oklab(lab: tuple[float, ...]) -> str:
    lightness, a, b = lab
    cone = (
        (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3,
        (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3,
        (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3,
    )
    p, q, s = cone
    linear = (
        4.0767416621 * p - 3.3077115913 * q + 0.2309699292 * s,
        -1.2684380046 * p + 2.6097574011 * q - 0.3413193965 * s,
        -0.0041960863 * p - 0.7034186147 * q + 1.7076147010 * s,
    )
    channels = (12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in linear)
    return "#" + "".join(f"{round(255 * min(max(c, 0.0), 1.0)):02x}" for c in channels)
