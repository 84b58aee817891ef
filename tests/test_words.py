"""Words that a lecturer would not use: none of them is on a page, in a document or in a docstring."""

import re
from pathlib import Path

import pytest

from playground.extraction import templates

ROOT = Path(__file__).parents[1]
OLD = ROOT / "playground" / "runs" / "old_sentences.py"  # what was said once, so that stored runs can be read
FOLDERS = {"playground": "*.py", "pages": "*.py", "assets": "*.js"}
TEXTS = [
    *(path for folder, kind in FOLDERS.items() for path in (ROOT / folder).rglob(kind) if path != OLD),
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/DESIGN.md")),
]
RATHER = {
    "left the finite numbers": "diverged (NaN or infinite)",
    "leaves the finite numbers": "diverges",
    "in the place of": "instead of",
    "where a hair decides": "where a tiny change of the start changes the outcome",
    "is no loss": "stops at a checkpoint",
    "is who came": "some step came",
    "none left to be tested": "it is no longer a test set",
    "Who has no": "An optimizer without",
    "Whoever has": "An optimizer with",
}


ODD = re.compile(
    r"\b(who|whoever|whom|everybody|by heart|by chance|a hair|is told|are told|stands? (at|in)|mends?|in place of)\b",
    re.IGNORECASE,
)
"""In what visitors read: a person where a method is meant, or a word that is not the field's."""


@pytest.mark.parametrize("words", RATHER)
def test_no_text_says_it(words):
    pattern = re.compile(r"\s+".join(map(re.escape, words.split())))
    files = [str(path.relative_to(ROOT)) for path in TEXTS if pattern.search(path.read_text(encoding="utf-8"))]
    assert not files, f"say {RATHER[words]!r}"


def test_what_visitors_read_is_plain():
    texts = {template.text for template in templates()} | {template.plural for template in templates()}
    odd = sorted(text for text in texts if ODD.search(text))
    assert len(texts) > 2500 and not odd
