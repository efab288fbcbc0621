"""/api/alerts/coverage: gaps in the alerting."""

from monitor.application.notifications.sender_ports import SendResult, SendStatus
from tests.integration.http.alerts.alarms import data, deliver, host, policy, with_address
from tests.integration.http.world import Caller, Json, World


def coverage(world: World, caller: Caller | None = None) -> Json:
    found: Json = data(world.send("GET", "/api/alerts/coverage", caller or world.admin))
    return found


def test_without_servers_nothing_is_missing(world: World) -> None:
    assert {
        "complete": True,
        "mail_configured": True,
        "unwatched_servers": [],
        "untold": [],
        "unnotified": [],
        "unnotified_checks": [],
        "failing_channels": [],
        "gaps": [],
        "unproven": [],
    } == coverage(world)


def test_a_server_without_policy_or_recipient_is_named_until_it_has_them(world: World) -> None:
    web = host(world, "192.0.2.1", name="web")
    named = {"id": web.id, "server_name": "web"}
    assert {"complete": False, "unwatched_servers": [named], "untold": []}.items() <= coverage(world).items()
    policy_id = policy(world)
    untold = [{"policy_id": policy_id, "metric": "cpu", "servers": [named]}]
    assert {"complete": False, "unwatched_servers": [], "untold": untold}.items() <= coverage(world).items()
    assert [named | {"why": "nobody", "people": []}] == coverage(world)["unnotified"]
    bob = with_address(world, "bob")
    body = {"action": "link_users", "server_ids": [web.id], "user_ids": [bob.id]}
    world.send("POST", "/api/servers/batch", world.admin, json=body)
    assert coverage(world)["complete"]
    world.send("PUT", "/api/auth/me", bob, json={"email": None})
    assert untold == coverage(world)["untold"]
    assert [named | {"why": "no_way", "people": ["bob"]}] == coverage(world)["unnotified"]


def test_an_escalation_that_reaches_nobody_is_the_reason(world: World) -> None:
    mute = world.person("mute")
    web = host(world, "192.0.2.1", with_address(world, "bob"), name="web")
    steps = [{"after": 0, "to": [{"user_id": mute.id}]}]
    escalation = {"name": "nights", "steps": steps}
    escalation_id = data(world.send("POST", "/api/escalations", world.admin, json=escalation))["id"]
    policy(world, escalation_id=escalation_id)
    expected = [{"id": web.id, "server_name": "web", "why": "escalation", "people": ["bob"]}]
    assert expected == coverage(world)["unnotified"]


def test_hours_without_anybody_and_people_who_confirmed_nothing_are_named(world: World) -> None:
    bob = with_address(world, "bob")
    host(world, "192.0.2.1", name="web")
    rota = {"name": "duty", "timezone": "UTC", "starts_at": "2030-01-01 08:00:00", "user_ids": [bob.id]}
    rota_id = data(world.send("POST", "/api/rotas", world.admin, json=rota))["id"]
    steps = [{"after": 0, "to": [{"rota_id": rota_id}]}]
    escalation = data(world.send("POST", "/api/escalations", world.admin, json={"name": "nights", "steps": steps}))
    policy(world, escalation_id=escalation["id"])
    duty = {"user_id": bob.id, "username": "bob", "rota": "duty", "on_call_next": "2030-01-01 12:00:00"}
    assert {"complete": True, "gaps": [], "unproven": [duty]}.items() <= coverage(world).items()
    away = {"starts_at": "2030-01-03 00:00:00", "ends_at": "2030-01-04 06:00:00"}
    world.send("PUT", "/api/auth/me", bob, json={"away": [away]})
    gap = {"rota_id": rota_id, "name": "duty", **away}
    assert {"complete": False, "gaps": [gap], "unproven": [duty]}.items() <= coverage(world).items()
    assert ([duty], []) == (coverage(world, bob)["unproven"], coverage(world, world.person("eve"))["unproven"])
    with world.container.uow() as uow:  # as a link does
        uow.ways.confirm(bob.id, None, world.clock.now())
        uow.commit()
    assert ([gap], []) == (coverage(world)["gaps"], coverage(world)["unproven"])


def test_users_see_only_their_own_servers(world: World) -> None:
    bob = world.person("bob")
    own = host(world, "192.0.2.1", bob, name="web")
    host(world, "192.0.2.2", name="hidden")
    assert [{"id": own.id, "server_name": "web"}] == coverage(world, bob)["unwatched_servers"]
    policy(world)
    assert [["web"]] == [[s["server_name"] for s in each["servers"]] for each in coverage(world, bob)["untold"]]


def test_a_check_of_which_nobody_is_notified_is_named(world: World) -> None:
    check = {"name": "shop", "kind": "tcp", "target": "shop.example.com:1"}
    check_id = data(world.send("POST", "/api/checks", world.admin, json=check))["id"]
    job = {"name": "backup", "period": 3600, "grace": 60}
    check_in_id = data(world.send("POST", "/api/check-ins", world.admin, json=job))["id"]
    assert [
        {"check_id": check_id, "check_in_id": None, "name": "shop"},
        {"check_id": None, "check_in_id": check_in_id, "name": "backup"},
    ] == coverage(world)["unnotified_checks"]
    assert not coverage(world)["complete"]
    world.send("PUT", "/api/auth/me", world.admin, json={"email": "admin@example.com"})
    assert ([], True) == (coverage(world)["unnotified_checks"], coverage(world)["complete"])


def test_a_channel_that_fails_is_shown_to_administrators(world: World) -> None:
    policy(world)
    team = {"name": "team", "kind": "email", "settings": {"address": "team@example.com"}}
    channel_id = data(world.send("POST", "/api/channels", world.admin, json=team))["id"]
    bob = with_address(world, "bob")
    world.mailer.answers["team@example.com"] = SendResult(SendStatus.RETRY, "450 try later")
    web = host(world, "192.0.2.1", bob)
    web.reports(90)
    deliver(world)
    failing = {"channel_id": channel_id, "name": "team", "last_error": "450 try later", "attempts": 1}
    assert (False, [failing]) == (coverage(world)["complete"], coverage(world)["failing_channels"])
    assert [] == coverage(world, bob)["failing_channels"]
    del world.mailer.answers["team@example.com"]
    world.later(minutes=1)
    deliver(world)
    assert coverage(world)["complete"]
