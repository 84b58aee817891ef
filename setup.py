"""What pyproject.toml cannot say: the top level's app, pages and assets are the folder `playground/app` of a wheel."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["playground", "playground.*"]), "playground.app"],
    package_dir={"playground.app": "."},
    script_name="setup.py",  # which keeps this file itself out of that folder
)
