"""Everything that must hold before a change lands: `make test`, and all that CI runs.

What concerns Python runs beside what concerns the screen; the integration tests come last, on several workers. Those
that compare times have the machine to themselves. The first step that fails ends the run, its output being the last. At
the end stands how long each took, and its slowest parts.

Of the tests marked `nightly` it runs one part of eight, chosen by the number of commits: eight commits run all.
`make nightly` runs all at once; `make quick` runs none of them, and nothing that needs a database or a browser.
"""

import os
import signal
import subprocess
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
    RPM,
    SSH,
    SYSTEMD,
    VICTORIA,
    VMAGENT,
    ensure,
    ensure_mysql,
)

FRONTEND = ROOT / "frontend"
HAS_SCREEN = (FRONTEND / "package.json").exists()
PARTS = 8
"""Into so many the nightly tests are divided."""


def _part() -> str:
    """Return which part of the nightly tests belongs to this commit. Without git none does."""
    done = subprocess.run(["git", "rev-list", "--count", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return "none" if done.returncode else str(int(done.stdout) % PARTS)


def _on(workers: int) -> list[str]:
    # A file's tests share what they set up; in this order the long ones come first.
    return ["-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder", "--max-worker-restart=0"]


def _python_steps() -> list[Step]:
    return [
        Step("lint", ["ruff", "check"]),
        Step("format", ["ruff", "format", "--check"]),
        Step("types", ["mypy"]),
        Step("import contracts", ["lint-imports", "--no-cache"]),
    ]


def _unit_steps(nightly: str) -> list[Step]:
    return [Step("unit tests", ["pytest", "tests/unit", "tests/budget", f"--nightly={nightly}", *_on(2)])]


def _screen_steps() -> list[Step]:
    return [
        Step("screen: packages", ["scripts/packages"]),
        _npm("lint", "run", "lint"),
        _npm("types", "run", "typecheck"),
        _npm("tests", "run", "test"),
    ]


def _integration_steps(nightly: str) -> list[Step]:
    # These open the built screen in a browser, hence not earlier.
    tests, alone, cluster = "tests/integration", "tests/integration/alone", "tests/integration/cluster"
    chosen = f"--nightly={nightly}"
    return [
        Step("integration tests, alone", ["pytest", alone, chosen]),
        Step("integration tests", ["pytest", tests, f"--ignore={alone}", f"--ignore={cluster}", chosen, *_on(3)]),
        # Homebrew's MariaDB comes without Galera.
        *([Step("integration tests, cluster", ["pytest", cluster, chosen])] if sys.platform == "linux" else []),
    ]


def _npm(name: str, *arguments: str) -> Step:
    return Step(f"screen: {name}", ["npm", *arguments], FRONTEND)


def _install() -> None:
    """What integration tests need."""
    on_linux = (
        [SYSTEMD, DBUS, FAKETIME, GALERA, HAPROXY, PODMAN, MMDEBSTRAP, COMPOSE, RPM, SSH]
        if sys.platform == "linux"
        else []
    )
    ensure(
        [MARIADB, NGINX, VICTORIA, VMAGENT, PROMETHEUS, NODE_EXPORTER, *on_linux, *([CHROMIUM] if HAS_SCREEN else [])]
    )
    ensure_mysql()


def _check(run: Run, which: str) -> None:
    """Run the steps of `quick`, `test` or `nightly` until one fails."""
    screen = _screen_steps() if HAS_SCREEN else []
    if which == "quick":
        run.lanes(_python_steps(), _unit_steps("none"), screen)
        return
    nightly = "all" if which == "nightly" else _part()
    run.lanes(
        [*_python_steps(), *_unit_steps(nightly)], [*screen, *([_npm("build", "run", "build")] if screen else [])]
    )
    if not run.failed:
        run.lanes(_integration_steps(nightly))


def main() -> int:
    """Run all steps; the exit code is that of the first that failed."""
    which = sys.argv[1] if len(sys.argv) > 1 else "test"
    if which != "quick":
        _install()
    # Else each program that a test starts compiles the product anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    started = time.monotonic()
    run = Run()
    try:
        _check(run, which)
    except KeyboardInterrupt:
        return 130
    if run.failed:
        print(f"\nmonitor: {run.failed.name} failed", flush=True)
        return run.code
    print("\n=== how long it took")
    for step in run.done:
        print(step.report())
    print(f"{time.monotonic() - started:7.1f} s  in all")
    print("\nmonitor: all is well", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
