"""The app's computations without a browser: `python -m playground race "<link>" --out DIR`, `... list`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import playground as pg
from playground.jobs import Inline, Job
from playground.messages import Message, marked, tr, translate
from playground.paths import APP, ASSETS
from playground.registry import Registry
from playground.runs.here import Unfinished
from playground.runs.settings import read

if TYPE_CHECKING:
    from playground.presets import Preset, TrainingPreset

REGISTRIES = tuple(one for one in vars(pg).values() if isinstance(one, Registry))


def catalogue() -> str:
    """Every choice with its knobs, one line each."""
    lines = []
    for registry in REGISTRIES:
        lines.append(f"{translate(registry.kind)} ({len(registry)})")
        for name, cls in registry.items():
            lines.append(f"  {name:<20} {translate(cls.label)}: {translate(cls.summary())}")
            for field, made in cls.knobs().items():
                default = made.format(made.default)
                allowed = tr("{allowed}, log scale", allowed=made.allowed) if made.log else str(made.allowed)
                lines.append(f"    {field:<18} {default}  ({allowed})  {translate(made.help)}")
        lines += [f"  {name:<20} {tr('not here: {why}', why=sentence)}" for name, sentence in registry.refused.items()]
    return "\n".join(lines)


def race(link: str, out: Path) -> None:
    """Run the race of a link and write its files; prints the table and the paths."""
    from playground.export import files

    record = pg.run(pg.Race.from_query(link))
    x, y = record.starts[0]
    print(tr("{surface} from {x:exact}, {y:exact}", surface=record.title, x=x, y=y))
    for label, final, best, sentence in zip(record.labels, record.final, record.best, record.sentences):
        losses = tr("final {final:<12.4g} best {best:<12.4g}", final=final[0], best=best[0])
        print(f"  {label:<32} {losses} {sentence[0]}")
    for path in files.write(record, out):
        print(path)


def basins(link: str, out: Path) -> None:
    """Draw the basin maps of a link and write their files; prints how the starts end, and the paths."""
    from playground.export import basins as files
    from playground.numbers import percent
    from playground.view.basins import shares

    record = pg.run(pg.BasinMap.from_query(link))
    print(tr("{surface}: where {n:count} starts end", surface=record.title, n=record.reached[0].size))
    for r, label in enumerate(record.labels):
        print(f"  {label:<32} " + ", ".join(f"{words} {percent(share)}" for _, words, share in shares(record, r)))
    for path in files.write(record, out):
        print(path)


def sweep(link: str, out: Path) -> None:
    """Run the learning-rate sweep of a link and write its files; prints the best rates, and the paths."""
    from playground.export import studies

    record = pg.run(pg.RateSweep.from_query(link))
    about = {"surface": record.title, "n": len(record.rates), "steps": record.steps}
    print(tr("{surface}: the best of {n} rates, {steps} steps each", **about))
    for label, rate, loss in zip(record.labels, record.tuned[:, 0], record.tuned_final[:, 0]):
        print(f"  {label:<32}", tr("rate {rate:<12.4g} final {loss:.4g}", rate=rate, loss=loss))
    for path in studies.write_sweep(record, out):
        print(path)


def robustness(link: str, out: Path) -> None:
    """Run the crowd of a link and write its files; prints quartiles and wins, and the paths."""
    from playground.export import studies

    record = pg.run(pg.Robustness.from_query(link))
    counts = {"starts": len(record.starts), "draws": len(record.seeds), "steps": record.steps}
    print(tr("{surface}: {starts} starts, {draws} draws, {steps} steps each", surface=record.title, **counts))
    for label, (low, middle, high), wins in zip(record.labels, record.quartiles, record.wins):
        parts = {"low": low, "middle": middle, "high": high, "wins": wins, "all": record.compared}
        line = tr("quartiles {low:<10.4g} {middle:<10.4g} {high:<10.4g} wins {wins:g} of {all}", **parts)
        print(f"  {label:<32} {line}")
    for path in studies.write_robustness(record, out):
        print(path)


def gradients(link: str, out: Path) -> None:
    """Run the gradient check of a link and write its files; prints what it found, and the paths."""
    from playground.export import gradient_check

    record = pg.run(pg.GradientCheck.from_query(link))
    print(record.title)
    for sentence in [*record.sentences, *(record.own.sentences if record.own else ())]:
        print(f"  {sentence}")
    for path in gradient_check.write(record, out):
        print(path)


def forms(link: str, out: Path) -> None:
    """Run the comparison of forms of a link and write its files; prints the verdicts, and the paths."""
    from playground.export import forms as files

    record = pg.run(pg.Forms.from_query(link))
    print(record.title)
    for sentence in record.sentences:
        print(f"  {sentence}")
    for path in files.write(record, out):
        print(path)


def train(link: str, out: Path, test: bool) -> None:
    """Run the trainings of a link, as far as the store has not got them, and write their files; prints the paths."""
    from playground.export import training
    from playground.runs import console
    from playground.spec.training import Comparison

    comparison = Comparison.from_query(link)
    for path in training.write(console.run(comparison, test=test), comparison.labels(), out):
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
    from playground.export import charts
    from playground.runs.store import Store
    from playground.view import basins_figure, card, forms, gradient_check, robustness_chart, sweep_chart, training_card

    if not hasattr(preset, "race"):
        spec = preset.comparison()
        records = [record for run in spec.runs if (record := Store().record(run.key))]
        return lambda theme: training_card.training_card(records, spec.key, theme)
    record = pg.run(preset.race())
    drawn: dict[type, Callable[..., Any]] = {
        pg.RateSweep: sweep_chart.sweep_chart, pg.Robustness: robustness_chart.bands_chart,
        pg.GradientCheck: gradient_check.errors, pg.Forms: forms.differences,
    }  # fmt: skip
    chart = drawn.get(type(preset.race()))
    if chart:
        return lambda theme: charts.card(chart(record, theme), record.key)
    own = basins_figure.basins_card if isinstance(preset.race(), pg.BasinMap) else card.card
    return lambda theme: own(record, theme)


def stored(out: Path) -> None:
    """Train the presets that the page Train shows before anybody has pressed Start; prints the paths."""
    from playground.presets import TRAININGS
    from playground.runs.stored import store

    for preset in TRAININGS:
        if preset.stored:
            for path in store(preset.comparison(), out):
                print(path)


def rank(out: Path) -> None:
    """Run every optimizer on every surface at the budget of the page Ranking, which takes a quarter of an hour."""
    from playground.engine.ranking import rank as work

    for progress in Inline().watch(Job(work=work, arguments=(out,))):
        done = f"\n{progress.result}\n" if progress.done else f"\r{progress.message}"
        print(done, end="", flush=True)


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


# What takes a link and writes files, and the page that the link belongs to.
ASKED = {
    "race": (race, marked("Race")), "basins": (basins, marked("Basins")), "sweep": (sweep, marked("Learning rates")),
    "robustness": (robustness, marked("Robustness")), "gradients": (gradients, marked("Gradient check")),
    "forms": (forms, marked("Three forms")),
}  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    about = tr("The app's computations without a browser: a link of a page becomes files.")
    as_module = Path(sys.argv[0]).stem == "__main__"
    parser = argparse.ArgumentParser(prog="python -m playground" if as_module else "playground", description=about)
    shown = tr("print the version")
    parser.add_argument("--version", action="version", version=pg.__version__, help=shown)
    parser.add_argument("--lang", default="", metavar="XX", help=tr("language of what is written, such as en"))
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("app", help=tr("start the app's server; takes the options of `streamlit run` too"))
    commands.add_parser("list", help=tr("print every choice with its knobs"))
    for name, (_, title) in ASKED.items():
        page = Message("a link of the page {page}", page=Message(title))
        one = commands.add_parser(name, help=tr("write the record and the figure of {link}", link=page))
        one.add_argument("link", help=tr("{link}, or its query", link=page))
        one.add_argument("--out", type=Path, required=True, metavar="DIR", help=tr("folder for the files"))
    two = commands.add_parser(
        "train", help=tr("train the nets of a link and write curves and figure; Ctrl-C is no loss")
    )
    two.add_argument("link", help=tr("a link of the page Train, or its query"))
    two.add_argument("--out", type=Path, required=True, metavar="DIR", help=tr("folder for the files"))
    two.add_argument("--test", action="store_true", help=tr("look at the test part too, once the nets are trained"))
    drawn = commands.add_parser(
        "cards", help=tr("draw the pictures of the page Home again, after a preset has changed")
    )
    drawn.add_argument("--out", type=Path, default=ASSETS / "cards", metavar="DIR", help=tr("folder for the pictures"))
    kept = commands.add_parser(
        "stored", help=tr("train the stored runs of the page Train again, after a preset has changed")
    )
    kept.add_argument("--out", type=Path, default=ASSETS / "runs", metavar="DIR", help=tr("folder for the runs"))
    ranked = commands.add_parser(
        "rank", help=tr("compute the ranking again, after an optimizer or a surface has changed")
    )
    ranked.add_argument("--out", type=Path, default=ASSETS / "ranking.json", metavar="FILE", help=tr("what is stored"))
    texts = commands.add_parser("messages", help=tr("collect every text that can be translated, for Babel's tools"))
    texts.add_argument("--out", type=Path, default=None, metavar="FILE", help=tr("the catalogue of templates"))
    return parser


def _asked(arguments: list[str] | None) -> str:
    """The language that `--lang` names, read before the rest, whose help texts are in it."""
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("--lang", nargs="?", default="")
    return parser.parse_known_args(arguments)[0].lang or ""


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0, or with one line on standard error 2 for a wrong link or a folder that cannot be written, and 1
    where a training fails or is interrupted."""
    try:
        pg.language(_asked(arguments) or read().language)
    except pg.ChoiceError as problem:
        print(f"playground: {problem}", file=sys.stderr)
        return 2
    parser = _parser()
    given, options = parser.parse_known_args(arguments)
    if options and given.command != "app":
        parser.error(tr("unrecognized arguments: {arguments}", arguments=" ".join(options)))
    try:
        if given.command == "app":
            serve(options)
        elif given.command == "list":
            print(catalogue())
        elif given.command == "cards":
            cards(given.out)
        elif given.command == "stored":
            stored(given.out)
        elif given.command == "messages":
            messages(given.out)
        elif given.command == "rank":
            rank(given.out)
        elif given.command == "train":
            train(given.link, given.out, given.test)
        else:
            ASKED[given.command][0](given.link, given.out)
    except (pg.ChoiceError, OSError, Unfinished) as problem:
        print(f"playground: {problem}", file=sys.stderr)
        return 1 if isinstance(problem, Unfinished) else 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
