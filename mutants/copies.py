"""Copies of the product in which tests run."""

import os
import shutil
import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path

from mutants.mutant import PRODUCT, TESTS, Mutant
from scripts.steps import ROOT

PATIENCE = 900.0
"""Seconds for the tests of one mutant."""
PASSED, FAILED = 0, 1
"""Exit codes of pytest. With any other, such as that of a module that cannot be imported, the tests say nothing."""


class Copy:
    """A copy of `src` that belongs to one mutant at a time. *place*: an empty directory."""

    def __init__(self, place: Path) -> None:
        self._place = place
        shutil.copytree(ROOT / "src", place / "src", ignore=shutil.ignore_patterns("ui", "__pycache__"))
        (place / "alembic").symlink_to(ROOT / "alembic")

    def test(self, tests: list[str], mutant: Mutant | None = None) -> tuple[int, str]:
        """Run *tests* on the copy, with the fault of *mutant*; return the exit code and the output."""
        if mutant is None:
            return self._run(tests)
        file = self._place / PRODUCT / mutant.file
        sound = file.read_text()
        _write(file, mutant.broken())
        try:
            return self._run(tests)
        finally:
            _write(file, sound)

    def _run(self, tests: list[str]) -> tuple[int, str]:
        environment = os.environ | {
            "PYTHONPATH": str(self._place / "src"),
            # Where a fault was found would otherwise be tried first in later runs.
            "HYPOTHESIS_STORAGE_DIRECTORY": str(self._place / "hypothesis"),
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # else each run compiles the product anew
        always = ["-x", "-q", "-p", "no:cacheprovider", "--nightly=none"]
        command = [sys.executable, "-m", "pytest", *always, *(str(TESTS / each) for each in tests)]
        try:
            done = subprocess.run(
                command,
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return -1, f"the tests take longer than {PATIENCE:.0f} s"
        return done.returncode, done.stdout


def _write(file: Path, text: str) -> None:
    file.write_text(text)
    # Python takes a file of the same length and second for the one that it compiled.
    Path(cache_from_source(str(file))).unlink(missing_ok=True)
