"""Pings of ten thousand check-ins, as `curl` sends them: each on a connection of its own."""

import time
from collections.abc import Iterator
from contextlib import closing
from itertools import cycle
from typing import Any

from bench import paced, past
from bench.database import connected
from bench.figures import Figure, Result, count, measured, middle, milliseconds
from bench.parts.rounds import WARM_UP
from bench.stage import Stage
from bench.targets.product import Product
from monitor.application.checks.check_ins import CreateCheckIn
from monitor.domain.checks.check_ins import MOST_CHECK_INS, CheckIn

PERIOD, GRACE = 300, 600
LEAST_SECONDS = 20.0
MOST = 10
"""Milliseconds, p99."""
_STEP = 7919
"""A prime number: neighbours in the table do not ping one after another."""


def measure(stage: Stage) -> Result:
    """Measure on MariaDB, at the pace at which all of them ping."""
    url = stage.mariadb.url(stage.mariadb.create_database())
    paths = _created(stage, url)
    product = stage.product(0, url)
    pings = cycle(paths[number * _STEP % len(paths)] for number in range(len(paths)))
    runs, sent = list[dict[str, Any]](), _pinged(product, pings, WARM_UP)["requests"]
    for number in range(stage.rounds):
        run = _pinged(product, pings, max(stage.seconds, LEAST_SECONDS))
        runs.append(run)
        sent += run["requests"]
        print(f"bench:   round {number + 1}: {run['rate']:,.0f}/s, p99 {run['p99']:.1f} ms", flush=True)
    stored = _stored(url)
    if stored != sent:
        raise RuntimeError(f"{sent} pings were answered, and {stored} stored")
    found = middle(runs, "p99")
    figure = Figure(
        what=f"pings of {count(MOST_CHECK_INS)} check-ins, every {PERIOD} s each: p99",
        goal=f"≤ {MOST} ms",
        measured=milliseconds(found),
        beside=f"half of them within {milliseconds(middle(runs, 'p50'))}; all {count(sent)} answered ones are stored",
        met=found <= MOST,
    )
    return Result(figures=[figure], rounds={"pings": runs})


def _created(stage: Stage, url: str) -> list[str]:
    """Create the check-ins, and return the paths of their pings."""
    with past.core(url, stage.directory) as container:
        actor, now, create = past.administrator(container), container.clock.now(), container.get(CreateCheckIn)
        return [
            f"/ping/{create(actor, CheckIn(name=f'job {number}', period=PERIOD, grace=GRACE, created_at=now)).ping_key}"
            for number in range(MOST_CHECK_INS)
        ]


def _pinged(product: Product, paths: Iterator[str], seconds: float) -> dict[str, Any]:
    each, headers = PERIOD / MOST_CHECK_INS, {"Connection": "close"}
    requests = (paced.Request(next(paths), b"412 rows", headers) for _ in range(round(seconds / each)))
    began = time.perf_counter()
    latencies = paced.sent(product.port, requests, each)
    return measured(latencies, time.perf_counter() - began)


def _stored(url: str) -> int:
    with closing(connected(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM check_in_pings")
        (found,) = cursor.fetchone() or ()
        return int(found)
