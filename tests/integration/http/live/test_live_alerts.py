"""The live stream's event `alerts`: what fired, changed its level, or ended."""

from functools import partial
from typing import Any

from monitor.application.alerts.evaluating.alerting import Alerting
from monitor.application.alerts.maintenance import AlertMaintenance
from monitor.application.alerts.offline import DetectOffline
from monitor.application.incidents.grouping import GroupAlerts
from monitor.application.policies.policies import EnsureDefaultPolicies
from tests.integration.http.alerts.alarms import AT_ONCE, Host, data, host, policy
from tests.integration.http.served import Events, Served, wait_until
from tests.integration.http.world import World, agent, report


def over_the_socket(served: Served, host: Host, cpu: float) -> None:
    served.world.later(seconds=1)
    assert (
        200 == served.send("POST", "/api/monitor/data", agent(host.key), json=report(cpu=cpu, interval=15)).status_code
    )


def watched(served: Served, ip_address: str, *people: Any) -> Host:
    server_id = served.world.server(ip_address, *people)
    return Host(world=served.world, id=server_id, key=served.world.server_key(server_id))


def is_cpu(value: float, rows: Any) -> bool:
    return bool(rows[0]["cpu_value"] == value)


def make_policy(served: Served) -> int:
    return int(data(served.send("POST", "/api/alert-policies", served.world.admin, json=AT_ONCE))["id"])


def news(events: Events) -> list[dict[str, Any]]:
    found, _ = events.until("alerts")
    rows: list[dict[str, Any]] = found
    return rows


def peak(level: str, value: float, second: int) -> dict[str, Any]:
    return {"peak_level": level, "peak_value": value, "peak_at": f"2030-01-01 12:00:0{second}"}


def test_each_change_is_sent(served: Served) -> None:
    policy_id, web = make_policy(served), watched(served, "192.0.2.1")
    with served.stream(served.world.admin) as events:
        events.until("servers")
        row = {"id": 1, "server_id": web.id, "check_id": None, "check_in_id": None, "metric": "cpu"}
        row["incident_id"] = None
        warning, critical = peak("warning", 72, 1), peak("critical", 90, 2)
        for cpu, state, worst in ((72, "firing", warning), (90, "firing", critical), (10, "resolved", critical)):
            over_the_socket(served, web, cpu)
            assert [row | {"level": worst["peak_level"], "state": state, "value": cpu, **worst}] == news(events)
        over_the_socket(served, web, 75)
        row |= {"id": 2, "level": "warning", "value": 75, **peak("warning", 75, 4)}
        assert [row | {"state": "firing"}] == news(events)
        served.send("DELETE", f"/api/alert-policies/{policy_id}", served.world.admin)
        served.world.container.get(AlertMaintenance)()
        assert [row | {"state": "cancelled"}] == news(events)


def test_it_is_sent_again_with_its_incident(served: Served) -> None:
    make_policy(served)
    group = served.world.container.get(GroupAlerts)
    web = watched(served, "192.0.2.1")
    with served.stream(served.world.admin) as events:
        events.until("servers")
        over_the_socket(served, web, 72)
        assert [None] == [row["incident_id"] for row in news(events)]
        group()
        served.world.later(seconds=10)
        group()
        group()
        assert [(1, "firing")] == [(row["incident_id"], row["state"]) for row in news(events)]


def test_an_unchanged_alert_is_not_sent(served: Served) -> None:
    make_policy(served)
    web = watched(served, "192.0.2.1")
    with served.stream(served.world.admin) as events:
        events.until("servers")
        for cpu in (72, 73, 74, 10):
            over_the_socket(served, web, cpu)
            events.until("samples", partial(is_cpu, cpu))
        sent, _ = events.until("alerts", lambda rows: rows[0]["state"] == "resolved")
        assert [1] == [row["id"] for row in sent]


def test_users_get_alerts_of_linked_servers_only(served: Served) -> None:
    make_policy(served)
    bob = served.world.person("bob")
    own, hidden = watched(served, "192.0.2.1", bob), watched(served, "192.0.2.2")
    with served.stream(bob) as events:
        events.until("servers")
        for cpu in (72, 90, 10):
            over_the_socket(served, hidden, cpu)
            over_the_socket(served, own, cpu)
            assert {own.id} == {row["server_id"] for row in news(events)}


def test_an_offline_host_is_sent(served: Served) -> None:
    served.world.container.get(EnsureDefaultPolicies)()
    web = watched(served, "192.0.2.1")
    with served.stream(served.world.admin) as events:
        events.until("servers")
        over_the_socket(served, web, 10)
        events.until("samples", partial(is_cpu, 10))
        served.world.later(seconds=91)
        served.world.container.get(DetectOffline)()
        assert [("offline", "critical", "firing")] == [(r["metric"], r["level"], r["state"]) for r in news(events)]


def test_without_readers_nothing_is_kept(world: World) -> None:
    policy(world)
    host(world, "192.0.2.1").reports(90)
    changes = world.container.get(Alerting).states.changes

    def is_forgotten() -> bool:
        world.send("GET", "/healthz")  # time passes for the hub only while somebody waits for an answer
        return not changes

    wait_until(is_forgotten)
