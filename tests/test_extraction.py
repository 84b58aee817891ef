"""Every text that somebody reads is a literal that the catalogue holds."""

import ast
from string import Formatter

import pytest

import playground as pg
from playground import extraction, numbers
from playground.__main__ import main

ROOT = extraction.ROOT
EXEMPT = {"playground/messages.py"}  # it joins messages


def relative(path):
    return str(path.relative_to(ROOT))


SOURCES = [path for path in extraction.sources() if relative(path) not in EXEMPT]


def made_up(node):
    """Whether an argument puts a text together instead of naming a template."""
    parts = [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]
    for part in parts:
        if isinstance(part, (ast.JoinedStr, ast.BinOp)):
            return True
        if isinstance(part, ast.Call) and getattr(part.func, "attr", "") in ("format", "join"):
            return True
    return False


def placeholders(template):
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_templates_are_literals_with_the_values_they_name(path):
    for call, name in extraction.calls(ast.parse(path.read_text())):
        for node in extraction.arguments(call, name):
            assert not made_up(node), f"{relative(path)}:{node.lineno}: a template is put together"
            if name in ("translate", "marked") or name not in extraction.SAID or any(not k.arg for k in call.keywords):
                continue
            for text in extraction._texts(node):
                keywords = {keyword.arg for keyword in call.keywords}
                if keywords and not isinstance(node, ast.IfExp):
                    assert placeholders(text) | {"n"} >= keywords >= placeholders(text), (
                        f"{relative(path)}:{node.lineno}"
                    )
                elif not keywords and "{" in text:
                    assert "\\" in text, f"{relative(path)}:{node.lineno}: no values for {text}"


def test_formats_of_placeholders_exist():
    """Python's own are those that begin with a sign of its little language."""
    for template in extraction.templates():
        for text in filter(None, (template.text, template.plural)):
            if "\\" in text or "$" in text:
                continue
            for _, name, form, _ in Formatter().parse(text):
                if name is not None and form:
                    assert form in numbers.FORMATS or form[0] in ".,+<>0123456789g", (form, template)


def test_the_catalogue_holds_all_kinds_of_texts(tmp_path, capsys):
    assert main(["messages", "--out", str(tmp_path / "all.pot")]) == 0
    text = (tmp_path / "all.pot").read_text()
    assert f"{len(set(template.text for template in extraction.templates()))} texts" in capsys.readouterr().out
    for sentence in (
        '"{field} is {value}, but must be {allowed}."',  # an error
        '"a formula in x and y"',  # one that reaches its message by a name
        f'"{pg.surfaces["ackley"].label}"',
        f'"{pg.surfaces["ackley"].look.split(".")[0][:30]}',
        '"Why does SGD zig-zag?"',
        "#. optimizer adam",
    ):
        assert sentence in text, sentence


def test_texts_of_the_front_end_are_found(tmp_path, monkeypatch):
    monkeypatch.setattr(extraction, "ROOT", tmp_path)
    file = tmp_path / "one.js"
    file.write_text(
        'const a = t("step {n:count}", { n });\nconst b = t(\n  "say \\"so\\"");\nput("no");\nset(text("x"));'
    )
    texts = [(template.text, template.line) for template in extraction.in_browser(file)]
    assert texts == [("step {n:count}", 1), ('say "so"', 2)]
