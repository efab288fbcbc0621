"""/api/silences: times without notifications, once or again and again."""

from datetime import timedelta
from typing import Any

import pytest

from monitor.application.alerts.maintenance import AlertMaintenance
from monitor.domain.policies.policies import Scope
from monitor.domain.policies.silences import Silence
from tests.integration.http.alerts.alarms import alerts, data, deliver, fields, host, policy, refusal, with_address
from tests.integration.http.world import World

PATH = "/api/silences"
LATER = "2030-01-01 13:00:00"
NIGHTLY = {"weekdays": [1, 0], "starts": "22:00", "duration": 7200, "zone": "Asia/Shanghai"}


def silence(world: World, **body: Any) -> dict[str, Any]:
    found: dict[str, Any] = data(world.send("POST", PATH, world.admin, json={"scope": {}, "ends_at": LATER} | body))
    return found


def test_a_silence_is_created_listed_and_deleted(world: World) -> None:
    web = host(world, "192.0.2.1")
    made = silence(world, scope={"server_id": web.id}, metric="cpu", reason=" a new disk ")
    assert {
        "id": 1,
        "scope": {"server_id": web.id},
        "metric": "cpu",
        "starts_at": "2030-01-01 12:00:00",
        "ends_at": LATER,
        "reason": "a new disk",
        "recurrence": None,
        "active": True,
        "windows": [{"start": "2030-01-01 12:00:00", "end": LATER}],
        "may_change": True,
        "readable": True,
        "created_by": "admin",
        "created_at": "2030-01-01 12:00:00",
    } == made
    assert [made] == data(world.send("GET", PATH, world.admin))
    assert 200 == world.send("DELETE", f"{PATH}/1", world.admin).status_code
    assert [] == data(world.send("GET", PATH, world.admin))
    assert (404, "not_found") == refusal(world.send("DELETE", f"{PATH}/1", world.admin))
    actions = [row["action"] for row in data(world.send("GET", "/api/audit", world.admin))]
    assert ["silence.delete", "silence.create"] == actions[:2]


def test_an_ended_silence_stays_in_the_list_as_a_past_one(world: World) -> None:
    web = host(world, "192.0.2.1")
    made = silence(world, scope={"server_id": web.id}, recurrence=NIGHTLY)
    assert (409, "not_begun") == refusal(world.send("POST", f"{PATH}/1/end", world.admin))
    world.later(minutes=5)
    ended = made | {"ends_at": "2030-01-01 12:05:00", "windows": [], "active": False}
    for _ in range(2):
        assert ended == data(world.send("POST", f"{PATH}/1/end", world.admin))
    assert [ended] == data(world.send("GET", PATH, world.admin))
    assert (404, "not_found") == refusal(world.send("POST", f"{PATH}/2/end", world.admin))
    actions = [row["action"] for row in data(world.send("GET", "/api/audit", world.admin))]
    assert ["silence.end", "silence.create"] == actions[:2]


def test_an_unreadable_silence_is_listed_is_never_active_and_can_be_ended_and_deleted(world: World) -> None:
    """A zone that this machine doesn't know, say."""
    now = world.clock.now()
    lost = Silence(
        scope=Scope(), starts_at=now, ends_at=now + timedelta(hours=1), reason="", created_at=now, readable=False
    )
    with world.container.uow() as uow:
        uow.silences.add(lost)
        uow.commit()
    [listed] = data(world.send("GET", PATH, world.admin))
    assert (False, False, None) == (listed["readable"], listed["active"], listed["recurrence"])
    assert [] == listed["windows"]
    world.later(minutes=5)
    ended = data(world.send("POST", f"{PATH}/{listed['id']}/end", world.admin))
    assert listed | {"ends_at": "2030-01-01 12:05:00"} == ended
    assert 200 == world.send("DELETE", f"{PATH}/{listed['id']}", world.admin).status_code
    assert [] == data(world.send("GET", PATH, world.admin))


def test_no_recipient_is_notified_within_it_and_the_row_says_so(world: World) -> None:
    policy(world)
    bob = with_address(world, "bob")
    web = host(world, "192.0.2.1", bob)
    made = silence(world, scope={"server_id": web.id})
    web.reports(90)
    deliver(world)
    assert ([], [True]) == (world.mailer.sent, [each["silenced"] for each in alerts(world, bob)])
    assert [True] == [data(world.send("GET", "/api/alerts/1", bob))["silenced"]]
    world.send("DELETE", f"{PATH}/{made['id']}", bob)
    assert [False] == [each["silenced"] for each in alerts(world, bob)]
    world.container.get(AlertMaintenance)()
    deliver(world)
    assert ["fired"] == [item.event_kind.value for item in world.mailer.sent[0][1].items]


def test_a_recurring_silence_is_active_in_its_windows_only(world: World) -> None:
    """22:00 to 24:00 in Shanghai is 14:00 to 16:00 UTC."""
    made = silence(world, ends_at="2031-01-01 00:00:00", recurrence=NIGHTLY)
    assert (NIGHTLY | {"weekdays": [0, 1]}, False) == (made["recurrence"], made["active"])

    def is_active() -> bool:
        return bool(data(world.send("GET", PATH, world.log_in("admin")))[0]["active"])

    for hours, active in ((2, True), (1.99, True), (0.02, False), (21.99, False), (144, True)):
        world.later(hours=hours)
        assert active is is_active(), world.clock.now()


def test_its_next_windows_and_those_of_any_time_are_with_it(world: World) -> None:
    """1 January 2030 is a Tuesday; it is noon."""
    made = silence(world, ends_at="2030-01-14 15:00:00", recurrence=NIGHTLY)

    def written(*days: int) -> list[dict[str, str]]:
        return [{"start": f"2030-01-{day:02} 14:00:00", "end": f"2030-01-{day:02} 16:00:00"} for day in days]

    assert written(1, 7) == made["windows"]
    world.later(hours=4)
    admin = world.log_in("admin")
    [listed] = data(world.send("GET", PATH, admin))
    assert written(7, 8) == listed["windows"]
    asked = {"start": "2030-01-07 15:00:00", "end": "2030-01-20 00:00:00"}
    refused = world.send("GET", PATH, admin, params=asked)
    assert (400, ["server_id"]) == (refused.status_code, [*refused.json()["data"]["fields"]]), "of all it takes long"
    server = host(world, "192.0.2.9")
    [listed] = data(world.send("GET", PATH, admin, params={**asked, "server_id": server.id}))
    last = {"start": "2030-01-14 14:00:00", "end": "2030-01-14 15:00:00"}
    assert [*written(7, 8), last] == listed["windows"]
    for ends_at, days in (("2030-01-02 12:00:00", ()), ("2030-01-31 00:00:00", (2, 9))):
        body = {"scope": {}, "ends_at": ends_at, "recurrence": NIGHTLY | {"weekdays": [2]}}
        assert [*written(*days)] == data(world.send("POST", f"{PATH}/preview", admin, json=body))["windows"]


def test_one_that_never_ends_is_previewed(world: World) -> None:
    body = {"scope": {}, "ends_at": "9999-12-31 23:59:59"}
    assert 1 == len(data(world.send("POST", f"{PATH}/preview", world.admin, json=body))["windows"])


def test_those_of_one_server_or_check_are_those_that_cover_it(world: World) -> None:
    web, other = host(world, "192.0.2.1", tags=("web",)), host(world, "192.0.2.2")
    check = {"name": "shop", "kind": "tcp", "target": "192.0.2.1:80", "server_id": web.id}
    check_id = data(world.send("POST", "/api/checks", world.admin, json=check))["id"]
    for scope in ({}, {"tag": "web"}, {"server_id": web.id}, {"check_id": check_id}, {"server_id": other.id}):
        silence(world, scope=scope)

    def ids(**asked: int) -> list[int]:
        return [each["id"] for each in data(world.send("GET", PATH, world.admin, params=asked))]

    assert [1, 2, 3] == ids(server_id=web.id)
    assert [1, 2, 3, 4] == ids(check_id=check_id)
    assert [1, 5] == ids(server_id=other.id)
    assert (404, "not_found") == refusal(world.send("GET", PATH, world.admin, params={"check_in_id": check_id}))


@pytest.mark.parametrize(
    ("change", "field", "chinese", "english"),
    [
        ({"ends_at": "2030-01-01 12:00:00"}, "ends_at", "必须晚于开始时间", "must be after the start"),
        ({"ends_at": "soon"}, "ends_at", "时间格式应为", "must have the format"),
        ({"ends_at": None}, "ends_at", "类型错误", "wrong type"),
        ({"starts_at": LATER}, "ends_at", "必须晚于开始时间", "must be after the start"),
        ({"metric": "CPU %"}, "metric", "指标名称无效", "not a valid metric name"),
        ({"reason": "x" * 501}, "reason", "最多 500 个字符", "at most 500 characters"),
        (
            {"reason": "a\r\nb"},
            "reason",
            "不能包含控制字符或不可见字符",
            "must not contain control or invisible characters",
        ),
        ({"scope": {"server_id": 1, "tag": "web"}}, "scope", "只能指定", "choose a server or a tag"),
        ({"scope": None}, "scope", "类型错误", "wrong type"),
        ({"recurrence": NIGHTLY | {"weekdays": []}}, "recurrence.weekdays", "不能为空", "must not be empty"),
        ({"recurrence": NIGHTLY | {"weekdays": [7]}}, "recurrence.weekdays[0]", "值无效", "invalid"),
        (
            {"recurrence": NIGHTLY | {"starts": "24:00"}},
            "recurrence.starts",
            "时间格式应为 HH:MM",
            "must have the format HH:MM",
        ),
        ({"recurrence": NIGHTLY | {"duration": 59}}, "recurrence.duration", "值无效", "invalid"),
        ({"recurrence": NIGHTLY | {"duration": 86401}}, "recurrence.duration", "值无效", "invalid"),
        ({"recurrence": NIGHTLY | {"zone": "Mars/Base"}}, "recurrence", "未知时区", "unknown time zone"),
        ({"recurrence": NIGHTLY | {"zone": "../../etc/passwd"}}, "recurrence", "未知时区", "unknown time zone"),
        ({"recurrence": NIGHTLY | {"zone": ""}}, "recurrence", "未知时区", "unknown time zone"),
        ({"recurrence": NIGHTLY | {"zone": "America"}}, "recurrence", "未知时区", "unknown time zone"),
        ({"until": LATER}, "until", "未知字段", "unknown field"),
    ],
)
def test_problems_are_named_in_both_languages(
    world: World, change: dict[str, Any], field: str, chinese: str, english: str
) -> None:
    body = {"scope": {}, "ends_at": LATER} | change
    for language, sentence in (("zh-CN", chinese), ("en", english)):
        answer = world.send("POST", PATH, world.admin, json=body, headers={"Accept-Language": language})
        assert [field] == list(fields(answer))
        assert fields(answer)[field].startswith(sentence)
    assert [] == data(world.send("GET", PATH, world.admin))


def test_users_see_silences_of_their_servers_and_end_only_their_own(world: World) -> None:
    bob = world.person("bob")
    own, hidden = host(world, "192.0.2.1", bob, tags=("web",)), host(world, "192.0.2.2", tags=("db",))
    for scope in ({"server_id": own.id}, {"server_id": hidden.id}, {"tag": "web"}, {"tag": "db"}, {}):
        silence(world, scope=scope)
    assert [1, 3, 5] == [each["id"] for each in data(world.send("GET", PATH, bob))]
    statuses = [world.send("DELETE", f"{PATH}/{id_}", bob).status_code for id_ in range(1, 6)]
    assert [200, 404, 403, 404, 403] == statuses


def test_many_servers_at_once(world: World) -> None:
    bob = world.person("bob")
    first, second, hidden = host(world, "192.0.2.1", bob), host(world, "192.0.2.2", bob), host(world, "192.0.2.3")
    body = {"action": "silence", "silence": {"ends_at": LATER, "reason": "a move", "recurrence": NIGHTLY}}

    def batch(*server_ids: int, **more: Any) -> Any:
        return world.send("POST", "/api/servers/batch", bob, json=body | {"server_ids": list(server_ids)} | more)

    assert (404, "not_found") == refusal(batch(first.id, hidden.id))
    assert ["silence.ends_at"] == list(fields(batch(first.id, silence={"ends_at": 7})))
    assert ["ends_at"] == list(fields(batch(first.id, silence={"ends_at": "2029-01-01 00:00:00"})))
    assert ["silence"] == list(fields(batch(first.id, silence=None)))
    assert [] == data(world.send("GET", PATH, world.admin)), "all or nothing"
    assert {"servers": 2} == data(batch(first.id, second.id, first.id))
    made = data(world.send("GET", PATH, bob))
    assert [{"server_id": first.id}, {"server_id": second.id}] == [each["scope"] for each in made]
    assert {("a move", "bob", "22:00")} == {
        (each["reason"], each["created_by"], each["recurrence"]["starts"]) for each in made
    }
