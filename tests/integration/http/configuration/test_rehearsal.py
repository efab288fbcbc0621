"""/api/on-call/rehearsal: whom an edit would have paged, before it is saved."""

from typing import Any

import pytest

from tests.integration.http.alerts.alarms import data, fields, host, policy, refusal, with_address
from tests.integration.http.configuration.scene import plan
from tests.integration.http.world import Json, Person, World

PATH = "/api/on-call/rehearsal"
ROTA: Json = {"name": "duty", "timezone": "Asia/Tokyo", "starts_at": "2029-12-01 00:00:00"}
"""In Tokyo it is 21:00 when the tests begin."""
QUIET: Json = {"from": "20:00", "to": "23:00", "timezone": "Asia/Tokyo", "level": "critical"}


@pytest.fixture
def bob(world: World) -> Person:
    """He is linked to a host that has a warning of ten minutes at 22:30 in Tokyo."""
    policy(world)
    bob = with_address(world, "bob")
    web = host(world, "192.0.2.1", bob, name="web")
    world.later(minutes=90)
    for cpu in (10, 75, 75, 10, 10):
        world.later(minutes=5)
        web.reports(cpu, interval=300)
    world.admin = world.log_in("admin")  # the sessions have ended meanwhile
    return world.log_in("bob")


def rehearsed(world: World, caller: Person, **edit: Any) -> Json:
    found: Json = data(world.send("POST", PATH, caller, json={"days": 30} | edit))
    assert found["job_id"] is None
    return found


def test_quiet_hours_spare_a_night_and_leave_an_alert_without_a_recipient(world: World, bob: Person) -> None:
    found = rehearsed(world, bob, quiet=QUIET)
    row = {"username": "bob", "before": 1, "after": 0, "nights_before": 0, "nights_after": 0}
    assert [row] == found["people"], "the night is that of UTC now"
    alert = {"server_id": 1, "check_id": None, "server_name": "web", "metric": "cpu", "level": "warning"}
    assert [("2030-01-01 13:40:02", alert, "quiet_hours")] == [tuple(each.values()) for each in found["unanswered"]]
    assert {"before": 1, "after": 0, "added": 0, "removed": 1, "unanswered_before": 0, "unanswered_after": 1} == found[
        "pages"
    ]
    assert data(world.send("GET", "/api/auth/me", bob))["quiet"] is None, "nothing is saved"


def test_a_rota_says_where_people_sleep(world: World, bob: Person) -> None:
    found = rehearsed(world, world.admin, rota=ROTA | {"user_ids": [bob.id]})
    assert [("bob", 0, 1)] == [
        (each["username"], each["nights_before"], each["nights_after"]) for each in found["people"]
    ]


def test_ways_and_absences_of_ones_own(world: World, bob: Person) -> None:
    found = rehearsed(
        world,
        bob,
        ways=[{"kind": "mail", "level": "critical"}],
        away=[{"starts_at": "2030-01-01 00:00:00", "ends_at": "2030-02-01 00:00:00"}],
    )
    assert ["below_level"] == [each["why"] for each in found["unanswered"]]


def test_rotas_and_escalations_need_an_administrator(world: World, bob: Person) -> None:
    steps = [{"after": 0, "to": [{"linked": True}]}]
    for edit in ({"rota": ROTA | {"user_ids": []}}, {"escalation": {"name": "nights", "steps": steps}}):
        assert (403, "forbidden") == refusal(world.send("POST", PATH, bob, json=edit))
        assert rehearsed(world, world.admin, **edit)["pages"]["after"] == 1


@pytest.mark.parametrize("body", [{"days": 0}, {"days": 91}, {"quiet": QUIET | {"timezone": "Mars/Base"}}])
def test_what_is_wrong_is_named(world: World, body: Json) -> None:
    assert fields(world.send("POST", PATH, world.admin, json=body))


FILE = """
policies:
  - {{metric: cpu, scope: everything, warning: 70, critical: 85, sustained_for: 0, clear_for: 0, escalation: nights}}
rotas:
  duty: {{timezone: Asia/Tokyo, starts_at: 2029-12-01 00:00:00, users: [bob]{hours}}}
escalations:
  nights: {{steps: [{{after: 0, to: [{{rota: duty}}]}}]}}
"""
DAYTIME = ', hours: [{days: [mon, tue, wed, thu, fri], from: "09:00", to: "17:00"}]'


def test_the_plan_of_a_file_says_the_same(world: World, bob: Person) -> None:
    """Without hours bob is woken in Tokyo; with them nobody is on call, and the last resort has no address."""
    always, daytime = (plan(world, FILE.format(hours=hours), days=30) for hours in ("", DAYTIME))
    row = {"username": "bob", "before": 1, "after": 1, "nights_before": 0, "nights_after": 1}
    assert ([row], []) == (always["people"], always["unanswered"])
    assert [row | {"after": 0, "nights_after": 0}] == daytime["people"]
    alert = {"server_id": 1, "check_id": None, "server_name": "web", "metric": "cpu", "level": "warning"}
    assert [{"at": "2030-01-01 13:40:02", "alert": alert, "why": "unreachable"}] == daytime["unanswered"]
    assert (0, 1) == (daytime["pages"]["unanswered_before"], daytime["pages"]["unanswered_after"])
