"""The house rules that can be read off the source."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import playground as pg
from playground.registry import Registry

ROOT = Path(__file__).parents[1]
PACKAGE = sorted((ROOT / "playground").rglob("*.py"))
PAGES = sorted((ROOT / "pages").rglob("*.py"))
SOURCES = [ROOT / "app.py", *PACKAGE, *PAGES]
REGISTRIES = tuple(item for item in vars(pg).values() if isinstance(item, Registry))

FOUNDATION = {"messages", "numbers", "paths"}  # every room stands on these
ROOMS = {
    "messages": set(),
    "numbers": set(),
    "paths": set(),
    "registry": set(),
    "jobs": {"registry"},
    "extraction": {"registry", "choices", "specs", ""},
    "choices": {"registry", "data", "layers"},
    "specs": {"registry", "choices"},
    "presets": {"registry", "choices", "specs"},
    "record": set(),
    "data": {"registry"},
    "layers": {"registry"},
    "runs": {"registry", "data", "choices", "specs", "engine", "record", "jobs"},
    "engine": {"registry", "jobs", "choices", "specs", "record", "data", "layers"},
    "view": {"record", "engine", "specs"},
    "export": {"record", "view"},
    "figures": {"registry", "view", "export"},
    "formats": {"registry", "view", "figures"},
    "labs": {"registry", "jobs", "specs", "record", "view", "presets", "figures", "formats", "runs"},
}


def imports(path):
    """Modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def relative(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PACKAGE, ids=relative)
def test_data_flows_one_way(path):
    room = path.relative_to(ROOT / "playground").parts[0].removesuffix(".py")
    if room not in ROOMS:
        assert room in ("__init__", "__main__")
        return
    for module in imports(path):
        assert not module.startswith(("streamlit", "pages")), module
        if module.startswith("playground"):
            other = [*module.split("."), ""][1]
            assert other in {room} | FOUNDATION | ROOMS[room], f"{room} imports {module}"


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_pages_reach_the_engine_through_one_door(path):
    for module in imports(path):
        assert not module.startswith("playground.engine"), module


def test_importing_the_package_is_light():
    heavy = ("streamlit", "torch", "matplotlib", "plotly", "scipy", "numba")
    code = f"import sys, playground; print([m for m in {heavy} if m in sys.modules])"
    process = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert process.stdout.strip() == "[]"


def test_no_comparison_with_a_registered_name_outside_choices():
    names = {name for registry in REGISTRIES for name in registry}
    names |= {cls.label for registry in REGISTRIES for cls in registry.values()}
    for path in SOURCES:
        if "choices" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare):
                constants = {
                    n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)
                }
                assert not constants & names, f"{relative(path)}:{node.lineno} compares with {constants & names}"


def test_no_global_randomness():
    banned = re.compile(
        r"torch\.manual_seed|np\.random\.(?!default_rng|Generator)|^import random\b|^from random\b", re.M
    )
    for path in SOURCES:
        assert not banned.search(path.read_text()), relative(path)


def test_names_of_files():
    others = [path for folder in ("assets", "tests", "bench") for path in (ROOT / folder).rglob("*.*")]
    for path in [*SOURCES, *others]:
        assert path.stem not in ("util", "utils", "helper", "helpers", "common", "misc"), relative(path)
    assert not list((ROOT / "pages").glob("*.py")), "scripts directly in pages/ break deep links"


@pytest.mark.parametrize("path", [p for p in PAGES if "ui" not in p.parts], ids=relative)
def test_pages_are_thin(path):
    assert len(path.read_text().splitlines()) <= 60


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_functions_are_short_and_public_names_documented(path):
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree), "the module has no docstring"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno < 45, f"{node.name} is long"
        public = isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_")
        if public and node in tree.body:
            assert ast.get_docstring(node), f"{node.name} has no docstring"


@pytest.mark.parametrize("name", sorted({name for registry in REGISTRIES for name in registry}))
def test_every_choice_says_its_formula_and_source(name):
    for registry in REGISTRIES:
        if name in registry:
            cls = registry[name]
            assert len(cls.summary()) <= 120 and cls.summary().endswith((".", ":"))
            for knob_name, knob in cls.knobs().items():
                assert knob.help or knob.label, f"{name}.{knob_name} says nothing about itself"
            if registry not in (pg.surfaces, pg.penalties, pg.gradients):
                assert "Formula" in cls.__doc__ or registry is pg.schedules or cls.name.startswith("po_")
            if registry is pg.optimizers:
                assert cls.reference and "Formula" in cls.__doc__ and "Reference" in cls.__doc__
            if registry is pg.surfaces:
                assert cls.source and cls.look and cls.group


def test_the_registry_refuses_what_would_break_links():
    from playground.registry import Choice, Registry

    kind = Registry("thing")
    choice = type("One", (Choice,), {"__doc__": "A thing."})
    kind("one", "One")(choice)
    with pytest.raises(TypeError, match="two things"):
        kind("one", "Again")(type("Two", (Choice,), {"__doc__": "A thing."}))
    with pytest.raises(TypeError, match="no docstring"):
        kind("two", "Two")(type("Two", (Choice,), {}))
    with pytest.raises(TypeError, match="must match"):
        kind("a b", "Two")(type("Two", (Choice,), {"__doc__": "A thing."}))


def test_the_walk_of_a_knob_names_what_is_there():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    paths = set(re.findall(r"`((?:playground|pages|assets|tests)/[\w/]+\.\w+)`", text))
    assert len(paths) > 12 and not [path for path in paths if not (ROOT / path).is_file()]
    declared = re.search(r"^    (rho: float = .*)$", text, re.M)[1]
    assert declared in (ROOT / "playground/choices/optimizers/first_order.py").read_text()
    link = pg.Race(racers=(pg.Racer(optimizer=pg.optimizers["momentum"](rho=0.8)),)).to_query()
    assert re.search(r"`(racer=momentum,lr:[^`]*?),?\.\.\.`", text)[1] in link


def test_the_theme_file_has_the_colours_of_the_theme():
    import tomllib

    from playground.view.theme import THEMES

    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    for name, theme in THEMES.items():
        colours = config["theme"][name]
        assert (colours["primaryColor"], colours["backgroundColor"]) == (theme.accent, theme.background)
        assert (colours["secondaryBackgroundColor"], colours["textColor"]) == (theme.panel, theme.text)
    assert config["runner"]["postScriptGC"] is False and config["server"]["fileWatcherType"] == "none"


def test_colours_stand_in_one_place():
    colour = re.compile(r"#[0-9a-fA-F]{6}\b|\brgba?\(\s*\d")
    for path in [*SOURCES, *(ROOT / "assets").rglob("*.css")]:  # those of scripts are looked for by eslint
        if path.name != "theme.py":
            assert not colour.search(path.read_text()), relative(path)


def test_the_readme_counts_right_and_its_examples_run(tmp_path, monkeypatch):
    from playground.choices.optimizers.base import Rule
    from playground.choices.primitives import sign
    from playground.registry import Registry, knob

    text = (ROOT / "README.md").read_text()
    ours = sum(not cls.alone for cls in pg.optimizers.values())
    message = (
        r"one of (\d+) loss surfaces.*?of (\d+) optimizers, (\d+) of our own and (\d+) of the libraries.*?"
        r"one of (\d+) learning-rate"
    )
    counts = [int(n) for n in re.search(message, " ".join(text.split())).groups()]
    assert counts == [
        len(pg.surfaces), len(pg.optimizers), ours, len(pg.optimizers) - ours, len(pg.schedules)
    ]  # fmt: skip
    monkeypatch.setenv("PLAYGROUND_STORE", str(tmp_path))
    race, train, add = re.findall(r"```python\n(.*?)```", text, re.S)
    exec(race, {"print": lambda *_: None})
    message = []
    exec(train, {"print": lambda *words: message.append(words)})
    assert str(message[-1][1]).startswith("Trained 2 epochs") and len(message) > 2
    kind = Registry("optimizer")
    exec(add, {"optimizers": kind, "Rule": Rule, "knob": knob, "sign": sign})
    assert kind["signsgd"](lr=0.5).step(1.0, -3.0, None, 1) == (1.5, None)
