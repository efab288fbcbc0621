"""/api/servers/{id}/policies, and those of checks: which policy applies, why, and what it overrides."""

from typing import Any

from monitor.application.policies.policies import EnsureDefaultPolicies
from tests.integration.http.alerts.alarms import alerts, data, fields, host, policy, refusal
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


def test_the_policy_with_the_lowest_place_that_covers_a_server_applies_to_it(world: World) -> None:
    web = host(world, "192.0.2.1", tags=("web", "eu"))
    everything, tag, other = policy(world), policy(world, scope={"tag": "eu"}), policy(world, scope={"tag": "web"})
    server = policy(world, scope={"server_id": web.id}, warning=None, clear_margin=1)
    listed = data(world.send("GET", "/api/alert-policies/reach", world.admin))
    assert [server, tag, other, everything] == [
        each["policy_id"] for each in sorted(listed, key=lambda each: each["place"])
    ]
    [row] = applied(world, web.id)
    assert [server, tag, other, everything] == [row["id"], *(each["id"] for each in row["overridden"])]
    assert {5.0} == {each["usual_margin"] for each in listed}


def check_of(world: World, server_id: int, path: str = "/api/checks") -> int:
    bodies: dict[str, dict[str, Any]] = {
        "/api/checks": {"kind": "tcp", "target": "192.0.2.1:80"},
        "/api/check-ins": {"period": 60, "grace": 10},
    }
    body = bodies[path] | {"name": "shop", "server_id": server_id}
    made: int = data(world.send("POST", path, world.admin, json=body))["id"]
    return made


def test_a_check_has_the_built_in_rule_where_no_policy_covers_it(world: World) -> None:
    web = host(world, "192.0.2.1", tags=("shop",))
    check_id = check_of(world, web.id)

    def rules() -> list[tuple[str, int | None, bool]]:
        rows = data(world.send("GET", f"/api/checks/{check_id}/policies", world.admin))
        return [(row["metric"], row["policy"] and row["policy"]["id"], row["built_in"]) for row in rows]

    assert [("up", None, True), ("ms", None, False), ("cert_days", None, True)] == rules()
    policy(world)  # on CPU, which no check has
    for_tag = policy(world, metric="ms", warning=800, critical=None, scope={"tag": "shop"})
    for_server = policy(world, metric="ms", warning=900, critical=None, scope={"server_id": web.id})
    assert ("ms", for_server, False) == rules()[1]
    for_check = policy(world, metric="ms", warning=700, critical=None, scope={"check_id": check_id}, enabled=False)
    assert ("ms", for_check, False) == rules()[1]
    soon = policy(world, metric="cert_days", kind="forecast", direction="below", warning=3, critical=None)
    assert [("cert_days", None, True), ("cert_days", soon, False)] == rules()[2:]
    assert for_tag < for_server


def test_a_check_in_has_one_rule(world: World) -> None:
    bob = world.person("bob")
    web = host(world, "192.0.2.1", bob)
    path = f"/api/check-ins/{check_of(world, web.id, '/api/check-ins')}/policies"
    assert [{"metric": "check_in", "policy": None, "built_in": True}] == data(world.send("GET", path, bob))
    own = policy(world, metric="check_in", warning=None, critical=0.5, clear_margin=0)
    [row] = data(world.send("GET", path, bob))
    assert (own, False) == (row["policy"]["id"], row["built_in"])


def test_a_preview_says_what_a_policy_has_by_default_and_what_is_wrong_with_it(world: World) -> None:
    def preview(**body: Any) -> Any:
        return world.send("POST", "/api/alert-policies/preview", world.admin, json=body)

    load = {"metric": "load1", "warning": 2, "critical": 4}
    assert (0, 0.2) == tuple(data(preview(**load))[name] for name in ("id", "clear_margin"))
    assert 1.0 == data(preview(**load, clear_margin=1))["clear_margin"]
    assert (7, 0.5, "warning", 0.0) == tuple(
        data(preview(metric="load1", kind="range"))[name] for name in ("days", "beyond", "level", "clear_margin")
    )
    assert {"critical"} == {*fields(preview(metric="load1", warning=4, critical=2))}
    assert [] == data(world.send("GET", "/api/alert-policies", world.admin))


def test_a_margin_that_is_taken_back_is_the_default_again(world: World) -> None:
    policy_id = policy(world, metric="load1", warning=2, critical=4, clear_margin=1)
    path = f"/api/alert-policies/{policy_id}"
    assert 1.0 == data(world.send("PUT", path, world.admin, json={"critical": 6}))["clear_margin"]
    assert 0.4 == data(world.send("PUT", path, world.admin, json={"clear_margin": None}))["clear_margin"]
