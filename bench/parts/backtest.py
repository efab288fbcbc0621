"""Backtests of a month with the whole sweep: of one host, and of a fleet."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bench import copies, past
from bench.figures import Figure, Result, count, middle
from bench.stage import Stage
from bench.targets.product import Product
from monitor.domain.history.rollups import HOUR
from monitor.domain.times import microseconds

SERVERS, COPIES = 20, 49
DAYS = 30
PATH = "/api/alert-policies/backtest"
POLICIES: Mapping[str, dict[str, Any]] = {
    "CPU": {"metric": "cpu", "warning": 70, "critical": 85},
    "disk": {"metric": "disk", "warning": 85, "critical": 95},
}
MOST_SECONDS, MOST_OF_ONE, MOST_MEGABYTES = 60, 1, 300


def measure(stage: Stage) -> Result:
    """Measure on MariaDB, through the API. All hours but the last are sealed, and those of two days are rows too."""
    url = stage.mariadb.url(stage.mariadb.create_database())
    past.simulate(stage, url, servers=SERVERS, days=DAYS)
    with past.core(url, stage.directory) as container:
        past.seal(container)
        host = past.servers_of(container)[0].id
    copies.copy_product(url, SERVERS, COPIES, microseconds(datetime.now(UTC) - timedelta(days=DAYS)) // HOUR)
    product, whole = stage.product(0, url), SERVERS * (1 + COPIES)
    figures, runs = [], {}
    for name, policy in POLICIES.items():
        product.log_in()
        one = runs[f"{name}, one host"] = [
            _at_once(product, {**policy, "scope": {"server_id": host}}) for _ in range(3)
        ]
        fleet = runs[f"{name}, {count(whole)} hosts"] = [_as_job(product, policy)]
        print(f"bench:   {name}: {middle(one, 'seconds'):.2f} s, {fleet[0]['seconds']:.0f} s of the fleet", flush=True)
        what = f"backtest of {DAYS} days with the whole sweep, {name}"
        figures += [
            _figure(f"{what}: one host", one, "seconds", MOST_OF_ONE, "s"),
            _figure(f"{what}: {count(whole)} hosts", fleet, "seconds", MOST_SECONDS, "s"),
            _figure("the same: memory of the process at most", fleet, "megabytes", MOST_MEGABYTES, "MB"),
        ]
    return Result(figures=figures, rounds=runs)


def _at_once(product: Product, policy: dict[str, Any]) -> dict[str, float]:
    began = time.perf_counter()
    found = product.call("POST", PATH, json={"policy": policy, "days": DAYS})
    return {"seconds": time.perf_counter() - began, "alerts": found["total"]}


def _as_job(product: Product, policy: dict[str, Any]) -> dict[str, float]:
    began, megabytes, progress = time.perf_counter(), 0.0, 0.0
    job_id = product.call("POST", PATH, json={"policy": policy, "days": DAYS})["job_id"]
    while progress < 1:
        time.sleep(0.5)
        job = product.call("GET", f"{PATH}/{job_id}")
        if job["error"] is not None:
            raise RuntimeError(job["error"])
        progress, megabytes = job["progress"], max(megabytes, product.program.resident())
    return {"seconds": time.perf_counter() - began, "megabytes": megabytes, "alerts": job["result"]["total"]}


def _figure(what: str, runs: list[dict[str, float]], name: str, most: float, unit: str) -> Figure:
    found = middle(runs, name)
    return Figure(what=what, goal=f"≤ {most} {unit}", measured=f"{found:.3g} {unit}", met=found <= most)
