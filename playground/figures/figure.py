"""One figure of a lab: a name, how it is drawn from a record, and its numbers. Every format is made from these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from playground.export import records

Drawing = Any  # a Vega-Lite specification, or a figure of matplotlib


def later(module: str, name: str) -> Callable[..., Any]:
    """The function `name` of `playground.<module>`, which is imported when it is first called: drawing takes libraries
    that a page does without."""

    def call(*arguments: Any, **keywords: Any) -> Any:
        return getattr(import_module(f"playground.{module}"), name)(*arguments, **keywords)

    return call


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure that a record can be drawn as.

    `draw(record, theme, **view)` is a chart (a Vega-Lite specification) or a figure of matplotlib; `view`
    is what a page shows of the record, such as `start`. `csv(record)` holds the numbers as a table, those of the chart
    itself where it is left out, and `arrays(record)` all there is as NPZ. `alt(record, **view)` says in words what a
    drawing of matplotlib shows; a chart says it itself. `live(record, theme, **view)` is a page of its own
    where the figure moves.
    """

    name: str
    title: str
    draw: Callable[..., Drawing]
    csv: Callable[[Any], bytes] | None = None
    arrays: Callable[[Any], bytes] = records.arrays
    alt: Callable[..., str] | None = None
    live: Callable[..., str] | None = None

    def words(self, record: Any, drawing: Drawing, **view: Any) -> str:
        """The alternative text."""
        if isinstance(drawing, dict):
            return str(drawing["description"])
        return self.alt(record, **view) if self.alt else str(record.title)

    def numbers(self, record: Any) -> bytes:
        """The numbers as CSV, behind a line with the configuration."""
        return self.csv(record) if self.csv else _of_chart(self.draw(record, "light"), record.stamp)


def _of_chart(chart: dict[str, Any], stamp: str) -> bytes:
    """The rows of a chart's data, one set after the other; a column that a set lacks is empty there."""
    rows = [row for values in _data(chart) for row in values]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return records.table(stamp, columns, [[row.get(name, "") for name in columns] for row in rows])


def _data(part: Any) -> list[list[dict[str, Any]]]:
    """The sets of rows in a chart, those of its layers and panels too; what only marks the drawing has one row."""
    if isinstance(part, list):
        return [rows for item in part for rows in _data(item)]
    if not isinstance(part, dict):
        return []
    datasets = list(part.get("datasets", {}).values())
    own = [part["data"]["values"]] if isinstance(part.get("data"), dict) and "values" in part["data"] else []
    inner = [rows for name, item in part.items() if name not in ("data", "datasets") for rows in _data(item)]
    return [rows for rows in (*datasets, *own, *inner) if len(rows) > 1 and isinstance(rows[0], dict)]
