"""Live samples while the server runs two thousand checks a minute, some of which hang."""

import sys
import time
from datetime import UTC, datetime
from typing import Any

from bench import paced
from bench.figures import Figure, Result, count
from bench.parts.rounds import WARM_UP, slowdown
from bench.stage import Stage
from bench.targets.product import Product

SERVERS, INTERVAL = 1000, 15
CHECKS = {"http": 1400, "https": 400, "tcp": 100, "hanging": 100}
EVERY = 60
LEAST_SECONDS = 20.0


def measure(stage: Stage) -> Result:
    """Measure on MariaDB: live samples alone, then beside the checks."""
    product = stage.product(SERVERS)
    seconds = max(stage.seconds, LEAST_SECONDS)
    alone = _rounds(product, stage.rounds, seconds)
    _create(product, _targets(stage))
    # The first runs and alerts come at once. Hosts go on reporting: else all would be offline, and come back later.
    product.log_in()
    paced.live(product, servers=SERVERS, interval=INTERVAL, seconds=EVERY * 2.5)
    runs = {"beside checks": _rounds(product, stage.rounds, seconds), "live samples alone": alone}
    oldest = max(_ages(product))
    total = sum(CHECKS.values())
    what = f"{count(SERVERS)} servers at {INTERVAL} s beside {count(total)} checks at {EVERY} s: p99 of a sample"
    spent = [sum(run["cpu"] for run in held) / len(held) / seconds for held in runs.values()]
    note = f"{spent[0]:.2f} of a core, without {spent[1]:.2f}; {CHECKS['hanging']} of the checks hang"
    late = Figure(
        what=f"oldest result of {count(total)} checks at {EVERY} s",
        goal=f"≤ {EVERY + 15} s",
        measured=f"{oldest:.0f} s",
        met=oldest <= EVERY + 15,
    )
    return Result(figures=[slowdown(runs, what, note), late], rounds=runs)


def _rounds(product: Product, rounds: int, seconds: float) -> list[dict[str, Any]]:
    product.log_in()
    paced.live(product, servers=SERVERS, interval=INTERVAL, seconds=WARM_UP)
    found = []
    for number in range(rounds):
        before = product.program.cpu_seconds()
        run = paced.live(product, servers=SERVERS, interval=INTERVAL, seconds=seconds)
        found.append(run | {"cpu": product.program.cpu_seconds() - before})
        print(f"bench:   round {number + 1}: {run['rate']:,.0f}/s, p99 {run['p99']:.1f} ms", flush=True)
    return found


def _targets(stage: Stage) -> dict[str, dict[str, Any]]:
    """Start the targets, and return what a check of each sort has."""
    program = stage.program([sys.executable, "-m", "bench.targets.checked", str(stage.directory)], "targets")
    program.wait_until(lambda: program.log.read_text().endswith("\n"))
    plain, secure, silent = program.log.read_text().split()
    return {
        "http": {"kind": "http", "target": f"http://127.0.0.1:{plain}/", "expect": {"text": "all is well"}},
        "https": {"kind": "http", "target": f"https://127.0.0.1:{secure}/"},
        "tcp": {"kind": "tcp", "target": f"127.0.0.1:{plain}"},
        "hanging": {"kind": "tcp", "target": f"127.0.0.1:{silent}"},
    }


def _create(product: Product, targets: dict[str, dict[str, Any]]) -> None:
    for sort, number in CHECKS.items():
        for each in range(number):
            body = {"name": f"{sort} {each}", "interval": EVERY, **targets[sort]}
            product.call("POST", "/api/checks", json=body)


def _ages(product: Product) -> list[float]:
    """Return the seconds since each check's last run began, or since long ago."""
    product.log_in()
    now = time.time()
    return [now - _seconds(each["last"]["at"]) if each["last"] else now for each in product.call("GET", "/api/checks")]


def _seconds(written: str) -> float:
    return datetime.fromisoformat(written).replace(tzinfo=UTC).timestamp()
