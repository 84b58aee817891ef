"""Where the app's files are: beside the package in a checkout, in its folder `app` where it is installed (setup.py)."""

from pathlib import Path

PACKAGE = Path(__file__).parent
ROOT = PACKAGE.parent
"""The folder that holds the package: what a new process needs on its path to import it."""

HOME = PACKAGE / "app" if (PACKAGE / "app").is_dir() else ROOT
APP = HOME / "app.py"
PAGES = HOME / "pages"
ASSETS = HOME / "assets"
SETTINGS = HOME / "settings.toml"
