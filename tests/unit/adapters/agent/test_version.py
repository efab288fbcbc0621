"""The agent's version is that of the package."""

import tomllib
from pathlib import Path

from monitor.adapters.agent import VERSION


def test_it_is_that_of_the_package():
    project = tomllib.loads((Path(__file__).parents[4] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == VERSION
