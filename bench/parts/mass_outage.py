"""Intake while a tenth of 5,000 hosts goes offline at once, and the messages that each person receives."""

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from itertools import cycle, islice
from typing import Any

from bench import paced
from bench.database import connected
from bench.figures import Figure, Result, count, measured, milliseconds
from bench.parts.fleet import filled
from bench.stage import Stage
from bench.targets.product import Product, address
from tests.integration.alerts.mail_server import SENDER, MailServer, mail_server

SERVERS, LOST, PEOPLE = 5000, 500, 20
INTERVAL = 15
CONNECTIONS = 128
"""Each host has its own: where all share a few, each delay grows by the requests before it."""
RATE = (SERVERS - LOST) / INTERVAL
"""Samples a second before and during the outage, so that the outage is the only difference."""
BEFORE, DURING = 75.0, 180.0
"""Seconds. Hosts count as offline after 90."""
_FILL = (
    """INSERT INTO users (username, username_key, password, email, created_at)
SELECT CONCAT('person', id), CONCAT('person', id), '-', CONCAT('person', id, '@example.com'), NOW(6)
FROM servers WHERE id <= %(people)s""",
    """INSERT INTO server_users (user_id, server_id)
SELECT users.id, servers.id FROM users CROSS JOIN servers WHERE users.username LIKE 'person%%'""",
    "INSERT INTO server_tags (server_id, tag) SELECT id, 'lost' FROM servers WHERE id <= %(lost)s",
)


def measure(stage: Stage) -> Result:
    """Measure on MariaDB, once: an outage takes minutes."""
    url = stage.mariadb.url(stage.mariadb.create_database())
    product = filled(stage, SERVERS, url)
    product.program.stop()
    with closing(connected(url)) as connection, connection.cursor() as cursor:
        for statement in _FILL:
            cursor.execute(statement, {"people": PEOPLE, "lost": LOST})
    product = stage.product_again(product, url)
    product.log_in()
    with mail_server() as mails:
        form = {"host": "127.0.0.1", "port": mails.port, "security": "none", "sender": SENDER}
        product.call("PUT", "/api/settings/mail", json=form)
        _live(product, range(SERVERS), INTERVAL)  # of new hosts
        last_report = time.monotonic()
        before = _live(product, range(LOST, SERVERS), BEFORE)
        during = _live(product, range(LOST, SERVERS), DURING)
        product.log_in()
        incidents = product.call("GET", "/api/incidents")
        figures = [_of_intake(before, during), _of_messages(mails, incidents, time.monotonic() - last_report)]
    return Result(figures=figures, rounds={"before": [before], "during": [during]})


def _live(product: Product, numbers: Sequence[int], seconds: float) -> dict[str, Any]:
    headers, each = {"X-API-Key": product.key}, seconds / round(RATE * seconds)
    bodies = map(_sample, islice(cycle(numbers), max(len(numbers), round(RATE * seconds))))
    began = time.perf_counter()
    requests = (paced.Request("/api/monitor/data", body, headers) for body in bodies)
    latencies = paced.sent(product.port, requests, each, CONNECTIONS)
    found = measured(latencies, time.perf_counter() - began)
    print(f"bench:   {found['rate']:,.0f}/s, p99 {found['p99']:.1f} ms", flush=True)
    return found


def _sample(server: int) -> str:
    values = '{"cpu_value":12.5,"memory_value":42.25,"disk_value":61}'
    return f'{{"ip_address":"{address(server)}","interval":{INTERVAL},"metrics":{values}}}'


def _of_intake(before: dict[str, Any], during: dict[str, Any]) -> Figure:
    slower = during["p99"] / before["p99"]
    return Figure(
        what=f"{count(SERVERS)} servers at {INTERVAL} s while {LOST} go offline at once: p99 of a sample",
        goal="≤ 3.5× that before",
        measured=f"{milliseconds(during['p99'])} = {slower:.3g}×",
        beside=f"before {milliseconds(before['p99'])}; slowest {milliseconds(during['slowest'])}, before "
        f"{milliseconds(before['slowest'])}",
        met=slower <= 3.5,
    )


def _of_messages(mails: MailServer, incidents: Sequence[dict[str, Any]], seconds: float) -> Figure:
    received = Counter(mail.recipient for mail in mails.mails)
    most, people = max(received.values(), default=0), len(received)
    return Figure(
        what=f"the same: messages a person, {count(seconds)} s after their last samples",
        goal="1",
        measured=str(most),
        beside=f"{people} of {PEOPLE} people received one; {len(incidents)} incidents with "
        f"{', '.join(str(incident['alert_count']) for incident in incidents)} alerts",
        met=most == 1 and people == PEOPLE,
    )
