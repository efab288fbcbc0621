"""Everything that must hold before a change lands: `make test`, and all that CI runs.

Steps run in order and the first that fails ends the run. At the end stands how long each took, and its slowest parts.
"""

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from scripts.system import CHROMIUM, MARIADB, ensure

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
FRONTEND = ROOT / "frontend"
SLOWEST = 3
TEST_DURATION = re.compile(r"^(\d+\.\d+)s (call|setup|teardown) +(\S.*)$")
"""A line of pytest's `--durations`."""


@dataclass(slots=True)
class Step:
    """One command, and what its run showed."""

    name: str
    command: list[str]
    directory: Path = ROOT
    seconds: float = 0.0
    parts: list[tuple[float, str]] = field(default_factory=list)

    def run(self) -> int:
        """Run the command, show what it prints, and return its exit code; any but 0 is a failure.

        That includes pytest's 5, which says that it found no test to run.
        """
        print(f"\n=== {self.name}: {' '.join(self.command)}", flush=True)
        started = time.monotonic()
        with subprocess.Popen(
            self.command, cwd=self.directory, env=_environment(), stdout=subprocess.PIPE, text=True, errors="replace"
        ) as process:
            for line in process.stdout or ():
                print(line, end="", flush=True)
                if duration := TEST_DURATION.match(line):
                    self.parts.append((float(duration[1]), f"{duration[3].strip()} ({duration[2]})"))
        self.seconds = time.monotonic() - started
        return process.returncode

    def report(self) -> str:
        """How long it took, and the slowest of what it told about."""
        lines = [f"{self.seconds:7.1f} s  {self.name}"]
        slowest = sorted(self.parts, reverse=True)[:SLOWEST]
        return "\n".join([*lines, *(f"{'':11}{seconds:7.1f} s  {part}" for seconds, part in slowest)])


def _environment() -> dict[str, str]:
    return os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


def _steps(has_frontend: bool) -> list[Step]:
    return [
        Step("lint", ["ruff", "check"]),
        Step("format", ["ruff", "format", "--check"]),
        Step("types", ["mypy"]),
        Step("import contracts", ["lint-imports", "--no-cache"]),
        Step("unit tests", ["pytest", "tests/unit"]),
        # Before the integration tests, which open the built screen in a browser.
        *(_frontend_steps() if has_frontend else []),
        Step("integration tests", ["pytest", "tests/integration"]),
    ]


def _frontend_steps() -> list[Step]:
    return [
        Step("screen: packages", ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], FRONTEND),
        Step("screen: lint", ["npm", "run", "lint"], FRONTEND),
        Step("screen: types", ["npm", "run", "typecheck"], FRONTEND),
        Step("screen: tests", ["npm", "run", "test"], FRONTEND),
        Step("screen: build", ["npm", "run", "build"], FRONTEND),
    ]


def main() -> int:
    """Run all steps; the exit code is that of the first that failed."""
    has_frontend = (FRONTEND / "package.json").exists()
    ensure([MARIADB, CHROMIUM] if has_frontend else [MARIADB])
    done: list[Step] = []
    code = 0
    for step in _steps(has_frontend):
        code = step.run()
        done.append(step)
        if code:
            break
    print("\n=== how long it took")
    for step in done:
        print(step.report())
    print(f"{sum(step.seconds for step in done):7.1f} s  in all")
    print(f"\nmonitor: {done[-1].name} failed" if code else "\nmonitor: all is well", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
