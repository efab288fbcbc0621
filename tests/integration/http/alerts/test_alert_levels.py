"""From which level a person is mailed: `alert_level`, set by themselves or by an administrator."""

import pytest

from tests.integration.http.alerts.alarms import data, deliver, fields, host, policy, with_address
from tests.integration.http.world import World


def test_a_new_user_gets_warnings_too(any_world: World) -> None:
    bob = any_world.person("bob")
    assert "warning" == data(any_world.send("GET", "/api/auth/me", bob))["alert_level"]
    listed = data(any_world.send("GET", "/api/users", any_world.admin))
    assert {"admin": "warning", "bob": "warning"} == {user["username"]: user["alert_level"] for user in listed}


def test_a_change_is_read_back(any_world: World) -> None:
    bob = any_world.person("bob")
    answer = any_world.send("PUT", "/api/auth/me", bob, json={"alert_level": "critical"})
    assert "critical" == data(answer)["alert_level"] == data(any_world.send("GET", "/api/auth/me", bob))["alert_level"]
    any_world.send("PUT", "/api/auth/me", bob, json={"email": "bob@example.com"})
    assert "critical" == data(any_world.send("GET", "/api/auth/me", bob))["alert_level"], "left alone where not named"
    changed = any_world.send("PUT", f"/api/users/{bob.id}", any_world.admin, json={"alert_level": "warning"})
    assert ("warning", "bob@example.com") == (data(changed)["alert_level"], data(changed)["email"])
    assert 200 == any_world.send("GET", "/api/auth/me", bob).status_code, "nobody is logged out by it"


@pytest.mark.parametrize("value", ["ok", "CRITICAL", 2, None, ""])
def test_other_levels_are_refused(world: World, value: object) -> None:
    for path in ("/api/auth/me", f"/api/users/{world.admin.id}"):
        assert ["alert_level"] == list(fields(world.send("PUT", path, world.admin, json={"alert_level": value})))


def test_a_user_with_level_critical_gets_only_critical_ones(world: World) -> None:
    policy(world)
    people = [with_address(world, name) for name in ("bob", "carol")]
    world.send("PUT", "/api/auth/me", people[0], json={"alert_level": "critical"})
    web = host(world, "192.0.2.1", *people)
    web.reports(75)
    deliver(world)
    assert ["carol@example.com"] == [address for address, _ in world.mailer.sent]
    web.reports(90)
    deliver(world)
    assert ["bob@example.com", "carol@example.com"] == sorted(address for address, _ in world.mailer.sent[1:])
