"""Large fleets: start, memory, what a change costs the intake, statistics, ordered lists, and the search for
hosts that went offline."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

from bench.database import connected
from bench.figures import Figure, Result, count, milliseconds
from bench.gets import ask
from bench.paced import live
from bench.past import core
from bench.stage import Stage
from bench.targets.product import Product
from monitor.application.alerts.offline import DetectOffline

SIZES = (10_000, 50_000, 100_000)
RATE = 200
"""Samples a second meanwhile."""
CHANGES = 20
# As `address` in `targets.product` numbers them.
_SERVERS = """INSERT INTO servers (server_name, ip_address, port, status, created_at)
SELECT CONCAT('srv', seq), CONCAT_WS('.', 10, seq >> 16 & 255, seq >> 8 & 255, seq & 255), 22, 'online', NOW(6)
FROM seq_0_to_{last}"""
_SAMPLES = """INSERT INTO monitor_data
(server_id, ip_address, cpu_value, memory_value, disk_value, recorded_at, received_at, report_interval)
SELECT id, ip_address, 12.5, 42.25, 61, NOW(6), NOW(6), 3600 FROM servers"""


def measure(stage: Stage) -> Result:
    """Measure on MariaDB, with one newest sample of each server."""
    figures: list[Figure] = []
    rounds: dict[str, list[dict[str, Any]]] = {}
    for servers in SIZES:
        url = stage.mariadb.url(stage.mariadb.create_database())
        product = filled(stage, servers, url)
        runs = [_run(product, stage.seconds) for _ in range(stage.rounds)]
        product.program.stop()
        offline = _offline_pass(url, stage.directory)
        rounds[f"{servers} servers"] = [{"start": product.started_after, "offline": offline, **run} for run in runs]
        figures += [
            *_figures(servers, product.started_after, runs),
            _of_lists(servers, runs),
            _of_offline(servers, offline),
        ]
    return Result(figures=figures, rounds=rounds)


def filled(stage: Stage, servers: int, url: str | None = None) -> Product:
    """Return the product, started again on a database with *servers*. *url*: of an empty one."""
    url = url or stage.mariadb.url(stage.mariadb.create_database())
    empty = stage.product(0, url)
    empty.key = empty.call("POST", "/api/api-keys", json={"name": "bench", "server_id": None})["key"]
    empty.program.stop()
    with closing(connected(url)) as connection, connection.cursor() as cursor:
        cursor.execute(_SERVERS.format(last=servers - 1))
        cursor.execute(_SAMPLES)
        cursor.execute("UPDATE fleet_revision SET revision = revision + 1")
    again = stage.product_again(empty, url)
    again.servers = servers
    return again


def _run(product: Product, seconds: float) -> dict[str, Any]:
    product.log_in()
    with ThreadPoolExecutor(1) as pool:
        quiet = pool.submit(_live, product, seconds).result()
        during = pool.submit(_live, product, seconds)
        changes = [_change(product, number, seconds / CHANGES) for number in range(CHANGES)]
        disturbed = during.result()
    asked = {name: ask(product.port, [path], product.headers, 1)["p50"] for name, path in PATHS.items()}
    return {
        "change": 1000 * median(changes),
        "slowest quiet": quiet["slowest"],
        "slowest": disturbed["slowest"],
        "p99 quiet": quiet["p99"],
        "p99": disturbed["p99"],
        "resident": product.program.resident(),
        "new list": _new_list(product),
        **asked,
    }


PATHS = {
    "stats": "/api/monitor/stats",
    "counts": "/api/monitor/stats?summary=true",
    "page": "/api/monitor/stats?limit=100",
    "list by name": "/api/servers/ordered",
    "list by cpu": "/api/servers/ordered?sort=-cpu",
}
WORDS = ("srv", "sr", "rv", "10.", ".")
"""Each is in the name or address of every server."""


def _new_list(product: Product) -> float:
    """Return the median milliseconds of the first pages of lists that are not in the server's memory yet."""
    paths = (f"/api/servers/ordered?sort=-cpu&q={word}" for word in WORDS)
    return median([float(ask(product.port, [path], product.headers, 0)["slowest"]) for path in paths])


def _offline_pass(url: str, directory: Path) -> float:
    """Return the milliseconds of a search for hosts that went offline, where there is none."""
    with core(url, directory) as container:
        detect = container.get(DetectOffline)
        detect()  # this one also reads the alert states
        began = time.perf_counter()
        detect()
        return 1000 * (time.perf_counter() - began)


def _live(product: Product, seconds: float) -> dict[str, Any]:
    return live(product, servers=product.servers, interval=product.servers / RATE, seconds=seconds)


def _change(product: Product, number: int, pause: float) -> float:
    """Change a server, and return how long that took."""
    began = time.perf_counter()
    product.call("PUT", f"/api/servers/{number + 1}", json={"port": 1000 + number})
    spent = time.perf_counter() - began
    time.sleep(max(0.0, pause - spent))
    return spent


def _figures(servers: int, started_after: float, runs: list[dict[str, Any]]) -> list[Figure]:
    change, waits = median(run["change"] for run in runs), max(run["slowest"] for run in runs)
    quiet, p99 = max(run["slowest quiet"] for run in runs), median(run["p99"] for run in runs)
    resident = max(run["resident"] for run in runs)
    stats, counts, page = (median(run[name] for run in runs) for name in ("stats", "counts", "page"))
    name = f"{count(servers)} servers"
    return [
        Figure(
            what=f"{name}: start to the first answer",
            goal="≤ 10 s",
            measured=f"{started_after:.1f} s",
            beside=f"memory {resident:.0f} MB = {1000 * resident / servers:.1f} kB a server",
            met=started_after <= 10,
        ),
        Figure(
            what=f"{name}: slowest of {RATE} samples/s during {CHANGES} changes",
            goal="≤ 50 ms more than without",
            measured=f"{milliseconds(waits)} (p99 {milliseconds(p99)})",
            beside=f"without changes {milliseconds(quiet)}; a change is answered after {milliseconds(change)}",
            met=waits - quiet <= 50,
        ),
        Figure(
            what=f"{name}: the counts of the fleet",
            goal="≤ 10 ms",
            measured=milliseconds(counts),
            beside=f"100 servers {milliseconds(page)}, all {milliseconds(stats)}",
            met=counts <= 10,
        ),
    ]


def _of_lists(servers: int, runs: list[dict[str, Any]]) -> Figure:
    new, by_name, by_cpu = (median(run[name] for run in runs) for name in ("new list", "list by name", "list by cpu"))
    return Figure(
        what=f"{count(servers)} servers: the first page of a list by CPU, at its first search",
        goal="≤ 500 ms",
        measured=milliseconds(new),
        beside=f"asked again {milliseconds(by_cpu)}, by name {milliseconds(by_name)}",
        met=new <= 500,
    )


def _of_offline(servers: int, offline: float) -> Figure:
    return Figure(
        what=f"{count(servers)} servers: a search for hosts that went offline",
        goal="≤ 100 ms",
        measured=milliseconds(offline),
        beside="where there is none; once a second, on a thread of its own",
        met=offline <= 100,
    )
