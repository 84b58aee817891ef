"""The package: what a wheel holds, that it works where there is no checkout, and that all say the same of it."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import playground as pg
from playground.__main__ import main
from playground.paths import APP, ASSETS, ROOT
from tests.test_rules import SOURCES, imports

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PARTS = (
    ".streamlit", "LICENSE", "README.md", "app.py", "assets", "pages", "playground", "pyproject.toml", "settings.toml",
    "setup.py",
)  # fmt: skip
LINK = "surface=booth&racer=adam&steps=5&v=1"


def pip(*arguments):
    command = [sys.executable, "-m", "pip", *arguments, "--quiet", "--no-deps", "--no-index"]
    return subprocess.run([*command, "--disable-pip-version-check"], check=True, timeout=120)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built from a copy, so that no build is left behind in the checkout, and none of before gets into the wheel."""
    copy, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, copy)
    pip("wheel", "--no-build-isolation", "--wheel-dir", str(out), str(copy))
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Runs Python, in a folder of its own, where the package is installed."""
    target, elsewhere = tmp_path_factory.mktemp("target"), tmp_path_factory.mktemp("elsewhere")
    pip("install", "--target", str(target), str(wheel))

    def run(*arguments):
        own = {**os.environ, "PYTHONPATH": str(target), "PLAYGROUND_CACHE": str(elsewhere / "cache")}
        command = [sys.executable, *arguments]
        process = subprocess.run(command, cwd=elsewhere, env=own, capture_output=True, text=True, timeout=120)
        assert process.returncode == 0, process.stderr
        return process.stdout

    run.target, run.folder = target, elsewhere
    return run


def test_a_wheel_holds_what_the_checkout_has(wheel):
    packed_files = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("playground/")}
    expected = {f"playground/app/{name}" for name in ("app.py", "settings.toml", ".streamlit/config.toml")}
    for folder, home in (("playground", ""), ("pages", "playground/app/"), ("assets", "playground/app/")):
        files = (path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        expected |= {home + path.relative_to(ROOT).as_posix() for path in files if path.suffix != ".pot"}
    assert packed_files == expected


def test_the_installed_commands_run_elsewhere(installed):
    assert "app" in installed("-m", "playground", "--help")
    written = installed("-m", "playground", "race", LINK, "--out", "slides").splitlines()
    assert "Adam" in written[1] and all((installed.folder / name).stat().st_size for name in written[2:])
    script = installed.target / "bin" / "playground"
    assert installed(str(script), "--version").strip() == pg.__version__


def test_the_installed_package_has_its_assets_and_its_app(installed):
    code = (
        "import sys; from playground import paths; from playground.engine.ranking import stored;"
        "from playground.runs.store import Store; sys.path.insert(0, str(paths.HOME)); from pages.ui import modules;"
        "print(paths.HOME, paths.APP.is_file(), len(stored()), len(modules.modules()), paths.SETTINGS.is_file())"
    )
    home, app, budgets, modules, settings = installed("-c", code).split()
    assert Path(home) == installed.target / "playground" / "app" and (app, settings) == ("True", "True")
    assert int(budgets) >= 1 and int(modules) == sum(path.suffix in (".js", ".css") for path in ASSETS.glob("*/*"))


def test_the_app_is_started_by_streamlit_with_its_options(monkeypatch):
    calls = []
    monkeypatch.setattr(os, "execv", lambda path, command: calls.append(command))
    assert main(["app", "--server.port", "8502"]) == 0
    assert calls == [[sys.executable, "-m", "streamlit", "run", str(APP), "--server.port", "8502"]]


def test_without_streamlit_the_app_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr("playground.__main__.find_spec", lambda name: None)
    assert main(["app"]) == 2
    assert "pip install 'optimizer-playground[app]'" in capsys.readouterr().err


def test_other_commands_take_no_unknown_options(capsys):
    with pytest.raises(SystemExit):
        main(["list", "--server.port", "8502"])
    assert "--server.port" in capsys.readouterr().err


def test_the_version_is_said_once_and_alike():
    assert PROJECT["dynamic"] == ["version"]
    assert f"\nversion: {pg.__version__}\n" in (ROOT / "CITATION.cff").read_text()
    numbered = re.search(r"^## (\d+\.\d+\.\d+) - (\d{4}-\d\d-\d\d)$", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert numbered[1] == pg.__version__
    assert f"\ndate-released: {numbered[2]}\n" in (ROOT / "CITATION.cff").read_text()


def test_the_ranges_admit_the_versions_that_are_tested():
    locked = {}
    for name in ("requirements.txt", "requirements-dev.txt", "bench/requirements.txt"):
        for line in (ROOT / name).read_text().splitlines():
            pinned = Requirement(line.partition("#")[0].strip())
            locked[pinned.name] = str(pinned.specifier).removeprefix("==")
    extras = [requirement for extra in PROJECT["optional-dependencies"].values() for requirement in extra]
    ranges = {
        requirement.name: requirement.specifier for requirement in map(Requirement, [*PROJECT["dependencies"], *extras])
    }
    assert locked.keys() - {"setuptools"} == ranges.keys() - {PROJECT["name"]}
    for name, pinned in locked.items():
        assert name == "setuptools" or pinned in ranges[name], name


def test_what_is_imported_is_among_the_dependencies():
    own = {"PIL": "pillow", "vl_convert": "vl-convert-python", "dask": "distributed", "starlette": "streamlit"}
    own |= {"fontTools": "fonttools"}
    names = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["app"], "babel", "pages", "playground"]
    packages = {Requirement(name).name for name in names}
    for path in SOURCES:
        for module in imports(path):
            package = module.partition(".")[0]
            listed = package in sys.stdlib_module_names or own.get(package, package) in packages
            assert listed, f"{path.name} imports {package}"
