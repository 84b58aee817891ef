"""A comparison of trainings as a small picture without words, for the cards of Home."""

from __future__ import annotations

from collections.abc import Sequence

from playground.record import TrainingRecord
from playground.view.card import picture
from playground.view.race_figure import MARKS
from playground.view.theme import THEMES, racer_style


def training_card(records: Sequence[TrainingRecord], key: str, theme: str) -> bytes:
    """PNG of 640 by 400 pixels in the colours of a theme, with the comparison's key in its metadata.

    Validation accuracy is strong, training accuracy pale.
    """
    from matplotlib.figure import Figure

    colours = THEMES[theme]
    figure = Figure(figsize=(6.4, 4.0), dpi=100, facecolor=colours.background)
    axes = figure.add_axes((0.06, 0.06, 0.88, 0.88))
    axes.axhline(1 / len(records[0].start.classes), color=colours.muted, linewidth=2, linestyle=":")
    for index, record in enumerate(records):
        own, ticks, validations = getattr(racer_style(index), theme), record.ticks, record.validations
        axes.plot(ticks["epoch"], ticks["accuracy"], color=own, linewidth=1.5, alpha=0.35)
        axes.plot(validations["epoch"], validations["accuracy"], color=colours.halo, linewidth=8, alpha=0.8)
        axes.plot(validations["epoch"], validations["accuracy"], color=own, linewidth=4)
        last = validations["epoch"][-1], validations["accuracy"][-1]
        axes.plot(
            *last, MARKS[racer_style(index).marker], color=own, mec=colours.halo, ms=15, mew=2, zorder=6, clip_on=False
        )
    highest = max(float(record.ticks["accuracy"].max()) for record in records)
    axes.set(ylim=(0, highest), xlim=(0, max(float(record.ticks["epoch"][-1]) for record in records)))
    axes.set_axis_off()
    return picture(figure, key)
