"""Intake while a day of a large fleet is sealed."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from bench import paced
from bench.copies import without_indexes
from bench.database import connected, write_out
from bench.figures import Result, count
from bench.parts.rounds import in_turn, rate_beside, slowdown
from bench.stage import Stage
from bench.targets.product import Product
from monitor.application.history.sealing import LEASE_NAME

SERVERS, INTERVAL = 1000, 15
HOURS = 24
START_SECONDS = 60.0
LEAST_SECONDS = 10.0
"""Seconds of a round: several hundred samples, enough for a p99."""
_INDEXES = {
    "uq_monitor_data_server_id_recorded_at": "UNIQUE KEY {} (server_id, recorded_at)",
    "ix_monitor_data_recorded_at_server_id": "KEY {} (recorded_at, server_id)",
}
# In order of time, as samples arrive: rows of one server, which sealing deletes together, then lie far apart.
_AN_HOUR = """INSERT INTO monitor_data
(server_id, ip_address, cpu_value, memory_value, disk_value, recorded_at, received_at, extra, report_interval)
SELECT id, ip_address, ROUND(20 + 20 * RAND(), 2), ROUND(50 + RAND(), 2), 41.5,
    %(begin)s + INTERVAL seq * 15 SECOND + INTERVAL id * 14000 + FLOOR(32000 * RAND()) MICROSECOND, %(begin)s,
    CONCAT('{"load1":', ROUND(RAND(), 2), ',"swap":0.0,"net_rx":', FLOOR(1e6 * RAND()), ',"net_tx":',
        FLOOR(1e6 * RAND()), ',"disk:/":41.5,"disk:/var":33.1,"uptime":', seq * 15, '}'), 15
FROM seq_0_to_239 STRAIGHT_JOIN servers ORDER BY seq, id"""


def measure(stage: Stage) -> Result:
    """Measure on MariaDB. The server's background job seals, except while it is blocked."""
    url = stage.mariadb.url(stage.mariadb.create_database())
    product = stage.product(SERVERS, url)
    product.program.stop()
    fill(url, HOURS)
    product = stage.product_again(product, url)
    _wait_until_it_seals(url)
    _live(product, 2 * INTERVAL)  # after two days without reports each host's first sample resolves an alert
    loads = {"while a day is sealed": partial(_beside, product, url), "without": partial(_alone, product, url)}
    runs = in_turn(stage.rounds, loads, max(stage.seconds, LEAST_SECONDS))
    what = f"{count(SERVERS)} servers at {INTERVAL} s while a full day of them is sealed: p99 of a sample"
    note = f"{count(rate_beside(runs, 'sealed'))} samples a second were sealed"
    return Result(figures=[slowdown(runs, what, note)], rounds=runs)


def _beside(product: Product, url: str, *, seconds: float) -> dict[str, Any]:
    before = sealed(url)
    return _live(product, seconds) | {"sealed": sealed(url) - before}


def _alone(product: Product, url: str, *, seconds: float) -> dict[str, Any]:
    with _blocked(url):
        return _live(product, seconds)


def _wait_until_it_seals(url: str) -> None:
    """Raises RuntimeError after START_SECONDS."""
    give_up = time.monotonic() + START_SECONDS
    while not sealed(url):
        if time.monotonic() > give_up:
            raise RuntimeError("nothing is sealed")
        time.sleep(0.1)


def _live(product: Product, seconds: float) -> dict[str, Any]:
    return paced.live(product, servers=SERVERS, interval=INTERVAL, seconds=seconds)


def sealed(url: str) -> int:
    with closing(connected(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(SUM(samples), 0) FROM history_chunks")
        row = cursor.fetchone()
        return int(row[0]) if row else 0


@contextmanager
def _blocked(url: str) -> Iterator[None]:
    """Block the background job by a lock on its lease's row, which nothing else needs."""
    with closing(connected(url)) as connection, connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT * FROM leases WHERE name = %s FOR UPDATE", LEASE_NAME)
        yield
        connection.rollback()


def fill(url: str, hours: int) -> None:
    """Store *hours* that ended two days ago, 240 samples of each of SERVERS an hour."""
    begin = (datetime.now(UTC) - timedelta(days=2, hours=hours + 1)).replace(minute=0, second=0, microsecond=0)
    with closing(connected(url)) as connection, connection.cursor() as cursor:
        with without_indexes(cursor, "monitor_data", _INDEXES):
            for hour in range(hours):
                cursor.execute(_AN_HOUR, {"begin": (begin + timedelta(hours=hour)).strftime("%Y-%m-%d %H:%M:%S")})
        # Else the next process waits until the leases of the previous one expire.
        cursor.execute("DELETE FROM leases")
        write_out(cursor)
