"""A language that nobody speaks, with which tests see what is not translated: each letter of a text has an accent.

Placeholders, formulas, code, addresses, directives of Markdown and tags stay as they are.
"""

import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from playground.extraction import templates

NAME = "xx"
ACCENTED = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "åƀçđéƒĝħíĵķłɱñøþǫřšŧûṽŵẋýžÅƁÇĐÉƑĜĦÍĴĶŁṀÑØÞǪŘŠŦÛṼŴẊÝŽ"
)
KEPT = re.compile(
    r"\{[^{}]*\}|\$[^$]+\$|`[^`]*`|:material/\w+:|\]\([^)]*\)|:[a-z-]+(?=\[)|</?\w[^>]*>|&\w+;|https?://\S+"
)


def accented(text: str) -> str:
    """The text in the made-up language."""
    parts, end = [], 0
    for match in KEPT.finditer(text):
        parts += [text[end : match.start()].translate(ACCENTED), match[0]]
        end = match.end()
    return "".join([*parts, text[end:].translate(ACCENTED)])


def write(folder: Path) -> Path:
    """Write the catalogue of the language below `folder`, which `PLAYGROUND_LOCALE` may name."""
    catalog = Catalog(locale=None, fuzzy=False)
    catalog._plural_expr, catalog._num_plurals = "(n != 1)", 2
    for template in templates():
        if template.plural:
            catalog.add((template.text, template.plural), (accented(template.text), accented(template.plural)))
        elif template.text:
            catalog.add(template.text, accented(template.text))
    path = folder / NAME / "LC_MESSAGES" / "playground.mo"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_mo(file, catalog)
    return folder
