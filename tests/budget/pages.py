"""Each list of the API that has pages, and an installation with enough of everything for its longest page."""

from dataclasses import replace

from monitor.application.intake.store_samples import StoreSamples
from monitor.domain.accounts.audit import AuditEntry
from monitor.domain.alerts.alert import EventKind
from monitor.domain.checks import kinds
from monitor.domain.checks.check_ins import CheckIn, Ping, PingKind
from monitor.domain.checks.checks import Check
from monitor.domain.fleet.servers import AgentInfo, Kind
from monitor.domain.incidents.incidents import Incident
from monitor.domain.notifications.outbox import DeliveryState, Target
from monitor.domain.policies.policies import Policy, Scope
from tests.contracts.builders import (
    a_host,
    a_key,
    a_notification,
    a_sample,
    a_server,
    a_silence,
    a_team,
    a_timeline_entry,
    a_token,
    a_user,
    an_alert,
)
from tests.integration.http.alerts.alarms import data
from tests.integration.http.world import World

FEW, MANY = 10, 100
MORE = MANY + 5
Ids = dict[str, int]
"""By the names that paths have for them: of a check-in with many pings, and an incident with many events."""

PATHS = (
    "/api/agent/old",
    "/api/alert-policies",
    "/api/alerts",
    "/api/alerts/noise",
    "/api/api-keys",
    "/api/audit",
    "/api/check-ins",
    "/api/check-ins/{check_in_id}/pings",
    "/api/checks",
    "/api/incidents",
    "/api/incidents/{incident_id}/timeline",
    "/api/monitor/data",
    "/api/monitor/stats",
    "/api/notifications",
    "/api/servers",
    "/api/servers/filling",
    "/api/servers/ordered",
    "/api/servers/unregistered",
    "/api/silences",
    "/api/teams",
    "/api/tokens",
    "/api/users",
    "/api/users/options",
)

CUT = "GET /api/incidents, a page that 21,000 alerts cut short"

WITHOUT_ROWS = ("/api/servers/filling",)
"""Computed in advance, from weeks of history that this installation lacks."""


def longest(path: str) -> int:
    return 50 if path.endswith("noise") else MANY


def work(path: str) -> str:
    return f"GET {path}, a page"


def asked(world: World, path: str, ids: Ids, limit: int) -> None:
    """Ask for a page of *limit* rows."""
    answer = data(world.send("GET", path.format(**ids), world.admin, params={"limit": limit}))
    rows = {"/api/servers/ordered": "servers", "/api/monitor/stats": "latest_data"}.get(path)
    assert path in WITHOUT_ROWS or limit == len(answer[rows] if rows else answer)


def fill_with_outages(world: World) -> None:
    """Store incidents of 9,000, 12,000 and one alert, oldest first."""
    now = world.clock.now()
    with world.container.uow() as uow:
        server = uow.servers.add(a_server("192.0.2.1"))
        for size in (9000, 12_000, 1):
            metrics = (f"{size}.{n}" for n in range(size))
            found = uow.alerts.add_all([an_alert(server.id, metric=each, fired_at=now) for each in metrics])
            uow.incidents.save([(Incident(started_at=now), [alert.id for alert in found])])
        uow.commit()
    world.container.fleet.refresh()


def fill(world: World) -> Ids:
    """Store MORE of everything."""
    now = world.clock.now()
    with world.container.uow() as uow:
        users = [uow.users.add(a_user(f"user{n}", email=f"u{n}@example.com")) for n in range(MORE)]
        servers, policies = [], []
        for n, user in enumerate(users):
            tags = frozenset({f"t{n}"})
            server = a_server(f"192.0.2.{n + 1}", name=f"host {n}", tags=tags, user_ids=frozenset({user.id}))
            servers.append(uow.servers.add(server))
        for n, (user, server) in enumerate(zip(users, servers, strict=True)):
            of_server = Scope(server_id=server.id)
            team = a_team(f"team {n}", user_ids=frozenset({user.id}), server_ids=frozenset({server.id}))
            uow.teams.add(team)
            uow.api_keys.add(a_key(f"key {n}", server_id=server.id))
            uow.personal_tokens.add(a_token(world.admin.id, f"token {n}"))
            policies.append(uow.alert_policies.add(Policy(metric="cpu", warning=80, scope=of_server)))
            uow.silences.add(a_silence(scope=of_server))
            uow.audit.add(AuditEntry(at=now, action="server.create", target=server.name, user_id=world.admin.id))
            check = Check(name=f"c{n}", kind=kinds.TCP, target=f"192.0.2.{n + 1}:443", created_at=now)
            uow.checks.add(replace(check, host_id=server.id), f"100::{n + 1:x}", now)
            check_in = CheckIn(name=f"job {n}", period=60.0, grace=5.0, created_at=now, ping_key=f"p{n}")
            row = a_server(f"101::{n + 1:x}", name=check_in.name, kind=Kind.CHECK_IN, host_id=server.id)
            check_in = replace(check_in, host_id=server.id, id=uow.servers.add(row).id)
            uow.check_ins.add(check_in)
        pings = [Ping(at=now, kind=PingKind.SUCCESS, address="192.0.2.9", number=n + 1) for n in range(MORE)]
        uow.check_ins.note([(check_in.id, ping) for ping in pings])
        uow.unregistered_hosts.record([a_host(f"198.51.100.{n + 1}") for n in range(MORE)])
        alerts = [
            uow.alerts.add(an_alert(server.id, policy_id=policy.id, fired_at=now, started_at=now))
            for server, policy in zip(servers, policies, strict=True)
        ]
        begun = [Incident(started_at=alert.fired_at) for alert in alerts]
        incident_id, *_ = uow.incidents.save([(each, [alert.id]) for each, alert in zip(begun, alerts, strict=True)])
        events = uow.alerts.add_to_timeline([a_timeline_entry(alert, EventKind.FIRED, at=now) for alert in alerts])
        uow.alerts.add_to_timeline([a_timeline_entry(alerts[0], EventKind.REMINDED, at=now)] * MORE)
        uow.notifications.add(
            [
                a_notification(event, Target(user_id=user.id), server_id=server.id, delivery=DeliveryState.SENT)
                for event, user, server in zip(events, users, servers, strict=True)
            ]
        )
        uow.commit()
    fleet = world.container.fleet
    fleet.refresh()
    for server in servers:
        fleet.note_agent(server.id, AgentInfo("0.0.1", "Debian"))
    world.container.get(StoreSamples)([a_sample(server.id, now) for server in servers])
    world.later(minutes=1)
    return {"check_in_id": check_in.id, "incident_id": incident_id}
