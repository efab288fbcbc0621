"""Break the alert engine in one place at a time, and see whether the oracle's test notices: `make mutants`.

Each mutant is a copy of `src` with one line changed. A mutant that nobody notices is a hole in the tests, and ends the
run with exit code 1.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from scripts.steps import ROOT

TEST = "tests/unit/application/alerts/test_alert_oracle.py"


class Mutant(NamedTuple):
    """What is wrong with it, and in which file of the domain *old* becomes *new*."""

    what: str
    file: str
    old: str
    new: str


MUTANTS = [
    Mutant("a breach begins beyond the threshold", "alerts/engine", "if v >= warning and", "if v > warning and"),
    Mutant("critical begins beyond its threshold", "alerts/engine", "if v >= critical else", "if v > critical else"),
    Mutant("clear at the margin itself", "alerts/engine", "if v < clear_below", "if v <= clear_below"),
    Mutant("calm at the margin itself", "alerts/engine", "if v < calm_below", "if v <= calm_below"),
    Mutant(
        "fires later than sustained_for",
        "alerts/engine",
        "warning_since >= sustained_for",
        "warning_since > sustained_for",
    ),
    Mutant("resolves later than clear_for", "alerts/engine", "clear_since >= clear_for", "clear_since > clear_for"),
    Mutant("a gap of exactly three intervals interrupts", "alerts/engine", "seen > longest_gap", "seen >= longest_gap"),
    Mutant(
        "critical does not count toward warning",
        "alerts/engine",
        "if v >= warning and",
        "if critical > v >= warning and",
    ),
    Mutant("never de-escalates", "alerts/engine", "return Level.WARNING, Change.DEESCALATED", "return None"),
    Mutant(
        "the margin as floats",
        "alerts/engine",
        "_less(min(warning, critical), policy.clear_margin)",
        "min(warning, critical) - policy.clear_margin",
    ),
    Mutant(
        "the worst value is the last", "alerts/engine", "if level and (worst is None or v > worst * sign):", "if level:"
    ),
    Mutant("below is above", "alerts/engine", "Direction.ABOVE else -1.0", "Direction.ABOVE else 1.0"),
    Mutant(
        "the declared interval alone",
        "intake/intervals",
        "max(least_gap(declared), _three_medians(times[-TIMES_NEEDED:]))",
        "least_gap(declared)",
    ),
    Mutant("the upper of two middle gaps", "intake/intervals", "gaps[(len(gaps) - 1) // 2]", "gaps[len(gaps) // 2]"),
    Mutant("nine gaps instead of ten", "intake/intervals", "TIMES_NEEDED = 11", "TIMES_NEEDED = 10"),
    Mutant(
        "a declaration is not carried on",
        "intake/intervals",
        "last = last if interval is None else interval",
        "last = interval",
    ),
    Mutant("the fold passes over the next side", "alerts/fold", "low <= v < high", "low <= v"),
    Mutant("the fold forgets a gap", "alerts/fold", "0 if is_cut else", "_NO_GAP_IS_TOO_LONG if is_cut else"),
]


def notices(mutant: Mutant) -> bool:
    """Tell whether the test fails on it. Raises ValueError if the line to change is not there."""
    with tempfile.TemporaryDirectory() as directory:
        source = Path(directory) / "src"
        shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("ui", "__pycache__"))
        file = source / "monitor" / "domain" / f"{mutant.file}.py"
        text = file.read_text()
        if mutant.old not in text:
            raise ValueError(f"{mutant.what}: {mutant.old!r} is not in {mutant.file}.py")
        file.write_text(text.replace(mutant.old, mutant.new))
        environment = os.environ | {"PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "pytest", TEST, "-x", "-p", "no:cacheprovider"]
        test = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    return test.returncode == 1


def main() -> int:
    """Try all mutants; the exit code is 1 if one is not noticed."""
    missed = 0
    for mutant in MUTANTS:
        is_noticed = notices(mutant)
        missed += not is_noticed
        print(f"{'noticed' if is_noticed else 'MISSED':8} {mutant.what}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
