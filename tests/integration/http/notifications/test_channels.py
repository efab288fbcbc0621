"""/api/channels: where notifications go in addition to users' mailboxes."""

import pytest

from monitor.application.notifications.sender_ports import SendResult, SendStatus
from tests.integration.http.alerts.alarms import data, deliver, fields, host, policy, refusal
from tests.integration.http.world import Json, World

PATH = "/api/channels"
TEAM: Json = {"name": "team", "kind": "email", "settings": {"address": "team@example.com"}}
HOOK: Json = {
    "name": "hook",
    "kind": "webhook",
    "settings": {"url": "https://bob:pw@hooks.example.com/a?token=t0ps3cret", "secret": "hush-hush"},
}
SECRETS = ("pw", "t0ps3cret", "hush-hush")


def create(world: World, body: Json) -> Json:
    found: Json = data(world.send("POST", PATH, world.admin, json=body))
    return found


def stored(world: World, channel_id: int) -> dict[str, str]:
    world.container.fleet.refresh()
    return dict(world.container.fleet.directory.channels[channel_id].settings)  # type: ignore[index]  # an id


def test_a_channel_is_created_listed_changed_and_deleted(any_world: World) -> None:
    made = create(any_world, TEAM)
    shown = {"enabled": True, "readable": True, "created_at": "2030-01-01 12:00:00", "scope": {}}
    levels = {"level": "warning", "least_level": "warning"}
    assert TEAM | {"id": made["id"]} | shown | levels == made
    assert [made] == data(any_world.send("GET", PATH, any_world.admin))
    for change in ({"name": "night shift"}, {"least_level": "critical"}, {"enabled": False}, {}):
        made |= change | ({"level": "critical"} if "least_level" in change else {})
        assert made == data(any_world.send("PUT", f"{PATH}/{made['id']}", any_world.admin, json=change))
    assert [made] == data(any_world.send("GET", PATH, any_world.admin))
    assert 200 == any_world.send("DELETE", f"{PATH}/{made['id']}", any_world.admin).status_code
    assert [] == data(any_world.send("GET", PATH, any_world.admin))
    for method, path, body in (("PUT", "", {}), ("DELETE", "", None), ("POST", "/test", None)):
        gone = any_world.send(method, f"{PATH}/{made['id']}{path}", any_world.admin, json=body)
        assert (404, "not_found") == refusal(gone)


def test_secrets_are_never_shown_again(world: World) -> None:
    """In no answer, and not in the audit log."""
    made = world.send("POST", PATH, world.admin, json=HOOK)
    path = f"{PATH}/{data(made)['id']}"
    answers = [
        made,
        world.send("GET", PATH, world.admin),
        world.send("PUT", path, world.admin, json={"name": "other"}),
        world.send("PUT", path, world.admin, json={"settings": {"secret": "hush-hush"}}),
        world.send("GET", "/api/audit", world.admin),
    ]
    assert [] == [secret for secret in SECRETS for answer in answers if secret in answer.text]
    shown = data(made)["settings"]
    assert {"url": "https://***@hooks.example.com/***", "secret": "***"} == shown
    assert HOOK["settings"] == stored(world, 1)


def test_settings_change_one_by_one_and_an_empty_text_removes_one(world: World) -> None:
    create(world, HOOK)
    world.send("PUT", f"{PATH}/1", world.admin, json={"settings": {"url": "https://other.example.com/"}})
    assert {"url": "https://other.example.com/", "secret": "hush-hush"} == stored(world, 1)
    answer = world.send("PUT", f"{PATH}/1", world.admin, json={"settings": {"secret": ""}})
    assert {"url": "https://other.example.com/"} == data(answer)["settings"] == stored(world, 1)
    assert ["settings.url"] == list(fields(world.send("PUT", f"{PATH}/1", world.admin, json={"settings": {"url": ""}})))
    assert {"url": "https://other.example.com/"} == stored(world, 1)


def test_a_masked_secret_does_not_replace_the_secret(world: World) -> None:
    """A form that sends the mask back keeps the secret; a changed mask is refused."""
    shown = create(world, HOOK)["settings"]
    answer = world.send("PUT", f"{PATH}/1", world.admin, json={"name": "other", "settings": shown})
    assert ("other", shown) == (data(answer)["name"], data(answer)["settings"])
    assert HOOK["settings"] == stored(world, 1)
    answer = world.send("PUT", f"{PATH}/1", world.admin, json={"settings": {"url": "https://other.example.com/***"}})
    assert ["settings.url"] == list(fields(answer))
    assert ["settings.secret"] == list(fields(world.send("POST", PATH, world.admin, json=HOOK | {"settings": shown})))[
        1:
    ]
    assert HOOK["settings"] == stored(world, 1)


@pytest.mark.parametrize(
    ("change", "field", "chinese", "english"),
    [
        ({"name": " "}, "name", "不能为空", "must not be empty"),
        ({"name": "x" * 101}, "name", "最多 100 个字符", "at most 100 characters"),
        ({"kind": "pigeon"}, "kind", "不是允许的值", "not one of the allowed values"),
        ({"least_level": "ok"}, "least_level", "不是允许的值", "not one of the allowed values"),
        ({"settings": {}}, "settings.url", "必填", "required"),
        ({"settings": {"url": "ftp://example.com"}}, "settings.url", "须为 http", "must be an http"),
        ({"settings": {"url": "http://169.254.169.254/"}}, "settings.url", "不允许使用该地址", "this address is not"),
        ({"settings": {"url": "http://[::1]/"}}, "settings.url", "不允许使用该地址", "this address is not allowed"),
        ({"settings": {"url": "https://a.example/?x=***"}}, "settings.url", "隐藏的内容", "contains hidden characters"),
        ({"settings": {"url": "https://a.example", "secret": "x" * 257}}, "settings.secret", "最多 256", "at most 256"),
        ({"settings": {"url": "https://a.example", "colour": "red"}}, "settings.colour", "未知字段", "unknown field"),
        ({"kind": "email", "settings": {}}, "settings.address", "必填", "required"),
        ({"kind": "email", "settings": {"address": "x"}}, "settings.address", "邮箱地址无效", "not a valid e-mail"),
        (
            {"kind": "email", "settings": {"address": "a@b.c", "locale": "fr"}},
            "settings.locale",
            "必须是",
            "must be one",
        ),
        ({"kind": "apprise", "settings": {}}, "settings.url", "必填", "required"),
        ({"settings": {"url": 7}}, "settings[...]", "类型错误", "wrong type"),
        ({"secret": "x"}, "secret", "未知字段", "unknown field"),
    ],
)
def test_problems_are_named_in_both_languages(
    world: World, change: Json, field: str, chinese: str, english: str
) -> None:
    for language, sentence in (("zh-CN", chinese), ("en", english)):
        answer = world.send("POST", PATH, world.admin, json=HOOK | change, headers={"Accept-Language": language})
        assert [field] == list(fields(answer))
        assert fields(answer)[field].startswith(sentence)
    assert [] == data(world.send("GET", PATH, world.admin))


def test_a_test_message_returns_its_result(world: World) -> None:
    create(world, TEAM)
    assert {"sent": True, "error": None} == data(world.send("POST", f"{PATH}/1/test", world.admin))
    [(address, message)] = world.mailer.sent
    assert ("team@example.com", True, []) == (address, message.is_test, list(message.items))
    world.mailer.answers["team@example.com"] = SendResult(SendStatus.REFUSED, "550 no such mailbox")
    refused = world.send("POST", f"{PATH}/1/test", world.admin)
    assert {"sent": False, "error": "550 no such mailbox"} == data(refused)
    assert [] == data(world.send("GET", "/api/notifications", world.admin)), "it is no alert"


def test_channels_are_notified_from_their_level_on(world: World) -> None:
    policy(world)
    create(world, TEAM)
    create(world, TEAM | {"name": "night", "settings": {"address": "night@example.com"}, "least_level": "critical"})
    create(world, TEAM | {"name": "off", "settings": {"address": "off@example.com"}, "enabled": False})
    web = host(world, "192.0.2.1")
    web.reports(75)
    deliver(world)
    assert ["team@example.com"] == [address for address, _ in world.mailer.sent]
    web.reports(90)
    deliver(world)
    assert ["night@example.com", "team@example.com"] == sorted(address for address, _ in world.mailer.sent[1:])
    notified = [
        each
        for each in data(world.send("GET", "/api/alerts/1", world.admin))["timeline"]
        if each["event"] == "notified"
    ]
    assert ["team", "team", "night"] == sorted((each["channel"] for each in notified), reverse=True)
