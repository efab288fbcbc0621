"""/api/incidents: one row, one acknowledgement, one silence for what began together."""

from typing import Any

from monitor.application.alerts.offline import DetectOffline
from monitor.application.incidents.grouping import GroupAlerts
from tests.integration.http.alerts.alarms import AT_ONCE, Host, alerts, data, deliver, host
from tests.integration.http.world import Caller, Json, Person, World


def a_rack(world: World, *people: Person, size: int = 5) -> list[Host]:
    """Hosts of one rack among others, which alert at once."""
    data(world.send("POST", "/api/alert-policies", world.admin, json=AT_ONCE))
    for n in range(20):
        world.server(f"198.51.100.{n}", tags=[f"rack-{10 + n}"])
    return [host(world, f"203.0.{n}.1", *people, name=f"web-{n}", tags=("rack-7",)) for n in range(1, size + 1)]


def fall(world: World, *hosts: Host, cpu: float = 75) -> None:
    for each in hosts:
        each.reports(cpu)
    world.later(seconds=10)
    world.container.get(GroupAlerts)()


def incidents(world: World, caller: Caller | None = None, **params: Any) -> list[Json]:
    found: list[Json] = data(world.send("GET", "/api/incidents", caller or world.admin, params=params))
    return found


def post(world: World, what: str, caller: Caller | None = None, **body: Any) -> Any:
    """Do something with the newest incident."""
    id_ = incidents(world)[0]["id"]
    return data(world.send("POST", f"/api/incidents/{id_}/{what}", caller or world.admin, json=body))


def a_rack_and_what_depends_on_it(world: World, *people: Person) -> tuple[list[Host], Host]:
    """All are offline; *people* see only what has not the tag of the rack."""
    rack, app = a_rack(world), host(world, "203.0.99.1", *people, name="app")
    data(world.send("POST", "/api/alert-policies", world.admin, json={"metric": "offline"}))
    body = {"depends_on": [{"server_id": rack[0].id}]}
    data(world.send("PUT", f"/api/servers/{app.id}", world.admin, json=body))
    for fallen in (rack, [app]):
        for each in fallen:
            each.reports(10)
        for _ in range(12):
            world.later(seconds=10)
            world.container.get(DetectOffline)()
            world.container.get(GroupAlerts)()
    return rack, app


def test_an_incident_of_one_alert_has_it(any_world: World) -> None:
    world = any_world
    fall(world, a_rack(world)[0])
    [found], [alert] = incidents(world), alerts(world)
    assert found["alert"] == alert


def test_a_rack_that_falls_is_one_row(any_world: World) -> None:
    world = any_world
    rack = a_rack(world)
    rack[2].reports(10)
    fall(world, *rack[:2], rack[3], rack[4])
    [found] = incidents(world)
    ids = [each["id"] for each in alerts(world)][::-1]
    groups = [("tag", "rack-7", 4), *(("network", f"203.0.{n}.0/24", 1) for n in (1, 2, 4, 5))]
    assert {
        "id": found["id"],
        "state": "firing",
        "level": "warning",
        "title": "rack-7 中的 4/5 台；web-3 正常",
        "started_at": "2030-01-01 12:00:02",
        "ended_at": None,
        "cause": {"kind": "tag", "value": "rack-7", "sick": 4, "healthy": 1, "healthy_names": ["web-3"]},
        "server_count": 4,
        "alert_ids": ids,
        "alert_count": 4,
        "alerts_firing": 4,
        "may_change": True,
        "alert": None,
        "groups": [{"kind": kind, "value": value, "sick": sick} for kind, value, sick in groups],
    } == found
    assert {found["id"]} == {each["incident_id"] for each in alerts(world)}
    detail = data(world.send("GET", f"/api/incidents/{found['id']}", world.admin, headers={"Accept-Language": "en"}))
    assert "4 of 5 in rack-7; web-3 is healthy" == detail["title"]
    assert (ids, []) == ([each["id"] for each in detail["alerts"]], detail["merged_from"])


def test_a_merged_incident_leads_to_the_one_that_it_is_part_of(any_world: World) -> None:
    world = any_world
    rack = a_rack(world)
    rack[4].reports(10)
    fall(world, *rack[:2])
    younger, older = (each["id"] for each in incidents(world))
    fall(world, *rack[2:4])
    [found] = incidents(world)
    for asked in (older, younger):
        shown = data(world.send("GET", f"/api/incidents/{asked}", world.admin))
        assert (older, [younger], found["alert_ids"]) == (shown["id"], shown["merged_from"], shown["alert_ids"])
        entries = data(world.send("GET", f"/api/incidents/{asked}/timeline", world.admin))
        assert {*found["alert_ids"]} == {each["alert_id"] for each in entries}
        report = world.send("GET", f"/api/incidents/{asked}/report", world.admin, headers={"Accept-Language": "en"})
        assert "4 of 5" in report.text
    assert 4 == found["alert_count"]
    assert "acknowledged" == data(world.send("POST", f"/api/incidents/{younger}/ack", world.admin))["state"]


def test_an_acknowledgement_is_that_of_all_its_alerts(any_world: World) -> None:
    world = any_world
    rack = a_rack(world)
    fall(world, *rack)
    assert "acknowledged" == post(world, "ack", note="on my way")["state"]
    assert {"admin"} == {each["acknowledged_by"] for each in alerts(world)}
    for state, count in {"firing": 0, "acknowledged": 1, "open": 1, "ended": 0}.items():
        assert count == len(incidents(world, state=state)), state
    fall(world, *rack, cpu=10)
    world.container.get(GroupAlerts)()
    assert "ended" == post(world, "ack")["state"]
    for state, count in {"firing": 0, "acknowledged": 0, "open": 0, "ended": 1}.items():
        assert count == len(incidents(world, state=state)), state


def test_a_silence_is_on_the_tag_that_is_its_cause(any_world: World) -> None:
    world = any_world
    fall(world, *a_rack(world))
    [silence_id] = post(world, "silence", reason=" a new switch ")["silence_ids"]
    [silence] = data(world.send("GET", "/api/silences", world.admin))
    assert (silence_id, {"tag": "rack-7"}, "a new switch") == (silence["id"], silence["scope"], silence["reason"])
    assert ("2030-01-01 12:00:15", "2030-01-01 14:00:15") == (silence["starts_at"], silence["ends_at"])


def test_a_silence_covers_what_joined_without_that_tag_too(any_world: World) -> None:
    world = any_world
    _, app = a_rack_and_what_depends_on_it(world)
    assert (6, "tag") == (incidents(world)[0]["server_count"], incidents(world)[0]["cause"]["kind"])
    post(world, "silence")
    scopes = [each["scope"] for each in data(world.send("GET", "/api/silences", world.admin))]
    assert [{"tag": "rack-7"}, {"server_id": app.id}] == scopes


def test_who_sees_no_host_of_the_cause_does_not_learn_it(any_world: World) -> None:
    world = any_world
    bob = world.person("bob")
    a_rack_and_what_depends_on_it(world, bob)
    [found] = incidents(world, bob)
    assert {"kind": "none", "value": None, "sick": 1, "healthy": 0, "healthy_names": []} == found["cause"]
    assert found["title"].startswith("app")


def test_who_may_not_silence_a_tag_silences_their_own_servers(any_world: World) -> None:
    world = any_world
    bob = world.person("bob")
    rack = a_rack(world)
    own = host(world, "203.0.99.1", bob, name="web-99", tags=("rack-7",))
    fall(world, *rack, own)
    [seen] = incidents(world, bob)
    assert (1, 1, 1, 0) == (seen["server_count"], seen["alert_count"], seen["cause"]["sick"], seen["cause"]["healthy"])
    assert 1 == len(post(world, "silence", bob, seconds=600)["silence_ids"])
    [silence] = data(world.send("GET", "/api/silences", bob))
    assert ({"server_id": own.id}, "2030-01-01 12:10:16") == (silence["scope"], silence["ends_at"])
    assert 404 == world.send("POST", f"/api/incidents/{seen['id']}/silence", world.person("eve"), json={}).status_code


def test_it_ends_for_each_reader_with_the_last_alert_that_they_see(any_world: World) -> None:
    world = any_world
    bob = world.person("bob")
    rack = a_rack(world)
    own = host(world, "203.0.99.1", bob, name="web-99", tags=("rack-7",))
    fall(world, *rack, own)
    fall(world, own, cpu=10)
    [alert] = alerts(world, bob)
    world.later(seconds=600)
    [seen], [whole] = incidents(world, world.log_in("bob")), incidents(world, world.log_in("admin"))
    assert ("ended", alert["resolved_at"]) == (seen["state"], seen["ended_at"])
    assert ("firing", None) == (whole["state"], whole["ended_at"])
    report = world.send("GET", f"/api/incidents/{seen['id']}/report", world.log_in("bob"))
    assert alert["resolved_at"] in report.text.splitlines()[3]


def test_a_silence_after_the_end_is_none(any_world: World) -> None:
    world = any_world
    rack = a_rack(world)
    fall(world, *rack)
    fall(world, *rack, cpu=10)
    assert [] == post(world, "silence")["silence_ids"]
    assert [] == data(world.send("GET", "/api/silences", world.admin))


def test_what_shares_no_cause_is_one_each_and_they_are_paged(any_world: World) -> None:
    world = any_world
    rack = a_rack(world)
    fall(world, *rack[:2])
    assert [("none", "web-2: CPU"), ("none", "web-1: CPU")] == [
        (each["cause"]["kind"], each["title"].replace("：", ": ")) for each in incidents(world)
    ]
    answer = world.send("GET", "/api/incidents", world.admin, params={"limit": 1})
    cursor = answer.headers["X-Next-Cursor"]
    second, first = incidents(world)
    assert [second] == data(answer)
    assert [first] == incidents(world, limit=1, cursor=cursor)
    assert [first] == incidents(world, q="WEB-1")
    assert [first] == incidents(world, server_id=rack[0].id)
    deliver(world)


def test_few_children_are_named_after_their_parent(any_world: World) -> None:
    world = any_world
    rack = a_rack(world)
    switch = host(world, "192.0.2.1", name="switch")
    body = {"depends_on": [{"server_id": switch.id}]}
    world.send("PUT", f"/api/servers/{rack[0].id}", world.admin, json=body)
    data(world.send("POST", "/api/alert-policies", world.admin, json={"metric": "offline"}))
    for each in (rack[0], switch):
        each.reports(10)
    world.later(seconds=91)
    world.container.get(DetectOffline)()
    world.later(seconds=10)
    world.container.get(GroupAlerts)()
    [found] = incidents(world)
    assert (2, "none", True) == (found["alert_count"], found["cause"]["kind"], found["title"].startswith("switch"))
