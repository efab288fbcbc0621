"""How times are read, and the language of answers."""

from datetime import UTC, datetime

import pytest

from monitor.adapters.http.edge.errors import answer
from monitor.domain import errors
from monitor.domain.accounts import errors as account_errors
from monitor.domain.accounts.errors import QuotaReached, TooManyAtOnce, TooManyAttempts
from monitor.domain.errors import InvalidInput, MonitorError, Problem, RefusedTime
from monitor.domain.fleet import errors as fleet_errors
from monitor.domain.fleet.errors import TeamTag
from tests.integration.http.world import World

GOOD = {
    "2030-01-01 11:00:00": "2030-01-01 11:00:00",
    "2030-01-01T11:00:00": "2030-01-01 11:00:00",
    "2030-01-01T11:00:00Z": "2030-01-01 11:00:00",
    "2030-01-01t11:00:00z": "2030-01-01 11:00:00",
    "2030-01-01T19:00:00+08:00": "2030-01-01 11:00:00",
    "2030-01-01 05:30:00-05:30": "2030-01-01 11:00:00",
    "2030-01-01 11:00:00.5": "2030-01-01 11:00:00",
    "2030-01-01 11:00:00.123456789": "2030-01-01 11:00:00",
}
BAD = [
    "",
    "now",
    "1893499200",
    "2030-01-01",
    "2030-1-1 11:00:00",
    "2030-02-30 11:00:00",
    "2030-01-01 24:00:00",
    "2030-01-01 11:00:60",
    "2030-01-01 11:00",
    "2030-01-01 11:00:00 UTC",
    "2030-01-01 11:00:00\n",
    "２０３０-01-01 11:00:00",
    "2030-01-01 11:00:00+25:00",
    "0001-01-01 00:00:00+14:00",
    "9999-12-31 23:59:59-14:00",
    "2030-W01-1 11:00:00",
]


def test_times_that_are_read(world: World) -> None:
    for number, (text, stored) in enumerate(GOOD.items()):
        server_id = world.server(f"192.0.2.{number}")
        assert stored == world.report(world.server_key(server_id), text).json()["data"]["recorded_at"], text
        [row] = world.send("GET", "/api/monitor/data", world.admin, params={"server_id": server_id}).json()["data"]
        assert stored == row["recorded_at"]


@pytest.fixture(scope="module")
def calm_server(calm_world: World) -> tuple[int, str]:
    """Its id and its key."""
    server_id = calm_world.server("192.0.2.1")
    return server_id, calm_world.server_key(server_id)


@pytest.mark.parametrize("text", BAD, ids=repr)
def test_times_that_are_not(calm_world: World, calm_server: tuple[int, str], text: str) -> None:
    server_id, key = calm_server
    answers = [calm_world.report(key, text)]
    for path in ("/api/monitor/data", f"/api/servers/{server_id}/series"):
        answers += [calm_world.send("GET", path, calm_world.admin, params={name: text}) for name in ("start", "end")]
    assert [400] * 5 == [answer.status_code for answer in answers]
    assert ["recorded_at", "start", "end", "start", "end"] == [
        name for answer in answers for name in answer.json()["data"]["fields"]
    ]


@pytest.mark.parametrize(
    ("header", "is_english"),
    [
        (None, False),
        ("", False),
        ("zh-CN", False),
        ("en", True),
        ("EN-gb", True),
        ("en-US,en;q=0.9", True),
        ("en;q=0.5, zh;q=0.9", False),
        ("zh;q=0.5, en; q=0.9", True),
        ("fr, en;q=0.1", True),
        ("fr", False),
        ("*", False),
        ("en;q=0", False),
        ("en;q=x", False),
        ("en;q=nan", False),
        ("," * 1000, False),
        ("\xff;q=\xff", False),
    ],
)
def test_english_if_it_is_preferred_to_chinese(calm_world: World, header: str | None, is_english: bool) -> None:
    headers = {} if header is None else {"Accept-Language": header}
    good = calm_world.send("GET", "/api/servers", calm_world.admin, headers=headers).json()["msg"]
    bad = calm_world.send("POST", "/api/servers", calm_world.admin, json={}, headers=headers).json()
    refused = calm_world.send("POST", "/api/monitor/data", headers=headers).json()["msg"]
    expected = ("OK", "Invalid API key", "required") if is_english else ("获取成功", "密钥无效", "必填")
    assert expected == (good, refused, bad["data"]["fields"]["server_name"])


ERRORS = {module.__name__ for module in (errors, account_errors, fleet_errors)}


def kinds(of: type[MonitorError]) -> list[type[MonitorError]]:
    return [of, *(kind for each in of.__subclasses__() for kind in kinds(each))]


@pytest.mark.parametrize(
    "kind", [kind for kind in kinds(MonitorError) if kind.__module__ in ERRORS and kind.__name__[0] != "_"]
)
def test_every_error_of_the_core_has_a_status_and_a_sentence(kind: type[MonitorError]) -> None:
    """Except base classes, which are never raised."""
    special: dict[type[MonitorError], MonitorError] = {
        InvalidInput: InvalidInput({"a": Problem("required")}),
        TooManyAttempts: TooManyAttempts(1),
        QuotaReached: QuotaReached("servers", 1),
        RefusedTime: RefusedTime(datetime(2030, 1, 1, tzinfo=UTC), "in_future"),
        TeamTag: TeamTag("web"),
        TooManyAtOnce: TooManyAtOnce("streams", 1),
    }
    error = special.get(kind) or kind()
    status, body, headers = answer(error)
    assert (status == 500) is (kind is MonitorError)
    assert (error.reason, status) == (body.data.reason, body.code)
    assert (body.msg == "服务器内部错误") is (kind is MonitorError)
    assert ("Retry-After" in headers) is (status in (429, 503))
