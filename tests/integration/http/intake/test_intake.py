"""Samples from agents, over the short way in (`Front`) and over the framework's routing, which must not differ."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.http.reporting import BATCH, NOW, SINGLE, batch, results, stored
from tests.integration.http.world import ANONYMOUS, Caller, Json, World, agent, report


def test_a_sample_is_there_once_it_is_acknowledged(any_world: World) -> None:
    world = any_world
    server_id = world.server("192.0.2.1")
    key = world.server_key(server_id)
    processes = [{"name": "python3", "cpu": 250.5, "memory": 3.25}]
    sent = world.report(
        key, "2030-01-01 11:59:58.123456", cpu=45.556, memory=100, disk=0, interval=5, processes=processes
    )
    assert ("stored", 45.56, 100, 0) == tuple(
        sent.json()["data"][name] for name in ("status", "cpu_value", "memory_value", "disk_value")
    )
    [row] = stored(world)
    assert (server_id, 45.56, 100, 0, "2030-01-01 11:59:58") == tuple(
        row[name] for name in ("server_id", "cpu_value", "memory_value", "disk_value", "recorded_at")
    )
    assert 5 == row["interval"]


def test_extra_metrics_are_read_back_as_they_were_sent(any_world: World) -> None:
    world = any_world
    key = world.server_key(world.server("192.0.2.1"))
    extra = {"load1": 0.7, "disk:/var": 81.2, "net_rx": 120000, "big": 1e300, "small": -1e-300, "zero": -0.0}
    body = report()
    body["metrics"]["extra"] = extra
    world.send("POST", SINGLE, agent(key), json=body)
    assert extra == stored(world)[0]["extra"]


def test_a_sample_sent_again_is_stored_once(any_world: World) -> None:
    """To the microsecond: one later is another sample."""
    world = any_world
    key = world.server_key(world.server("192.0.2.1"))
    times = ["2030-01-01 11:00:00.000001", "2030-01-01 11:00:00.000001", "2030-01-01 11:00:00.000002"]
    answers = [world.report(key, at, cpu=number) for number, at in enumerate(times)]
    assert ["stored", "duplicate", "stored"] == [answer.json()["data"]["status"] for answer in answers]
    assert ["duplicate", "stored", "duplicate"] == results(
        batch(world, key, [report(recorded_at=at) for at in (times[0], "2030-01-01 11:00:00", "2030-01-01T11:00:00Z")])
    )
    assert [2, 0] == [row["cpu_value"] for row in stored(world)][:2]
    assert 3 == len(stored(world))


def test_a_negative_zero_is_a_zero(world: World) -> None:
    sent = world.report(world.server_key(world.server("192.0.2.1")), cpu=-0.0, memory=-0.0, disk=-0.0)
    assert '"cpu_value":0.0,"memory_value":0.0,"disk_value":0.0' in sent.text


@pytest.fixture(scope="module")
def calm_key(calm_world: World) -> str:
    return calm_world.server_key(calm_world.server("192.0.2.1"))


METRICS = {"cpu_value": 1, "memory_value": 2, "disk_value": 3}
BAD_REPORTS: list[tuple[str, Any]] = [
    ("metrics", {}),
    ("metrics.cpu_value", {"metrics": METRICS | {"cpu_value": 101}}),
    ("metrics.cpu_value", {"metrics": METRICS | {"cpu_value": 100.001}}),
    ("metrics.cpu_value", {"metrics": METRICS | {"cpu_value": -0.001}}),
    ("metrics.cpu_value", {"metrics": METRICS | {"cpu_value": "45.5"}}),
    ("metrics.cpu_value", {"metrics": METRICS | {"cpu_value": True}}),
    ("metrics.cpu_value", {"metrics": METRICS | {"cpu_value": None}}),
    ("metrics.cpu_value", {"metrics": METRICS | {"cpu_value": [1]}}),
    ("metrics.cpu_value", {"metrics": METRICS | {"cpu_value": 10**400}}),
    ("metrics.disk_value", {"metrics": {"cpu_value": 1, "memory_value": 2}}),
    ("metrics.gpu_value", {"metrics": METRICS | {"gpu_value": 5}}),
    ("metrics.extra", {"metrics": METRICS | {"extra": {f"m{number}": 1 for number in range(257)}}}),
    ("metrics.extra", {"metrics": METRICS | {"extra": [1]}}),
    ("metrics.extra", {"metrics": METRICS | {"extra": {"Load": 1}}}),
    ("metrics.extra", {"metrics": METRICS | {"extra": {"load1\n": 1}}}),
    ("metrics.extra", {"metrics": METRICS | {"extra": {"": 1}}}),
    ("metrics.extra", {"metrics": METRICS | {"extra": {"a b": 1}}}),
    ("metrics.extra", {"metrics": METRICS | {"extra": {"é": 1}}}),
    ("metrics.extra", {"metrics": METRICS | {"extra": {"x" * 65: 1}}}),
    ("metrics.extra[...]", {"metrics": METRICS | {"extra": {"load1": "1"}}}),
    ("metrics.extra[...]", {"metrics": METRICS | {"extra": {"load1": True}}}),
    ("metrics.extra[...]", {"metrics": METRICS | {"extra": {"load1": None}}}),
    ("recorded_at", {"metrics": METRICS, "recorded_at": "yesterday"}),
    ("recorded_at", {"metrics": METRICS, "recorded_at": 1893499200}),
    ("recorded_at", {"metrics": METRICS, "recorded_at": "2030-01-01 12:01:01"}),
    ("recorded_at", {"metrics": METRICS, "recorded_at": "2028-11-26 00:00:00"}),
    ("recorded_at", {"metrics": METRICS, "recorded_at": "0001-01-01 00:00:00"}),
    ("recorded_at", {"metrics": METRICS, "recorded_at": "9999-12-31 23:59:59"}),
    ("interval", {"metrics": METRICS, "interval": 0}),
    ("interval", {"metrics": METRICS, "interval": -5}),
    ("interval", {"metrics": METRICS, "interval": 86401}),
    ("interval", {"metrics": METRICS, "interval": "15"}),
    ("processes", {"metrics": METRICS, "processes": [{"name": "a", "cpu": 1, "memory": 1}] * 21}),
    ("processes[0].memory", {"metrics": METRICS, "processes": [{"name": "a", "cpu": 1, "memory": 101}]}),
    ("processes[0].cpu", {"metrics": METRICS, "processes": [{"name": "a", "cpu": -1, "memory": 1}]}),
    ("processes[0].name", {"metrics": METRICS, "processes": [{"name": "x" * 201, "cpu": 1, "memory": 1}]}),
    ("processes[0].pid", {"metrics": METRICS, "processes": [{"name": "a", "cpu": 1, "memory": 1, "pid": 1}]}),
    ("ip_address", {"metrics": METRICS, "ip_address": "nonsense"}),
    ("ip_address", {"metrics": METRICS, "ip_address": 5}),
    ("ip_address", {"metrics": METRICS, "ip_address": "192.0.2.1" + " " * 200}),
    ("hostname", {"metrics": METRICS, "hostname": "a"}),
    ("agent", {"metrics": METRICS, "agent": "0.1.0"}),
    ("agent.version", {"metrics": METRICS, "agent": {"version": 1}}),
    ("agent.os", {"metrics": METRICS, "agent": {"version": "1", "os": "x" * 1001}}),
    ("body", []),
]


@pytest.mark.parametrize(("field", "body"), BAD_REPORTS, ids=range(len(BAD_REPORTS)))
def test_a_bad_report_is_a_400_that_names_the_field_and_stores_nothing(
    calm_world: World, calm_key: str, field: str, body: Any
) -> None:
    answer = calm_world.send("POST", SINGLE, agent(calm_key), json=body)
    reasons = ("in_future", "too_old") if field == "recorded_at" else ()
    assert 400 == answer.status_code
    assert answer.json()["data"]["reason"] in ("invalid_input", *reasons)
    assert [field] == list(answer.json()["data"]["fields"])
    assert [] == stored(calm_world)


def test_a_bad_report_in_a_batch_is_rejected_by_itself(world: World) -> None:
    key = world.server_key(world.server("192.0.2.1"))
    for number, (_, body) in enumerate(BAD_REPORTS):
        around = [report(recorded_at=f"2030-01-01 1{hour}:00:{number:02}") for hour in (0, 1)]
        before, bad, after = results(batch(world, key, [around[0], _with_time(body), around[1]]))
        assert ("stored", "stored") == (before, after)
        assert bad in ("invalid_input", "in_future", "too_old"), body
    assert min(100, 2 * len(BAD_REPORTS)) == len(stored(world))


def _with_time(body: Any) -> Any:
    return {"recorded_at": NOW} | body if isinstance(body, dict) else body


def test_clocks_may_differ_by_a_minute_and_agents_may_catch_up_on_400_days(world: World) -> None:
    key = world.server_key(world.server("192.0.2.1"))
    for at in ("2030-01-01 12:01:00", "2028-11-27 12:00:00"):
        assert 200 == world.report(key, at).status_code


def test_a_batch_of_a_thousand(any_world: World) -> None:
    world = any_world
    world.server("192.0.2.1")
    world.server("192.0.2.2")
    key = world.fleet_key()
    samples = [
        report(ip_address=f"192.0.2.{1 + number % 2}", recorded_at=f"2030-01-01 11:{number // 60:02}:{number % 60:02}")
        for number in range(1000)
    ]
    assert ["stored"] * 1000 == results(batch(world, key, samples))
    assert ["duplicate"] * 1000 == results(batch(world, key, samples))
    assert 1000 == len(world.send("GET", SINGLE, world.admin, params={"limit": 1000}).json()["data"])
    refused = batch(world, key, [*samples, samples[0]])
    assert (400, ["samples"]) == (refused.status_code, list(refused.json()["data"]["fields"]))
    assert [] == results(batch(world, key, []))


def test_each_item_of_a_batch_has_its_own_result(any_world: World) -> None:
    world = any_world
    world.server("192.0.2.1")
    key = world.fleet_key()

    def item(at: str | None = "2030-01-01 11:00:00", **more: Any) -> Json:
        return report(ip_address="192.0.2.1") | ({"recorded_at": at} if at else {}) | more

    expected = [
        (item(), "stored"),
        (item(), "duplicate"),
        (item("2030-01-01 11:00:01"), "stored"),
        (item(None), "required"),
        (item("2030-01-01 12:30:00"), "in_future"),
        (item("2020-01-01 12:00:00"), "too_old"),
        (item("soon"), "invalid_input"),
        (item(ip_address="192.0.2.9"), "unknown_host"),
        (item(ip_address="x"), "invalid_input"),
        (report(recorded_at=NOW), "invalid_input"),
        (item(surprise=1), "invalid_input"),
        (5, "invalid_input"),
        (None, "invalid_input"),
        ({}, "invalid_input"),
        ([[[[]]]], "invalid_input"),
    ]
    answer = batch(world, key, [sent for sent, _ in expected])
    assert [outcome for _, outcome in expected] == results(answer)
    statuses = {result["status"] for result in answer.json()["data"]["results"]}
    assert {"stored", "duplicate", "rejected"} == statuses
    assert 2 == len(stored(world))


@pytest.mark.parametrize("body", [b"{}", b'{"samples": 5}', b'{"samples": null}', b'{"samples": [1}', b"[]"], ids=repr)
def test_an_invalid_batch_is_a_400_as_a_whole(calm_world: World, calm_key: str, body: bytes) -> None:
    assert 400 == calm_world.send("POST", BATCH, agent(calm_key), content=body).status_code


ROUTED: list[tuple[str, Callable[[str], Caller], Any]] = [
    (SINGLE, agent, report()),
    (SINGLE, agent, report(recorded_at="2030-01-01 11:00:00")),
    (SINGLE, agent, report(ip_address="192.0.2.9")),
    (SINGLE, lambda _: ANONYMOUS, report()),
    (SINGLE, lambda _: ANONYMOUS, {}),
    (SINGLE, lambda _: agent("mk_nonsense"), b"{"),
    (SINGLE, agent, b""),
    (SINGLE, agent, b"{"),
    (SINGLE, agent, b" " * 1_000_001),
    (SINGLE, agent, b"[" * 100_000),
    *((SINGLE, agent, body) for _, body in BAD_REPORTS),
    (BATCH, agent, {"samples": []}),
    (BATCH, agent, {"samples": [_with_time(body) for _, body in BAD_REPORTS]}),
    (BATCH, agent, {"samples": [report(recorded_at=NOW)] * 1001}),
    (BATCH, agent, {"samples": {}}),
    (BATCH, agent, b""),
    (BATCH, agent, b"{"),
    (BATCH, agent, b'{"samples":[{"metrics":1}, {"metrics": tru'),
    (BATCH, lambda _: ANONYMOUS, {}),
    (BATCH, agent, b" " * 1_000_001),
]


def test_both_ways_in_give_the_same_answers(world: World) -> None:
    """A trailing slash is the framework's own business, and therefore takes the long way, which packs large answers and
    gives each an id."""
    key = world.server_key(world.server("192.0.2.1"))

    def answers(path: str, caller: Caller, body: Any, **headers: str) -> tuple[int, bytes, Any]:
        sent = {"content": body} if isinstance(body, bytes) else {"json": body}
        answer = world.send("POST", path, caller, headers={"Accept-Encoding": "identity", **headers}, **sent)
        fields = sorted(item for item in set(answer.headers.items()) if item[0] not in ("vary", "x-request-id"))
        return answer.status_code, answer.content, fields

    for path, who, body in ROUTED:
        short, long = (answers(path + slash, who(key), body) for slash in ("", "/"))
        if b'"stored"' in short[1]:
            short, long = (answers(path + slash, who(key), body) for slash in ("", "/"))
        assert short == long, (path, body)
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        short, long = (answers(SINGLE + slash, agent(key), report(), **{"Content-Type": kind}) for slash in ("", "/"))
        assert short == long
        assert 415 == short[0]
