"""One user creates far more than the quota, on 50 connections at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from drills.databases import MARIADB, SQLITE, server_on
from drills.drill import Drill, Outcome
from tests.integration.cli.client import Client
from tests.integration.cli.running import Process

CONNECTIONS, EACH = 50, 4
LIMIT = 20
PASSWORD = "another horse, another battery"  # noqa: S105 (of a server that lives for a minute)
KINDS = ("servers", "silences", "policies", "keys")
SETTINGS = {f"MONITOR_MAX_{kind.upper()}": str(LIMIT) for kind in KINDS}
BUSY = 503
"""Statuses of requests refused for now, without anything stored."""


def run(place: Path) -> Outcome:
    seen: list[str] = []
    held = True
    for database in (SQLITE, MARIADB):
        with server_on(database, place, **SETTINGS) as server, server.admin() as admin:
            user_id = admin.make_user("bob", PASSWORD)
            host = {"server_name": "bob's", "ip_address": "203.0.113.9", "user_ids": [user_id]}
            server_id = admin.post("/api/servers", host).data["id"]
            for kind in KINDS:
                answers = _storm(server, kind, server_id)
                made, other = answers.count(200), len([each for each in answers if each not in (200, 403, BUSY)])
                held = held and made == LIMIT and not other
                seen.append(f"{database}: {made} {kind} of {len(answers)} requested")
    return Outcome(held=held, seen=f"at most {LIMIT} each; {', '.join(seen)}")


def _storm(server: Process, kind: str, server_id: int) -> list[int]:
    """Return the statuses of all responses."""
    with server.client() as bob:
        bob.log_in("bob", PASSWORD)
        token = bob.token or ""

    def create(connection: int) -> list[int]:
        with server.client() as client:
            client.use(token)
            return [CREATE[kind](client, server_id, connection * EACH + number) for number in range(EACH)]

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return [status for statuses in pool.map(create, range(CONNECTIONS)) for status in statuses]


def _post(path: str, body: Callable[[int, int], dict[str, Any]]) -> Callable[[Client, int, int], int]:
    return lambda client, server_id, number: client.post(path, body(server_id, number)).status


CREATE = {
    "servers": _post("/api/servers", lambda _, n: {"server_name": f"s{n}", "ip_address": f"10.1.{n // 250}.{n % 250}"}),
    "silences": _post("/api/silences", lambda s, _: {"scope": {"server_id": s}, "ends_at": "2100-01-01 00:00:00"}),
    "policies": _post(
        "/api/alert-policies", lambda s, n: {"metric": f"m{n}", "critical": 1, "scope": {"server_id": s}}
    ),
    "keys": _post("/api/api-keys", lambda s, n: {"name": f"key {n}", "server_id": s}),
}
"""By kind: a function that creates one, and returns the status of the response."""

DRILL = Drill(attack="50 connections of one user create more than is allowed", run=run)
