"""/api/incidents/{id}/timeline and /report, and /api/dependencies/suggestions."""

from datetime import timedelta

from monitor.application.incidents.grouping import GroupAlerts
from monitor.domain.alerts.alert import AlertState
from monitor.domain.fleet.servers import ServerId
from monitor.domain.policies.policies import OFFLINE
from tests.contracts.builders import an_alert
from tests.integration.http.alerts.alarms import Host, data, deliver, fields, host, policy, with_address
from tests.integration.http.world import Caller, Json, World


def an_incident(world: World, *hosts: Host) -> int:
    """All of them fire, and Bob is notified."""
    policy(world)
    for each in hosts:
        each.reports(cpu=95)
    world.later(seconds=10)
    world.container.get(GroupAlerts)()
    deliver(world)
    found = data(world.send("GET", "/api/incidents", world.admin))
    return int(found[0]["id"])


def test_the_timeline_has_the_events_of_all_alerts_in_pages(world: World) -> None:
    bob = with_address(world, "bob")
    rack = [host(world, f"192.0.2.{n}", bob, name=f"web-{n}", tags=("rack-7",)) for n in (1, 2, 3)]
    for n in range(9):
        world.server(f"198.51.100.{n + 1}")
    path = f"/api/incidents/{an_incident(world, *rack)}/timeline"
    whole = data(world.send("GET", path, bob))
    assert [each["event"] for each in whole] == ["fired"] * 3 + ["notified"] * 3
    assert whole[0] | {"at": None} == {
        "at": None, "event": "fired", "level": "critical", "value": 95.0, "alert_id": 1,
        "server_id": rack[0].id, "server_name": "web-1", "metric": "cpu", "check_id": None, "check_in_id": None,
    }  # fmt: skip
    pages: list[list[Json]] = []
    cursor = None
    while cursor is not None or not pages:
        answer = world.send("GET", path, bob, params={"limit": 4} | ({} if cursor is None else {"cursor": cursor}))
        pages += [data(answer)]
        cursor = answer.headers.get("X-Next-Cursor")
    assert [len(page) for page in pages] == [4, 2]
    assert [*pages[0], *pages[1]] == whole
    assert [*fields(world.send("GET", path, bob, params={"cursor": "!"}))] == ["cursor"]


def test_only_they_and_administrators_learn_by_which_way_people_are_notified(world: World) -> None:
    bob, ann = with_address(world, "bob"), world.person("ann")
    rack = [host(world, f"192.0.2.{n}", bob, ann, name=f"web-{n}") for n in (1, 2)]
    path = f"/api/incidents/{an_incident(world, *rack)}"

    def ways(caller: Caller) -> set[tuple[str, str | None, str | None]]:
        entries = data(world.send("GET", f"{path}/timeline", caller))
        entries += data(world.send("GET", "/api/alerts/1", caller))["timeline"]
        notified = [each for each in entries if each["event"] == "notified"]
        return {(each["username"], each.get("channel"), each.get("recipient")) for each in notified}

    assert {("bob", None, None)} == ways(ann)
    assert {("bob", "email", "bob@example.com")} == ways(bob) == ways(world.admin)
    reports = [world.send("GET", f"{path}/report", each).text for each in (ann, bob)]
    assert [False, True] == ["email" in each for each in reports]


def test_the_report_is_markdown_in_the_language_of_the_request(world: World) -> None:
    bob = with_address(world, "bob")
    rack = [host(world, f"192.0.2.{n}", bob, name=f"<b>web-{n}</b>", tags=("rack-7",)) for n in (1, 2, 3)]
    for n in range(9):
        world.server(f"198.51.100.{n + 1}")
    path = f"/api/incidents/{an_incident(world, *rack)}/report"
    english = world.send("GET", path, bob, headers={"Accept-Language": "en"})
    assert english.headers["content-type"] == "text/markdown; charset=utf-8"
    assert english.text.startswith("# 3 of 3 in `rack-7`\n\n- Level: critical\n")
    assert "| `bob` | `mail` |" in english.text
    assert "<b>" not in english.text.replace("`<b>web-", "")
    chinese = world.send("GET", path, bob, headers={"Accept-Language": "zh"})
    assert chinese.text.startswith("# `rack-7` 中的 3/3 台\n\n- 级别：严重\n")


def test_suggestions_name_what_depends_on_what(world: World) -> None:
    bob = world.person("bob")
    switch, web = world.server("192.0.2.1", bob, name="switch"), world.server("192.0.2.2", bob, name="web")
    with world.container.uow() as uow:
        for days in (1, 2, 3):
            at = world.clock.now() - timedelta(days=days)
            ends = {ServerId(switch): timedelta(minutes=9), ServerId(web): timedelta(minutes=8)}
            for id_, lasts in ends.items():
                times = {"started_at": at, "fired_at": at, "resolved_at": at + lasts}
                uow.alerts.add(an_alert(id_, metric=OFFLINE, state=AlertState.RESOLVED, **times))
        uow.commit()
    found = {
        "server_id": web, "name": "web", "depends_on": {"server_id": switch, "name": "switch"},
        "together": 3, "alone": 0, "pages_removed": 0, "useful_lost": 0,
    }  # fmt: skip
    path = "/api/dependencies/suggestions"
    assert data(world.send("GET", path, bob)) == [found]
    assert data(world.send("GET", path, world.person("eve"))) == []
