"""What holds an alert back is shown with it: the parent that is down, to who sees that."""

from typing import Any

from monitor.application.alerts.maintenance import AlertMaintenance
from monitor.application.alerts.offline import DetectOffline
from monitor.application.policies.policies import EnsureDefaultPolicies
from tests.integration.http.alerts.alarms import Host, alerts, data, deliver, host, policy, with_address
from tests.integration.http.world import Caller, World


def suppressed_by(world: World, caller: Caller | None = None) -> Any:
    return {each["server_name"]: each["suppressed_by"] for each in alerts(world, caller)}


def explained(world: World, caller: Caller, web: Host) -> tuple[Any, str]:
    found = data(world.send("GET", "/api/alerts/explain", caller, params={"server_id": web.id, "metric": "cpu"}))
    [own] = [each for each in found["recipients"] if each["username"] == "bob"]
    return found["depends_on"], own["reason"]


def test_an_alert_names_the_parent_that_is_down(world: World) -> None:
    bob, eve = with_address(world, "bob"), world.person("eve")
    switch, web = host(world, "192.0.2.1", bob, name="switch"), host(world, "192.0.2.2", bob, eve, name="web")
    world.container.get(EnsureDefaultPolicies)()
    policy(world, scope={"server_id": web.id})
    answer = world.send("PUT", f"/api/servers/{web.id}", world.admin, json={"depends_on": [{"server_id": switch.id}]})
    assert 200 == answer.status_code
    switch.reports(10)
    world.later(seconds=100)
    web.reports(75)
    world.container.get(DetectOffline)()
    deliver(world)
    world.container.get(AlertMaintenance)()
    parent = {"id": switch.id, "name": "switch"}
    assert {"switch": None, "web": parent} == suppressed_by(world) == suppressed_by(world, bob)
    assert {"web": None} == suppressed_by(world, eve)
    [down] = alerts(world, server_id=switch.id)
    assert (parent | {"since": down["fired_at"]}, "suppressed_by") == explained(world, bob, web)
    assert explained(world, eve, web)[0] is None
    switch.reports(10)
    assert {"switch": None, "web": None} == suppressed_by(world)
