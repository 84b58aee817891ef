"""What a lab is: one page, one command, one shelf of questions, declared once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playground.figures import Figure, Style
from playground.formats import format_of
from playground.jobs import Job
from playground.messages import listed
from playground.numbers import quoted
from playground.registry import ChoiceError
from playground.specs import Spec

SURFACES, NETWORKS = "Surfaces", "Networks"


@dataclass(frozen=True, kw_only=True)
class Lab:
    """One question one can ask, with all that follows from its being there.

    `name` is its address, its command and the beginning of its files' names; `section` is the menu it is in, "" for
    one without a page of its own; `about` follows the title on Home. `opening()` is the spec with which the page opens.
    The first of `figures` is the one that `name` alone stands for. `related` says, on the pages of other labs, what
    it asks of the same racers; it needs a spec with `of`. `lines(record)` are what a command prints; `place` orders
    menus and shelves. `options` are switches of the command, each with what it does and the lines of a spec that it
    prints.
    """

    name: str
    title: str
    section: str
    about: str
    spec: type[Spec]
    record: type
    figures: tuple[Figure, ...]
    place: int
    questions: Sequence[Any] = ()
    opening: Callable[[], Spec] | None = None
    related: str = ""
    lines: Callable[[Any], Iterable[object]] = lambda record: ()
    run: Callable[[Any], Any] | None = None  # the computation of a spec that no engine knows
    options: tuple[tuple[str, str, Callable[..., Iterable[object]]], ...] = ()

    def first(self) -> Spec:
        """The spec with which the page opens."""
        return self.opening() if self.opening else self.spec()

    def job(self, spec: Spec) -> Job:
        """The computation of a spec."""
        from playground.runs.local import job

        return Job(key=spec.key, work=self.run, arguments=(spec,)) if self.run else job(spec)

    def figure(self, name: str) -> Figure:
        """One of its figures; without a name the first. Raises `ChoiceError`."""
        figures = {figure.name: figure for figure in reversed(self.figures)} | {"": self.figures[0]}
        if name not in figures:
            allowed = listed(figure.name for figure in self.figures)
            raise ChoiceError("figure is {value}, but must be one of {allowed}.", value=quoted(name), allowed=allowed)
        return figures[name]

    def stem(self, key: str, figure: Figure) -> str:
        """What the name of a file begins with: the lab, the figure if it is not the first, and part of the key."""
        own = () if figure.name == self.figures[0].name else (figure.name,)
        return "-".join((self.name, *own, key[:12]))

    def write(
        self, record: Any, folder: Path, formats: Iterable[str], style: Style, figures: Iterable[Figure] = ()
    ) -> list[Path]:
        """Writes files into `folder`, made if missing; returns their paths. Raises `ChoiceError` and `OSError`."""
        kinds, paths = [format_of(name) for name in formats], []
        folder.mkdir(parents=True, exist_ok=True)
        for figure in tuple(figures) or self.figures[:1]:
            for kind in kinds:
                paths.append(folder / f"{self.stem(record.key, figure)}.{kind.name}")
                paths[-1].write_bytes(kind.write(figure, record, style, {}))
        return paths


def verdicts(record: Any) -> Iterator[str]:
    """The lines of a record that consists of a title and sentences."""
    yield str(record.title)
    for sentence in record.sentences:
        yield f"  {sentence}"


def asked_by(preset: Any) -> Spec:
    """The spec of a question."""
    return preset.race() if hasattr(preset, "race") else preset.comparison()
