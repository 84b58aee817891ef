"""Step inspector: one step of one racer, taken apart. It has no page of its own; it is part of the race's."""

from __future__ import annotations

from collections.abc import Iterator

from playground.figures import Figure, Style, later
from playground.labs.lab import Lab
from playground.messages import marked
from playground.record import StepRecord
from playground.specs import StepInspection


def page(record: StepRecord, theme: str = "light") -> str:
    """The race with the step in its picture, and below it the step as a figure with its numbers."""
    from playground.figures.vector import svg
    from playground.view.standalone import step_page

    figure = LAB.figures[0]
    drawing = figure.draw(record, theme)
    words = figure.words(record, drawing)
    return step_page(record, theme, svg(drawing, Style(theme=theme), record.stamp, record.key, words))


def lines(record: StepRecord) -> Iterator[object]:
    """Which step it is, and its measures."""
    from playground.view import step_inspector as view

    yield f"{record.title}: {view.title(record)}"
    for label, value in view.measures(record) if record.step >= 0 else ():
        yield f"  {label:<48} {value}"
    if record.sentence:
        yield f"  {record.sentence}"


LAB = Lab(
    name="step_inspector",
    title=marked("Step inspector"),
    section="",
    about=marked("one step of an optimizer, term by term"),
    spec=StepInspection,
    record=StepRecord,
    lines=lines,
    place=9,
    figures=(
        Figure(
            name="step_inspector", title=marked("Step inspector"), draw=later("view.step_figure", "step_figure"),
            csv=later("export.step_inspector", "numbers"), alt=later("view.step_inspector", "alt_text"), live=page,
        ),
    ),
)  # fmt: skip
