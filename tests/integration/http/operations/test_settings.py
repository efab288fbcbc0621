"""/api/settings: what administrators change while the product runs."""

from contextlib import closing
from typing import Any

import pytest

from monitor.adapters.persistence.store import SqlStore
from monitor.application.alerts.offline import DetectOffline
from monitor.application.notifications.delivery import DeliverNotifications, Transport
from monitor.application.policies.policies import EnsureDefaultPolicies
from monitor.domain.preferences import Preferences
from tests.integration.http.alerts.alarms import alerts, data, fields, host, policy, with_address
from tests.integration.http.conftest import NewWorld
from tests.integration.http.world import World, agent, report

PATH = "/api/settings"
DEFAULTS = {
    "offline_after": 90.0,
    "reminder_after": 14400.0,
    "ack_expires": 14400.0,
    "last_resort": [],
    "digest_wait": 10.0,
    "second_factor": "optional",
    "prometheus_metrics": [],
    "default_locale": "zh-CN",
    "retention": {
        "raw_days": 2.0,
        "chunk_days": 400.0,
        "ten_minute_days": 90.0,
        "hour_days": 1825.0,
        "audit_days": 400.0,
    },
}


def settings(world: World) -> dict[str, Any]:
    found: dict[str, Any] = data(world.send("GET", PATH, world.admin))
    return found


def test_they_have_the_defaults_at_first(world: World) -> None:
    assert settings(world) == DEFAULTS


def test_offline_after_is_that_of_the_process_at_first(new_world: NewWorld) -> None:
    assert 33.0 == settings(new_world(offline_after=33))["offline_after"]


def test_a_change_leaves_omitted_values(world: World) -> None:
    expected = DEFAULTS
    named = [{"user_id": world.admin.id}, {"channel_id": 3}]
    for change in ({"digest_wait": 30}, {"offline_after": 45.5}, {"default_locale": "en"}, {}, {"ack_expires": None}):
        assert expected | change == data(world.send("PUT", PATH, world.admin, json=change))
        expected = expected | change
        assert expected == settings(world)
    assert named == data(world.send("PUT", PATH, world.admin, json={"last_resort": named * 2}))["last_resort"]
    assert named == settings(world)["last_resort"]
    retention = data(world.send("PUT", PATH, world.admin, json={"retention": {"raw_days": 3}}))["retention"]
    assert DEFAULTS["retention"] | {"raw_days": 3.0} == retention  # type: ignore[operator]  # a dict within a dict
    rows = data(world.send("GET", "/api/audit", world.admin))
    assert ["settings.update"] * 6 == [row["action"] for row in rows[:6]]
    assert "raw_days: 2 -> 3" == rows[0]["detail"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"offline_after": 0.99}, "offline_after"),
        ({"offline_after": 30 * 86400 + 1}, "offline_after"),
        ({"reminder_after": -1}, "reminder_after"),
        ({"digest_wait": 1e300}, "digest_wait"),
        ({"digest_wait": "10"}, "digest_wait"),
        ({"digest_wait": None}, "digest_wait"),
        ({"ack_expires": 0}, "ack_expires"),
        ({"ack_expires": 30 * 86400 + 1}, "ack_expires"),
        ({"last_resort": [{}]}, "last_resort"),
        ({"last_resort": [{"user_id": 1, "channel_id": 1}]}, "last_resort"),
        ({"last_resort": [{"user_id": 1}] * 51}, "last_resort"),
        ({"second_factor": "nobody"}, "second_factor"),
        ({"second_factor": 2}, "second_factor"),
        ({"second_factor": None}, "second_factor"),
        ({"retention": {"raw_days": 0}}, "retention.raw_days"),
        ({"retention": {"raw_days": 401}}, "retention.raw_days"),
        ({"retention": {"chunk_days": 4001}}, "retention.chunk_days"),
        ({"retention": {"ten_minute_days": 4001}}, "retention.ten_minute_days"),
        ({"retention": {"hour_days": 36501}}, "retention.hour_days"),
        ({"retention": {"audit_days": 0.5}}, "retention.audit_days"),
        ({"retention": {"audit_days": 36501}}, "retention.audit_days"),
        ({"retention": {"days": 1}}, "retention.days"),
        ({"retention": None}, "retention"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_value_out_of_bounds_is_named(world: World, change: dict[str, Any], field: str) -> None:
    """And nothing is changed, not even valid values."""
    answer = world.send("PUT", PATH, world.admin, json={"reminder_after": 60} | change)
    assert [field] == list(fields(answer))
    assert settings(world) == DEFAULTS


def test_the_bounds_themselves_are_valid(world: World) -> None:
    for value in (1, 30 * 86400):
        change = {"offline_after": value, "reminder_after": value, "digest_wait": value}
        assert change.items() <= data(world.send("PUT", PATH, world.admin, json=change)).items()


def test_they_survive_a_restart(ready_url: str, new_world: NewWorld) -> None:
    first = new_world(SqlStore(ready_url, pool_size=8))
    changed = data(first.send("PUT", PATH, first.admin, json={"digest_wait": 7.5, "retention": {"hour_days": 9}}))
    with closing(SqlStore(ready_url, pool_size=2)) as another:
        found = Preferences.of(another.queries.fleet.snapshot().preferences)
    assert (7.5, 9) == (found.digest_wait, found.hour_days)
    assert changed == settings(first)


def test_offline_after_applies_at_once(world: World) -> None:
    world.container.get(EnsureDefaultPolicies)()
    web = host(world, "192.0.2.1")
    web.reports(10, interval=1)
    world.later(seconds=50)
    world.container.get(DetectOffline)()
    assert [] == alerts(world)
    world.send("PUT", PATH, world.admin, json={"offline_after": 48})
    world.container.fleet.refresh()
    world.container.get(DetectOffline)()
    assert ["offline"] == [each["metric"] for each in alerts(world)]


def test_digest_wait_applies_at_once(world: World) -> None:
    policy(world)
    web = host(world, "192.0.2.1", with_address(world, "bob"))
    world.send("PUT", PATH, world.admin, json={"digest_wait": 120})
    web.reports(90)
    delivery = world.container.get(DeliverNotifications)
    world.later(seconds=119)
    assert [] == delivery.claim(Transport.MAIL)
    world.later(seconds=1)
    assert 1 == len(delivery.claim(Transport.MAIL))


def test_the_retention_of_samples_applies_at_once_to_each_of_a_batch(world: World) -> None:
    """Shorter, and longer again."""
    key = world.server_key(world.server("192.0.2.1"))

    def sent(second: int) -> list[str]:
        times = (f"2029-12-31 11:59:{second}", f"2029-12-31 12:00:{second}")  # a day ago, by seconds
        body = {"samples": [report(recorded_at=at) for at in times]}
        results = data(world.send("POST", "/api/monitor/data/batch", agent(key), json=body))["results"]
        return [result.get("reason", result["status"]) for result in results]

    assert sent(10) == ["stored", "stored"]
    for days, second, expected in ((1, 20, "too_old"), (400, 30, "stored")):
        world.send("PUT", PATH, world.admin, json={"retention": {"chunk_days": days}})
        assert sent(second) == [expected, "stored"]


def test_metrics_of_prometheus_are_a_list_of_names(world: World) -> None:
    names = ["mysql_up", "app:requests:rate5m", "mysql_up"]
    changed = data(world.send("PUT", PATH, world.admin, json={"prometheus_metrics": names}))
    assert ["app:requests:rate5m", "mysql_up"] == changed["prometheus_metrics"]
    assert changed == settings(world)
    [entry, *_] = data(world.send("GET", "/api/audit", world.admin))
    assert "settings.update" == entry["action"]
    assert 'prometheus_metrics: "" -> "app:requests:rate5m, mysql_up"' == entry["detail"]
    assert [] == data(world.send("PUT", PATH, world.admin, json={"prometheus_metrics": []}))["prometheus_metrics"]


@pytest.mark.parametrize(
    "names", [["with space"], ["0up"], [""], ["up\n"], ["a" * 201], ["up"] * 101, "up", [1], ["node{}"], None]
)
def test_other_names_of_metrics_are_refused(world: World, names: Any) -> None:
    answer = world.send("PUT", PATH, world.admin, json={"prometheus_metrics": names})
    assert 400 == answer.status_code
    assert any(field.startswith("prometheus_metrics") for field in answer.json()["data"]["fields"])
    assert DEFAULTS == settings(world)
