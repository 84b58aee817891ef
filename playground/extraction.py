"""Collects every text that a visitor may read, and writes it as a catalogue for translators.

Three sources: literals in calls that make messages; literals in declarations (knobs, questions, pages), and what the
registered choices say of themselves; `t("...")` in the front-end. `python -m playground messages` writes
`playground.pot`; Babel's `pybabel init`, `update` and `compile` make and keep the catalogue of a language.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from playground.messages import LOCALE
from playground.paths import APP, ASSETS, PACKAGE, PAGES, ROOT
from playground.registry import Choice, Knob, Registry

POT = LOCALE / "playground.pot"
SAID = {"Message": 2, "tr": 2, "translate": 1, "marked": 1, "ChoiceError": 1, "DataError": 1}
"""Callable -> how many of its first arguments are templates: itself, and where there are two its plural."""

DECLARED = {
    "knob": ("label", "help", "text"),
    "Knob": ("label", "help", "text"),
    "setting": ("label", "help"),
    "Preset": ("question", "look"),
    "TrainingPreset": ("question", "look"),
}
"""Callable -> the keywords whose literals somebody translates later."""

IN_LOGS = ("data", "engine/training", "runs")
"""Below `playground/`: where messages come from that logs hold and the browser renders."""

IN_BROWSER = re.compile(r"""(?<![\w.])t\(\s*("(?:[^"\\\n]|\\.)*")""")


class Template(NamedTuple):
    """A text to be translated, and its place in the sources."""

    text: str
    plural: str
    path: str
    line: int
    comment: str = ""


def templates() -> Iterator[Template]:
    """Every one, in the order of the files; a text that occurs in several places comes several times."""
    for path in sources():
        yield from literals(path)
    for path in sorted(ASSETS.rglob("*.js")):
        yield from in_browser(path)
    yield from (template for template in choice_templates() if template.text)


def sources() -> list[Path]:
    """The Python files whose texts somebody reads."""
    return [APP, *sorted(PACKAGE.rglob("*.py")), *sorted(PAGES.rglob("*.py"))]


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Every call of something that `SAID` or `DECLARED` knows, with its name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in SAID or name in DECLARED:
                yield node, name


def arguments(call: ast.Call, name: str) -> list[ast.expr]:
    """The arguments of a call that hold templates."""
    templates = call.args[: SAID.get(name, 0)]
    return [*templates, *(keyword.value for keyword in call.keywords if keyword.arg in DECLARED.get(name, ()))]


def literals(path: Path) -> Iterator[Template]:
    """The templates that stand as literals in a Python file."""
    where = str(path.relative_to(ROOT))
    for call, name in calls(ast.parse(path.read_text(encoding="utf-8"))):
        texts = [list(_texts(argument)) for argument in arguments(call, name)]
        if SAID.get(name) == 2 and len(texts) == 2 and texts[0] and texts[1]:
            yield Template(texts[0][0], texts[1][0], where, call.lineno)
            continue
        for text in filter(None, (text for group in texts for text in group)):
            yield Template(text, "", where, call.lineno)


def _texts(node: ast.expr) -> Iterator[str]:
    """The literals that an argument may be: itself, or both ends of a choice between two."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


def in_browser(path: Path) -> Iterator[Template]:
    """The templates of a JavaScript file."""
    text = path.read_text(encoding="utf-8")
    for match in IN_BROWSER.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield Template(ast.literal_eval(match[1]), "", str(path.relative_to(ROOT)), line)


def in_scripts() -> Iterator[Template]:
    """What the browser renders: the texts of the scripts, and the messages of logs."""
    for path in sorted((ROOT / "assets").rglob("*.js")):
        yield from in_browser(path)
    for folder in IN_LOGS:
        for path in sorted((ROOT / "playground" / folder).rglob("*.py")):
            yield from literals(path)


def choice_templates() -> Iterator[Template]:
    """What registered choices say of themselves: label, summary, place in the menu, options, what to look at."""
    import playground as pg

    for registry in (item for item in vars(pg).values() if isinstance(item, Registry)):
        where = f"pg.{registry.kind}"
        yield Template(registry.kind, "", where, 0, "a kind of choice")
        for name, sentence in registry.refused.items():
            for inner in sentence.inner():
                yield Template(inner.template, inner.plural, where, 0, f"why there is no {registry.kind} {name}")
        for name, cls in registry.items():
            for text in _choice_texts(cls):
                yield Template(text, "", where, 0, f"{registry.kind} {name}")
    for cls in (item for item in vars(pg).values() if hasattr(item, "read_fields")):  # specs
        for name, field in cls.fields().items():
            knob = getattr(field, "knob", None)
            for text in (field.title, field.help, *(_knob_texts(name, knob) if knob else ())):
                yield Template(text, "", f"pg.{cls.__name__}", 0, f"the field {name}")


def _knob_texts(field: str, knob: Knob[Any]) -> Iterator[str]:
    """Title, help and options, as a widget shows them."""
    yield from filter(None, (knob.title(field), knob.help, *(option.replace("_", " ") for option in knob.options)))


def _choice_texts(cls: type[Choice]) -> Iterator[str]:
    from playground.choices.forms.base import Form
    from playground.choices.optimizers.base import Rule, meanings

    yield cls.label
    yield from {cls.summary(), *cls.paragraphs().values()}
    for fact in ("group", "look"):
        if getattr(cls, fact, ""):
            yield getattr(cls, fact)
    if issubclass(cls, Form):
        yield from (variant.label for variant in cls().variants())
    if issubclass(cls, Rule):
        yield from meanings(cls.State).values()
    for field, knob in cls.knobs().items():
        yield from _knob_texts(field, knob)


def write(path: Path = POT) -> int:
    """Write the catalogue of all templates in alphabetical order; how many there are. Needs Babel."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    catalog = Catalog(project="Optimizer Playground", charset="utf-8", fuzzy=False)
    for template in templates():
        key = (template.text, template.plural) if template.plural else template.text
        comments = [template.comment] if template.comment else ()
        flags = ["python-brace-format"] if re.search(r"\{\w+[:}]", template.text) and "\\" not in template.text else ()
        catalog.add(key, locations=[(template.path, template.line)], auto_comments=comments, flags=flags)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, omit_header=False, sort_output=True, include_lineno=False)
    return len(catalog)
