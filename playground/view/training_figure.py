"""Trainings as a still figure for slides: curves, learning rate, the layers from the inside, and the small print."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from playground.messages import Message, tr
from playground.numbers import percent
from playground.record import ComparisonRecord, TrainingRecord
from playground.view.theme import THEMES, Look, Theme, racer_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BAND = (1e-4, 1e-2)  # update-to-weight ratios that are thought healthy, around 1e-3


def training_figure(record: ComparisonRecord, theme: str = "light") -> Figure:
    """A figure of matplotlib, on a sheet that fits itself to its size; the lower right shows the layers of the first
    run."""
    from matplotlib import rc_context

    from playground.view.sheet import settings, sheet

    colours, records, labels = THEMES[theme], record.runs, record.labels
    with rc_context(settings(colours)):
        figure = sheet(theme)
        (loss, accuracy), (rate, layers) = figure.subplots(2, 2, height_ratios=(1.7, 1))
        for axes, name in ((loss, tr("loss")), (accuracy, tr("accuracy")), (rate, tr("learning rate"))):
            axes.set_xlabel(tr("step"))
            axes.set_title(name, loc="left")
            axes.grid(color=colours.grid, linewidth=0.8)
        for index, (run, label) in enumerate(zip(records, labels)):
            _run(loss, accuracy, rate, run, label, racer_style(index), theme)
        _frame(loss, accuracy, records, colours)
        _updates(layers, records[0], colours, theme)
        _words(figure, loss, record, theme)
    return figure


def _run(loss: Axes, accuracy: Axes, rate: Axes, record: TrainingRecord, label: str, style: Look, theme: str) -> None:
    """Training thin and solid, validation thick with marks, averaged weights dotted: all in the run's colour."""
    colour = getattr(style, theme)
    ticks, validations = record.ticks, record.validations
    mark: dict[str, Any] = {"marker": "o", "markersize": 5, "markevery": max(len(validations["step"]) // 12, 1)}
    for axes, name in ((loss, "loss"), (accuracy, "accuracy")):
        axes.plot(
            ticks["step"], ticks[name], color=colour, linewidth=1.2, alpha=0.65, label=tr("{run}, training", run=label)
        )
        axes.plot(
            validations["step"],
            validations[name],
            color=colour,
            linewidth=2.6,
            label=tr("{run}, validation", run=label),
            **mark,
        )
        if np.isfinite(validations[f"average_{name}"]).any():
            axes.plot(
                validations["step"],
                validations[f"average_{name}"],
                ":",
                color=colour,
                linewidth=2.6,
                label=tr("{run}, averaged", run=label),
            )
    rate.plot(ticks["step"], ticks["rate"], color=colour, linewidth=2.2)
    for change in record.changes:
        loss.axvline(change.step, color=colour, linewidth=1.2, linestyle=(0, (2, 3)))


def _frame(loss: Axes, accuracy: Axes, records: Sequence[TrainingRecord], colours: Theme) -> None:
    """Axes that a single wild value does not squeeze the rest of; the loss of an even guess as a line."""
    even = math.log(len(records[0].start.classes))
    values = np.concatenate([np.r_[record.ticks["loss"], record.validations["loss"]] for record in records])
    values = values[np.isfinite(values)]
    top = max(even * 1.1, float(np.percentile(values, 98)) * 1.1) if len(values) else even * 1.1
    loss.set_ylim(0, min(top, 4 * even))
    loss.axhline(even, color=colours.muted, linewidth=1.2, linestyle=(0, (6, 4)))
    loss.annotate(
        tr("ln {n}: an even guess", n=len(records[0].start.classes)), (0.99, even), xycoords=("axes fraction", "data"),
        ha="right", va="bottom", color=colours.muted, fontsize=12,
    )  # fmt: skip
    accuracy.set_ylim(0, 1)
    accuracy.yaxis.set_major_formatter(lambda value, _: percent(value))


def _updates(axes: Axes, record: TrainingRecord, colours: Theme, theme: str) -> None:
    """Update over weight of every layer of one run, with the healthy band."""
    axes.grid(color=colours.grid, linewidth=0.8)
    axes.axhspan(*BAND, color=colours.ramp(3)[0], alpha=0.5, linewidth=0)
    axes.axhline(1e-3, color=colours.muted, linewidth=1)
    axes.set(xlabel=tr("step"), yscale="log", ylim=(1e-6, 1))
    axes.set_title(tr("update / weight"), loc="left")
    ratios: Sequence[float] | np.ndarray
    for index, layer in enumerate(record.start.layers):
        style = racer_style(index)
        ratios = record.probes["update_ratio"][:, index] if len(record.probes["step"]) else []
        axes.plot(
            record.probes["step"], ratios, color=getattr(style, theme), linewidth=1.6,
            linestyle=(0, style.dash) if style.dash else "-", label=layer,
        )  # fmt: skip
    if len(record.start.layers) <= 12:
        axes.legend(loc="upper right", ncols=4, fontsize=9, frameon=False, handlelength=2.5)


def _words(figure: Figure, loss: Axes, record: ComparisonRecord, theme: str) -> None:
    """Title, legend, and the configuration of every run in small print."""
    from playground.view.sheet import Sheet, frame

    stamp = [record.runs[0].start.stamp, *(run.start.query for run in record.runs)]
    legend = loss.get_legend_handles_labels()
    frame(figure, Sheet(theme, alt_text(record), stamp, legend=legend, margins=(88, 24, 66), gap=(90, 110)))


def alt_text(record: ComparisonRecord) -> str:
    """The data, and how good every run got."""
    accuracies = [run.validations["accuracy"] for run in record.runs]
    best = [float(curve.max()) if len(curve) else math.nan for curve in accuracies]
    summary = ", ".join(f"{label} {percent(accuracy, 1)}" for label, accuracy in zip(record.labels, best))
    return tr("{data}: best validation accuracy {found}", data=Message(record.title), found=summary)
