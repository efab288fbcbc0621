"""Everything that must hold before a change lands: `make test`, and all that CI runs.

What concerns Python runs beside what concerns the screen; the integration tests come last, on two workers. Those that
compare times have the machine to themselves. The first step that fails ends the run, its output being the last. At the
end stands how long each took, and its slowest parts.
"""

import os
import sys
import time

from scripts.steps import ROOT, Run, Step
from scripts.system import (
    CHROMIUM,
    COMPOSE,
    DBUS,
    FAKETIME,
    GALERA,
    HAPROXY,
    MARIADB,
    MMDEBSTRAP,
    NGINX,
    NODE_EXPORTER,
    PODMAN,
    PROMETHEUS,
    SYSTEMD,
    VICTORIA,
    VMAGENT,
    ensure,
    ensure_mysql,
)

FRONTEND = ROOT / "frontend"


def _python_steps() -> list[Step]:
    return [
        Step("lint", ["ruff", "check"]),
        Step("format", ["ruff", "format", "--check"]),
        Step("types", ["mypy"]),
        Step("import contracts", ["lint-imports", "--no-cache"]),
        Step("unit tests", ["pytest", "tests/unit"]),
    ]


def _screen_steps() -> list[Step]:
    return [
        _npm("packages", "ci", "--no-audit", "--no-fund", "--loglevel=error"),
        _npm("lint", "run", "lint"),
        _npm("types", "run", "typecheck"),
        _npm("API types", "run", "api", "--", "--check", advice="run `npm run api` in frontend/, and commit it"),
        _npm("tests", "run", "test"),
        _npm("build", "run", "build"),
    ]


def _integration_steps() -> list[Step]:
    # These open the built screen in a browser, hence not earlier.
    tests, alone, cluster = "tests/integration", "tests/integration/alone", "tests/integration/cluster"
    # A file's tests share what they set up; in this order the long ones come first.
    workers = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    return [
        Step("integration tests, alone", ["pytest", alone]),
        Step("integration tests", ["pytest", tests, f"--ignore={alone}", f"--ignore={cluster}", *workers]),
        # Homebrew's MariaDB comes without Galera.
        *([Step("integration tests, cluster", ["pytest", cluster])] if sys.platform == "linux" else []),
    ]


def _npm(name: str, *arguments: str, advice: str = "") -> Step:
    return Step(f"screen: {name}", ["npm", *arguments], FRONTEND, advice)


def main() -> int:
    """Run all steps; the exit code is that of the first that failed."""
    has_frontend = (FRONTEND / "package.json").exists()
    on_linux = (
        [SYSTEMD, DBUS, FAKETIME, GALERA, HAPROXY, PODMAN, MMDEBSTRAP, COMPOSE] if sys.platform == "linux" else []
    )
    ensure(
        [MARIADB, NGINX, VICTORIA, VMAGENT, PROMETHEUS, NODE_EXPORTER, *on_linux, *([CHROMIUM] if has_frontend else [])]
    )
    ensure_mysql()
    # Else each program that a test starts compiles the product anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    started = time.monotonic()
    run = Run()
    try:
        run.lanes(_python_steps(), _screen_steps() if has_frontend else [])
        if not run.failed:
            run.lanes(_integration_steps())
    except KeyboardInterrupt:
        return 130
    if run.failed:
        print(f"\nmonitor: {run.failed.name} failed{run.failed.advice and ': '}{run.failed.advice}", flush=True)
        return run.code
    print("\n=== how long it took")
    for step in run.done:
        print(step.report())
    print(f"{time.monotonic() - started:7.1f} s  in all")
    print("\nmonitor: all is well", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
