"""The examples of the documents and docstrings do what they say."""

import contextlib
import doctest
import io
import re
import subprocess
import sys
from importlib import import_module

import pytest

from tests.documents import read

MODULES = ("core", "watching", "backtests")


PROGRAMS = [
    (page, place, program)
    for page in ("README.md", "README.zh-CN.md", "docs/library.md", "docs/zh/library.md")
    for place, program in enumerate(re.findall(r"^```python\n(.*?)^```", read(page), re.MULTILINE | re.DOTALL))
]


@pytest.mark.parametrize(("page", "place", "program"), PROGRAMS, ids=[f"{page} {n}" for page, n, _ in PROGRAMS])
def test_a_program_prints_what_its_comments_say(page: str, place: int, program: str) -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(program, {})  # noqa: S102 (our own)
    said = re.findall(r"^ *print\(.*\)  # (.*)$|^# prints: (.*)$", program, re.MULTILINE)
    assert ["".join(each) for each in said] == printed.getvalue().splitlines() != []


@pytest.mark.parametrize(("page", "place", "program"), PROGRAMS, ids=[f"{page} {n}" for page, n, _ in PROGRAMS])
def test_a_program_imports_names_of_monitor_alone(page: str, place: int, program: str) -> None:
    imported = re.findall(r"^(?:from|import) (\S+)", program, re.MULTILINE)
    assert "monitor" in imported
    assert [] == [name for name in imported if name.startswith("monitor.")]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_docstrings(name: str) -> None:
    failed, tried = doctest.testmod(import_module(f"monitor.library.{name}"))
    assert (failed, tried > 0) == (0, True)


def test_the_name_alone_loads_nothing_of_the_core() -> None:
    """A program that imports `monitor` waits for what it uses alone."""
    code = (
        "import sys, monitor; print(len(sys.modules), *(name for name in sys.modules if name.startswith('monitor.')))"
    )
    count, *own = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    plain = subprocess.run(
        [sys.executable, "-c", "import sys; print(len(sys.modules))"], capture_output=True, text=True, check=True
    )
    assert [] == own
    assert int(count) - int(plain.stdout) < 20
