"""The app's computations without a browser: `python -m playground race "<link>" --out DIR`, `... list`."""

from __future__ import annotations

import argparse
import itertools
import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import playground as pg
from playground.figures import Style, style_of
from playground.formats import DEFAULT, format_of, formats
from playground.jobs import Job, Unfinished
from playground.jobs.console import watch
from playground.labs import Lab, asked_by, lab_of, labs
from playground.messages import Message, listed, tr, translate
from playground.paths import APP, ASSETS
from playground.registry import Registry
from playground.runs.cluster import BRIEF
from playground.runs.settings import read

if TYPE_CHECKING:
    from playground.presets import Preset, TrainingPreset

REGISTRIES = tuple(item for item in vars(pg).values() if isinstance(item, Registry))


def catalogue() -> str:
    """Every choice with its knobs, one line each."""
    lines = []
    for registry in REGISTRIES:
        lines.append(f"{translate(registry.kind)} ({len(registry)})")
        for name, cls in registry.items():
            lines.append(f"  {name:<20} {translate(cls.label)}: {translate(cls.summary())}")
            for field, knob in cls.knobs().items():
                default = knob.format(knob.default)
                allowed = tr("{allowed}, log scale", allowed=knob.allowed) if knob.log else str(knob.allowed)
                lines.append(f"    {field:<18} {default}  ({allowed})  {translate(knob.help)}")
        lines += [f"  {name:<20} {tr('not here: {why}', why=sentence)}" for name, sentence in registry.refused.items()]
    return "\n".join(lines)


def files(lab: Lab, namespace: argparse.Namespace) -> None:
    """Compute the record of a link and write its files; prints what there is to say, and the paths."""
    style = style_of({name: getattr(namespace, name) for name in Style.knobs()})
    figures = [lab.figure(name) for name in namespace.figure.split(",")] if namespace.figure else []
    formats = namespace.format.split(",") if namespace.format else DEFAULT
    for name in formats:
        format_of(name)  # a word about a wrong one before anything is computed
    spec = lab.spec.from_query(namespace.link)
    for name, value in BRIEF.items():
        os.environ.setdefault(name, value)  # before torch is loaded
    record = watch(lab.job(spec))
    for line in itertools.chain(
        lab.lines(record), *(lines(spec) for name, _, lines in lab.options if getattr(namespace, name))
    ):
        print(line)
    for path in lab.write(record, namespace.out, formats, style, figures):
        print(path)


def cards(out: Path) -> None:
    """Draw the pictures of Home in both themes."""
    from playground.presets import CARDS
    from playground.view.theme import THEMES

    for theme in THEMES:
        (out / theme).mkdir(parents=True, exist_ok=True)
    for preset in CARDS:
        draw = _card(preset)
        for theme in THEMES:
            (out / theme / f"{preset.name}.png").write_bytes(draw(theme))


def _card(preset: Preset | TrainingPreset) -> Callable[[str], bytes]:
    """What draws the picture of a preset in a theme."""
    from playground.runs.local import stored as stored_record
    from playground.runs.store import Store
    from playground.view import basins_figure, card, chart_card, training_card

    spec = asked_by(preset)
    if isinstance(spec, pg.Comparison):
        stored_runs = stored_record(spec, Store()).runs
        return lambda theme: training_card.training_card(stored_runs, spec.key, theme)
    record = pg.run(spec)
    cards: dict[type, Callable[..., bytes]] = {pg.Race: card.card, pg.BasinMap: basins_figure.basins_card}
    own = cards.get(type(spec))
    figures = lab_of(spec).figures
    chart = (figures[1] if isinstance(spec, pg.Robustness) else figures[0]).draw
    return lambda theme: own(record, theme) if own else chart_card.chart_card(chart(record, theme), record.key)


def train_stored(out: Path) -> None:
    """Train the presets that the page Train shows before anybody has pressed Start; prints the paths."""
    from playground.presets import TRAININGS
    from playground.runs.bundled import store

    for preset in TRAININGS:
        if preset.stored:
            for path in store(preset.comparison().runs, out):
                print(path)


def rank(out: Path) -> None:
    """Run every optimizer on every surface at the budget of the page Ranking, which takes a quarter of an hour."""
    from playground.engine.ranking import rank as work

    print(watch(Job(work=work, arguments=(out,))))


def messages(out: Path | None) -> None:
    """Write the catalogue of all texts; prints how many there are."""
    from playground import extraction

    out = out or extraction.POT
    print(tr("{n} texts in {path}", n=extraction.write(out), path=str(out)))


def serve(options: list[str]) -> None:
    """Start the app's server, with `options` of `streamlit run`; it takes the place of this process and its signals."""
    if not find_spec("streamlit"):
        raise pg.ChoiceError("The pages need Streamlit: pip install {package}.", package="'optimizer-playground[app]'")
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", str(APP), *options])


def _parser() -> argparse.ArgumentParser:
    about = tr("The app's computations without a browser: a link of a page becomes files.")
    as_module = Path(sys.argv[0]).stem == "__main__"
    parser = argparse.ArgumentParser(prog="python -m playground" if as_module else "playground", description=about)
    version_help = tr("print the version")
    parser.add_argument("--version", action="version", version=pg.__version__, help=version_help)
    parser.add_argument("--lang", default="", metavar="XX", help=tr("language of what is written, such as en"))
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("app", help=tr("start the app's server; takes the options of `streamlit run` too"))
    commands.add_parser("list", help=tr("print every choice with its knobs"))
    for name, lab in labs().items():
        page = Message("a link of the page {page}", page=Message(lab.title))
        lab_parser = commands.add_parser(name, help=tr("write the record and the figure of {link}", link=page))
        lab_parser.add_argument("link", help=tr("{link}, or its query", link=page))
        lab_parser.add_argument("--out", type=Path, required=True, metavar="DIR", help=tr("folder for the files"))
        lab_parser.add_argument("--format", default="", help=tr("some of: {names}", names=listed(formats())))
        names = listed(figure.name for figure in lab.figures)
        lab_parser.add_argument("--figure", default="", help=tr("some of: {names}", names=names))
        for field, knob in Style.knobs().items():
            knob_help = f"{translate(knob.label)}: {knob.allowed} ({knob.format(knob.default)})"
            lab_parser.add_argument(f"--{field}", default="", help=knob_help.replace("%", "%%"))
        for option, help_text, _ in lab.options:
            lab_parser.add_argument(f"--{option}", action="store_true", help=translate(help_text))
    cards_parser = commands.add_parser(
        "cards", help=tr("draw the pictures of the page Home again, after a preset has changed")
    )
    cards_parser.add_argument(
        "--out", type=Path, default=ASSETS / "cards", metavar="DIR", help=tr("folder for the pictures")
    )
    stored_parser = commands.add_parser(
        "stored", help=tr("train the stored runs of the page Train again, after a preset has changed")
    )
    stored_parser.add_argument(
        "--out", type=Path, default=ASSETS / "runs", metavar="DIR", help=tr("folder for the runs")
    )
    ranked = commands.add_parser(
        "rank", help=tr("compute the ranking again, after an optimizer or a surface has changed")
    )
    ranked.add_argument("--out", type=Path, default=ASSETS / "ranking.json", metavar="FILE", help=tr("what is stored"))
    texts = commands.add_parser("messages", help=tr("collect every text that can be translated, for Babel's tools"))
    texts.add_argument("--out", type=Path, default=None, metavar="FILE", help=tr("the catalogue of templates"))
    return parser


def _language_name(arguments: list[str] | None) -> str:
    """The language that `--lang` names, read before the rest, whose help texts are in it."""
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("--lang", nargs="?", default="")
    return parser.parse_known_args(arguments)[0].lang or ""


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0, or with one line on standard error 2 for a wrong link or a folder that cannot be written, and 1
    where a training fails or is interrupted."""
    try:
        pg.language(_language_name(arguments) or read().language)
    except pg.ChoiceError as problem:
        print(f"playground: {problem}", file=sys.stderr)
        return 2
    parser = _parser()
    namespace, options = parser.parse_known_args(arguments)
    if options and namespace.command != "app":
        parser.error(tr("unrecognized arguments: {arguments}", arguments=" ".join(options)))
    try:
        if namespace.command == "app":
            serve(options)
        elif namespace.command == "list":
            print(catalogue())
        elif namespace.command == "cards":
            cards(namespace.out)
        elif namespace.command == "stored":
            train_stored(namespace.out)
        elif namespace.command == "messages":
            messages(namespace.out)
        elif namespace.command == "rank":
            rank(namespace.out)
        else:
            files(labs()[namespace.command], namespace)
    except (pg.ChoiceError, OSError, Unfinished) as problem:
        print(f"playground: {problem}", file=sys.stderr)
        return 1 if isinstance(problem, Unfinished) else 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
