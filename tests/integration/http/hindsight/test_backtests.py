"""/api/alert-policies/backtest: at once for a server and some days, as a job for more."""

import threading
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import pytest

from monitor.application.history.ports import HistoryQueries
from monitor.domain.fleet.servers import ServerId
from tests.integration.http.alerts.alarms import AT_ONCE, data, fields, host, refusal
from tests.integration.http.served import wait_until
from tests.integration.http.world import Caller, Json, World

PATH = "/api/alert-policies/backtest"


def ask(world: World, caller: Caller | None = None, days: int = 1, **policy: Any) -> Any:
    body = {"policy": AT_ONCE | policy, "days": days}
    return data(world.send("POST", PATH, caller or world.admin, json=body))


def progress(world: World, job_id: str, caller: Caller | None = None) -> Json:
    found: Json = data(world.send("GET", f"{PATH}/{job_id}", caller or world.admin))
    return found


@pytest.fixture
def history(world: World) -> World:
    """Server 1 was over 70 % twice, for one second and for two; server 2 over 85 % once, and still is."""
    for ip_address, values in (("192.0.2.1", (10, 75, 10, 72, 73, 10)), ("192.0.2.2", (10, 90))):
        each = host(world, ip_address)
        for cpu in values:
            each.reports(cpu)
    world.later(seconds=1)
    return world


def test_it_says_how_often_when_how_long_and_where(history: World) -> None:
    found = ask(history)
    assert {"total": 3, "firing_seconds": 4.0, "per_day": [{"date": "2030-01-01", "count": 3}]}.items() <= found.items()
    assert {
        "server_id": 1,
        "level": "warning",
        "fired_at": "2030-01-01 12:00:02",
        "resolved_at": "2030-01-01 12:00:03",
        "value": 75.0,
    } == found["alerts"][-1]
    assert (2, "critical", None) == tuple(found["alerts"][0][name] for name in ("server_id", "level", "resolved_at"))
    assert [(1, 2, 3.0), (2, 1, 1.0)] == [(s["server_id"], s["count"], s["firing_seconds"]) for s in found["servers"]]


def test_alerts_that_fire_at_the_start_are_counted_separately(world: World) -> None:
    web = host(world, "192.0.2.1")
    web.reports(90, recorded_at="2029-12-30 12:00:00")
    web.reports(90)
    world.later(seconds=1)
    found = ask(world)
    assert (found["total"], found["already_firing"]) == (0, 1)


def varied(row: Json, policy: Json) -> list[str]:
    return [name for name in ("warning", "critical", "sustained_for", "clear_margin") if row[name] != policy[name]]


def test_neighbours_vary_one_thing_at_a_time(history: World) -> None:
    found = ask(history, critical=None)
    first, *others = found["sweep"]
    assert [[], {1}] == [varied(first, AT_ONCE | {"critical": None}), {len(varied(row, first)) for row in others}]
    totals = {row["warning"]: row["total"] for row in found["sweep"]}
    assert [3, 2, 1] == [totals[warning] for warning in (73, 75, 80)]
    assert {"warning", "sustained_for", "clear_margin"} == {name for row in others for name in varied(row, first)}
    kept = {name: found[name] for name in ("total", "escalations", "reminders", "ended_within_hour")}
    assert kept.items() <= first.items()


def test_the_quietest_neighbour_that_loses_no_long_alert_is_named(world: World) -> None:
    """Five short peaks of 75 %, and one of 90 % that lasts two hours."""
    web, hour = host(world, "192.0.2.1"), datetime(2030, 1, 1, 9, tzinfo=UTC)
    short = [(hour + timedelta(minutes=n), 75 if n % 2 else 10) for n in range(11)]
    long = [(hour + timedelta(minutes=11 + n), 90) for n in range(2 * 60)]
    for at, cpu in [*short, *long, (hour + timedelta(minutes=131), 10)]:
        web.reports(cpu, recorded_at=f"{at:%Y-%m-%d %H:%M:%S}", interval=60)
    found = ask(world, critical=None)
    row = found["sweep"][found["quietest"]]
    assert (6, 5, 0) == (found["total"], found["ended_within_hour"], found["reminders"])
    assert (15, 1, 0, 60) == tuple(row[name] for name in ("sustained_for", "total", "long_lost", "median_delay"))


def test_the_worst_value_of_each_hour_is_there(history: World) -> None:
    assert [{"at": "2030-01-01 12:00:00", "value": 90.0}] == ask(history)["peaks"]
    assert [{"at": "2030-01-01 12:00:00", "value": 10.0}] == ask(history, direction="below", critical=60)["peaks"]


@pytest.mark.parametrize(
    ("policy", "least", "most"),
    [
        ({"warning": 85, "critical": 95}, 75.0, 94.0),
        ({"metric": "load1", "warning": 2, "critical": 4, "clear_margin": 0}, 1.5, 2.5),
    ],
)
def test_neighbours_stay_within_the_range_of_the_metric(world: World, policy: Json, least: Any, most: Any) -> None:
    each = host(world, "192.0.2.1")
    usual = {"cpu_value": 10, "memory_value": 10, "disk_value": 10}
    for load in (0.25, 6.0):
        each.reports(10, metrics=usual | {"extra": {"load1": load}})
    world.later(seconds=1)
    sweep = ask(world, **policy)["sweep"]
    assert [least, min(most, 90.0)] == [min(row["warning"] for row in sweep), max(row["warning"] for row in sweep)]
    assert 1 == sum(not varied(row, sweep[0]) for row in sweep)


@pytest.mark.parametrize("left_out", [{}, {"clear_margin": None}], ids=["absent", "null"])
def test_the_margin_suits_the_metric(world: World, left_out: Json) -> None:
    each = host(world, "192.0.2.1")
    usual = {"cpu_value": 10, "memory_value": 10, "disk_value": 10}
    for load in (2.5, 1.0, 2.5, 1.85, 2.5):
        each.reports(10, metrics=usual | {"extra": {"load1": load}})
    world.later(seconds=1)
    policy = {"metric": "load1", "warning": 2, "critical": 4, "sustained_for": 0, "clear_for": 0} | left_out
    found = data(world.send("POST", PATH, world.admin, json={"policy": policy, "days": 1}))
    assert 2 == found["total"]


def test_it_stores_nothing(history: World) -> None:
    ask(history)
    assert [[], []] == [
        data(history.send("GET", path, history.admin)) for path in ("/api/alerts", "/api/alert-policies")
    ]


def test_users_backtest_on_linked_servers_only(history: World) -> None:
    bob = history.person("bob")
    history.send("POST", "/api/servers/2/users", history.admin, json={"user_ids": [bob.id]})
    assert [2] == [each["server_id"] for each in ask(history, bob)["servers"]]
    body = {"policy": AT_ONCE | {"scope": {"server_id": 1}}, "days": 1}
    assert (404, "not_found") == refusal(history.send("POST", PATH, bob, json=body))


def test_a_long_one_is_a_job_that_ends_with_the_same_result(history: World) -> None:
    job_id = ask(history, days=30)["job_id"]
    wait_until(lambda: progress(history, job_id)["progress"] == 1)
    done = progress(history, job_id)
    assert (None, ask(history)["total"]) == (done["error"], done["result"]["total"])
    assert 200 == history.send("DELETE", f"{PATH}/{job_id}", history.admin).status_code
    assert (404, "not_found") == refusal(history.send("GET", f"{PATH}/{job_id}", history.admin))


class Gate:
    """Blocks a store's history: its readers wait until it is opened."""

    def __init__(self, history: HistoryQueries) -> None:
        self._history = history
        self.asked_of: list[ServerId] = []
        self.waiting = threading.Event()
        self.opened = threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._history, name)

    def open_hours(self, server_id: ServerId, *args: Any) -> Any:
        self.asked_of.append(server_id)
        self.waiting.set()
        assert self.opened.wait(30)
        return self._history.open_hours(server_id, *args)


def test_a_job_that_is_cancelled_ends_after_the_server_it_is_at(history: World) -> None:
    gate = Gate(history.store.queries.history)
    history.store.queries.history = gate  # type: ignore[assignment]  # but for `open_hours` it is one
    job_id = ask(history, days=30)["job_id"]
    assert gate.waiting.wait(30)
    assert {"progress": 0.0, "result": None, "error": None} == progress(history, job_id)
    assert 200 == history.send("DELETE", f"{PATH}/{job_id}", history.admin).status_code
    assert (404, "not_found") == refusal(history.send("GET", f"{PATH}/{job_id}", history.admin))
    gate.opened.set()
    next_id = ask(history, days=30)["job_id"]
    wait_until(lambda: progress(history, next_id)["progress"] == 1)
    assert [1, 2] == [server_id for server_id, _ in groupby(gate.asked_of)]


def test_a_job_of_another_user_is_404(history: World) -> None:
    """Also to an administrator, whether it is asked for or cancelled."""
    bob = history.person("bob")
    history.send("POST", "/api/servers/2/users", history.admin, json={"user_ids": [bob.id]})
    job_id = ask(history, bob, days=60)["job_id"]
    for method in ("GET", "DELETE"):
        answers = [history.send(method, f"{PATH}/{each}", history.admin) for each in (job_id, "nobodys")]
        assert [(404, answers[0].content)] * 2 == [(each.status_code, each.content) for each in answers]
    wait_until(lambda: progress(history, job_id, bob)["progress"] == 1)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"policy": AT_ONCE | {"critical": 101}}, "critical"),
        ({"policy": AT_ONCE | {"clear_margin": 70}}, "clear_margin"),
        ({"days": 0}, "days"),
        ({"days": 401}, "days"),
        ({"days": "7"}, "days"),
        ({"policy": AT_ONCE | {"warning": 99}}, "critical"),
        ({"policy": {"metric": "cpu"}}, "critical"),
        ({"policy": {"warning": 7}}, "policy.metric"),
        ({"policy": 7}, "policy"),
        ({"since": "2030-01-01"}, "since"),
    ],
)
def test_problems_are_named(world: World, body: Json, field: str) -> None:
    assert [field] == list(fields(world.send("POST", PATH, world.admin, json={"policy": AT_ONCE} | body)))


def test_the_offline_policy_can_be_backtested(world: World) -> None:
    web = host(world, "192.0.2.1")
    web.reports(10)
    world.later(minutes=10)
    web.reports(10)
    found = ask(world, metric="offline", warning=None, critical=None)
    assert (1, ["critical"]) == (found["total"], [each["level"] for each in found["alerts"]])
