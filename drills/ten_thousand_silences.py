"""10,000 silences on a fleet of 2,000 servers, while users read."""

import time
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

from drills.databases import on_both, server_on, store_of
from drills.drill import Drill, Outcome
from drills.steady_agent import longest, steady_agent
from monitor.domain.accounts.actors import UserId
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.policies.policies import Scope
from monitor.domain.policies.silences import Silence
from monitor.domain.recurrence import Recurrence
from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, wait_for

SERVERS = 2_000
OWN = 50
SILENCES = 10_000
PASSWORD = "another horse, another battery"  # noqa: S105 (of a server that lives for a minute)
LOOKED_AT = (
    "/api/silences",
    "/api/silences?limit=50",
    "/api/servers",
    "/api/servers?limit=50",
    "/api/alerts",
    "/api/alerts?state=pending",
    "/api/alert-policies",
    "/api/alerts/coverage",
    "/api/monitor/stats",
)
SLOWEST = 3.0
LONGEST_WAIT = 3.0


def _on(database: str, place: Path) -> Outcome:
    with server_on(database, place) as server, server.admin() as admin, server.client() as bob:
        user_id = admin.make_user("bob", PASSWORD)
        bob.log_in("bob", PASSWORD)
        _fill(server, UserId(user_id))
        wait_for(lambda: len(bob.get("/api/silences?limit=50").data) == 50, "the silences")
        with steady_agent(server, admin) as waits:
            asked = [(_seconds(who, path), name, path) for path in LOOKED_AT for name, who in _people(admin, bob)]
            made = _seconds(bob, "/api/silences", {"scope": {"server_id": 1}, "ends_at": "2100-01-01 00:00:00"})
    slowest, name, path = max(asked)
    figures = f"{database}: the slowest of {len(asked)} reads, {path} for {name}, took {slowest:.2f} s"
    held = slowest < SLOWEST and max(waits) < LONGEST_WAIT
    return Outcome(held=held, seen=f"{figures}, one more silence {made:.3f} s, {longest(waits)}")


def _people(admin: Client, bob: Client) -> list[tuple[str, Client]]:
    return [("an administrator", admin), ("a user", bob)]


def _seconds(who: Client, path: str, body: object = None) -> float:
    began = time.monotonic()
    _ = (who.get(path) if body is None else who.post(path, body)).data  # raises unless it is a success
    return time.monotonic() - began


def _fill(server: Process, bob: UserId) -> None:
    """Store servers and silences: a quarter each for everything, for tags, for servers, and recurring."""
    now = datetime.now(UTC).replace(microsecond=0)
    nightly = Recurrence(
        weekdays=frozenset({1, 5}), starts=clock_time(22), lasts=timedelta(hours=9), zone="Asia/Shanghai"
    )
    with store_of(server) as store, store.unit_of_work(lambda: None) as uow:
        ids: list[ServerId] = []
        for number in range(SERVERS):
            users = frozenset({bob} if number < OWN else ())
            address, tags = f"10.0.{number // 250}.{number % 250 + 1}", frozenset({f"rack {number % 20}"})
            host = Server(name=f"s{number}", ip_address=address, created_at=now, tags=tags, user_ids=users)
            ids.append(uow.servers.add(host).id)
        for number in range(SILENCES):
            own = Scope(server_id=ids[number % OWN])
            scope = (Scope(), Scope(tag=f"rack {number % 20}"), own, own)[number % 4]
            until = now + timedelta(hours=1, seconds=number)
            uow.silences.add(
                Silence(
                    scope=scope,
                    starts_at=now - timedelta(hours=1),
                    ends_at=until,
                    reason="a drill",
                    created_at=now,
                    recurrence=nightly if number % 4 == 3 else None,
                )
            )
        uow.commit()


DRILL = Drill(attack="10,000 silences on 2,000 servers, and users read", run=on_both(_on))
