"""/api/servers/{id}/policies: which policy applies, why, and what it overrides."""

from typing import Any

from monitor.application.policies.policies import EnsureDefaultPolicies
from tests.integration.http.alerts.alarms import alerts, data, host, policy, refusal
from tests.integration.http.world import Caller, World


def applied(world: World, server_id: int, caller: Caller | None = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = data(world.send("GET", f"/api/servers/{server_id}/policies", caller or world.admin))
    return found


def test_policies_of_the_server_and_of_a_tag_override_the_one_for_everything(world: World) -> None:
    web = host(world, "192.0.2.1", tags=("web", "eu"))
    for_everything, for_tag = policy(world), policy(world, scope={"tag": "eu"}, warning=60)
    for_server = policy(world, scope={"server_id": web.id}, warning=50)
    policy(world, scope={"tag": "nobody has it"})
    [row] = applied(world, web.id)
    assert (for_server, "cpu", 50.0, "server") == (row["id"], row["metric"], row["warning"], row["because"])
    assert [for_tag, for_everything] == [each["id"] for each in row["overridden"]]
    listed = {each["id"]: each for each in data(world.send("GET", "/api/alert-policies", world.admin))}
    assert listed[for_tag] == row["overridden"][0]
    assert listed[for_server] == {key: value for key, value in row.items() if key not in ("because", "overridden")}


def test_of_two_tag_policies_the_older_applies(world: World) -> None:
    web = host(world, "192.0.2.1", tags=("web", "eu"))
    first, second = policy(world, scope={"tag": "web"}), policy(world, scope={"tag": "eu"})
    [row] = applied(world, web.id)
    assert (first, "tag", {"tag": "web"}, [second]) == (
        row["id"],
        row["because"],
        row["scope"],
        [each["id"] for each in row["overridden"]],
    )


def test_a_disabled_policy_is_shown_as_the_one_that_applies(world: World) -> None:
    web = host(world, "192.0.2.1")
    everything, off = policy(world), policy(world, scope={"server_id": web.id}, enabled=False)
    [row] = applied(world, web.id)
    assert (off, False, [everything]) == (row["id"], row["enabled"], [each["id"] for each in row["overridden"]])
    web.reports(99)
    assert [] == alerts(world)


def test_every_metric_is_listed_and_so_is_offline(world: World) -> None:
    world.container.get(EnsureDefaultPolicies)()
    web = host(world, "192.0.2.1")
    policy(world, metric="load1")
    rows = applied(world, web.id)
    assert ["clock_error", "cpu", "disk", "disk", "load1", "memory", "offline"] == [row["metric"] for row in rows]
    assert ["threshold", "forecast"] == [row["kind"] for row in rows if row["metric"] == "disk"]
    assert {("everything", ())} == {(row["because"], tuple(row["overridden"])) for row in rows}


def test_a_server_without_policies_has_an_empty_list(world: World) -> None:
    assert [] == applied(world, host(world, "192.0.2.1").id)


def test_a_user_who_does_not_see_the_server_does_not_see_its_policies(world: World) -> None:
    bob = world.person("bob")
    own, hidden = host(world, "192.0.2.1", bob), host(world, "192.0.2.2")
    policy(world)
    assert 1 == len(applied(world, own.id, bob))
    for server_id in (hidden.id, 99):
        assert (404, "not_found") == refusal(world.send("GET", f"/api/servers/{server_id}/policies", bob))


def test_the_reach_of_a_policy_is_the_servers_on_which_it_decides_of_those_one_may_see(world: World) -> None:
    ann = world.person("ann")
    web = host(world, "192.0.2.1", ann, tags=("web", "eu"))
    host(world, "192.0.2.2", tags=("eu",))
    everything, tag = policy(world), policy(world, scope={"tag": "eu"}, enabled=False)
    server = policy(world, scope={"server_id": web.id})

    def reach(caller: Caller) -> dict[int, int]:
        listed = data(world.send("GET", "/api/alert-policies/reach", caller))
        return {each["policy_id"]: each["servers"] for each in listed}

    assert {everything: 0, tag: 1, server: 1} == reach(world.admin)
    assert {everything: 0, tag: 0, server: 1} == reach(ann)
