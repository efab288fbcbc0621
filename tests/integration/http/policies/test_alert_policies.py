"""/api/alert-policies: policies, and the effect of changes on open alerts."""

from typing import Any

import pytest

from monitor.application.alerts.maintenance import AlertMaintenance
from monitor.application.policies.policies import EnsureDefaultPolicies
from monitor.domain.policies.policies import DEFAULT_THRESHOLDS, Policy
from tests.integration.http.alerts.alarms import (
    AT_ONCE,
    alerts,
    data,
    deliver,
    fields,
    host,
    policy,
    refusal,
    with_address,
)
from tests.integration.http.world import World

PATH = "/api/alert-policies"


def policies(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = data(world.send("GET", PATH, world.admin))
    return found


def test_a_fresh_database_holds_the_seed_s_thresholds(world: World) -> None:
    world.container.get(EnsureDefaultPolicies)()
    *thresholds, offline, forecast, clock = policies(world)
    assert {
        "metric": "disk",
        "kind": "forecast",
        "over": 86400.0,
        "within": 172800.0,
        "warning": 100.0,
        "critical": None,
        "scope": {},
        "enabled": True,
    }.items() <= forecast.items()
    assert [(metric, *values, {}, True) for metric, values in DEFAULT_THRESHOLDS.items()] == [
        (each["metric"], each["warning"], each["critical"], each["scope"], each["enabled"]) for each in thresholds
    ]
    assert {"metric": "offline", "warning": None, "critical": None}.items() <= offline.items()
    assert {"metric": "clock_error", "warning": 60.0, "critical": None, "scope": {}}.items() <= clock.items()


def test_deleted_defaults_stay_deleted(world: World) -> None:
    world.container.get(EnsureDefaultPolicies)()
    for each in policies(world):
        assert 200 == world.send("DELETE", f"{PATH}/{each['id']}", world.admin).status_code
    world.container.get(EnsureDefaultPolicies)()
    assert [] == policies(world)


def test_omitted_fields_have_the_defaults(world: World) -> None:
    answer = world.send("POST", PATH, world.admin, json={"metric": "cpu", "warning": 70})
    assert {
        "id": 1,
        "metric": "cpu",
        "warning": 70.0,
        "critical": None,
        "direction": "above",
        "sustained_for": 300.0,
        "clear_margin": 5.0,
        "clear_for": 60.0,
        "scope": {},
        "enabled": True,
        "kind": "threshold",
        "over": None,
        "within": None,
        "days": None,
        "beyond": None,
        "level": None,
        "note": "",
        "escalation_id": None,
    } == data(answer)
    assert [data(answer)] == policies(world)


def test_a_forecast_stands_beside_the_thresholds_of_its_metric(world: World) -> None:
    world.send("POST", PATH, world.admin, json={"metric": "disk", "warning": 85})
    asked = {"metric": "disk", "kind": "forecast", "warning": 100}
    made = data(world.send("POST", PATH, world.admin, json=asked))
    assert ("forecast", 86400.0, 172800.0) == (made["kind"], made["over"], made["within"])
    assert (409, "policy_exists") == refusal(world.send("POST", PATH, world.admin, json=asked))
    path = f"{PATH}/{made['id']}"
    changed = data(
        world.send("PUT", path, world.admin, json={"over": 3600, "within": 86400, "note": " # Clean\r\nup "})
    )
    assert (3600.0, 86400.0, "# Clean\nup") == (changed["over"], changed["within"], changed["note"])
    same = {name: value for name, value in changed.items() if name != "id"}
    assert changed == data(world.send("PUT", path, world.admin, json=same)), "what is read can be sent back"
    assert (409, "policy_exists") == refusal(world.send("PUT", path, world.admin, json={"kind": "threshold"}))
    free = data(world.send("PUT", path, world.admin, json={"kind": "threshold", "metric": "load1"}))
    assert ("threshold", None, None) == (free["kind"], free["over"], free["within"])


def test_a_range_has_no_thresholds(world: World) -> None:
    made = data(world.send("POST", PATH, world.admin, json={"metric": "cpu", "kind": "range"}))
    assert {
        "days": 7,
        "beyond": 0.5,
        "level": "warning",
        "warning": None,
        "critical": None,
        "clear_margin": 0.0,
    }.items() <= (made.items())
    path = f"{PATH}/{made['id']}"
    changed = data(world.send("PUT", path, world.admin, json={"days": 14, "beyond": 0.2, "level": "critical"}))
    assert (14, 0.2, "critical") == (changed["days"], changed["beyond"], changed["level"])
    same = {name: value for name, value in changed.items() if name != "id"}
    assert changed == data(world.send("PUT", path, world.admin, json=same)), "what is read can be sent back"
    threshold = data(world.send("PUT", path, world.admin, json={"kind": "threshold", "warning": 70}))
    assert (None, None, None, 5.0) == tuple(threshold[name] for name in ("days", "beyond", "level", "clear_margin"))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "sorcery"}, "kind"),
        ({"kind": "forecast", "over": 60}, "over"),
        ({"kind": "forecast", "within": 1e300}, "within"),
        ({"kind": "forecast", "within": -1}, "within"),
        ({"over": 7200}, "over"),
        ({"kind": "forecast", "warning": 101}, "warning"),
        ({"kind": "range"}, "warning"),
        ({"kind": "range", "warning": None, "days": 0}, "days"),
        ({"kind": "range", "warning": None, "beyond": -1}, "beyond"),
        ({"kind": "range", "warning": None, "level": "ok"}, "level"),
        ({"days": 3}, "days"),
        ({"note": "x" * 5001}, "note"),
        ({"note": "\u0000"}, "note"),
        ({"note": None}, "note"),
        ({"kind": "forecast", "metric": "offline", "warning": None}, "kind"),
    ],
)
def test_a_wrong_kind_span_or_note_is_named(world: World, wrong: dict[str, Any], field: str) -> None:
    answer = world.send("POST", PATH, world.admin, json={"metric": "disk", "warning": 85} | wrong)
    assert 400 == answer.status_code
    assert [field] == [*fields(answer)]


@pytest.mark.parametrize("left_out", [{}, {"clear_margin": None}], ids=["absent", "null"])
@pytest.mark.parametrize(
    ("policy", "margin"),
    [
        ({"metric": "cpu", "warning": 70}, 5.0),
        ({"metric": "disk:/var", "critical": 3}, 1.5),
        ({"metric": "load1", "warning": 2, "critical": 4}, 0.2),
        ({"metric": "load1", "critical": 4}, 0.4),
        ({"metric": "queue", "direction": "below", "warning": 3, "critical": 1}, 0.2),
    ],
)
def test_the_margin_suits_the_metric_and_the_thresholds(
    world: World, left_out: dict[str, Any], policy: dict[str, Any], margin: float
) -> None:
    made = data(world.send("POST", PATH, world.admin, json=policy | left_out))
    assert margin == made["clear_margin"]
    world.send("PUT", f"{PATH}/{made['id']}", world.admin, json={"clear_margin": 0.01})
    changed = data(world.send("PUT", f"{PATH}/{made['id']}", world.admin, json={"enabled": False} | left_out))
    assert (0.01 if left_out == {} else margin) == changed["clear_margin"]


def test_a_margin_that_no_longer_suits_becomes_the_default(world: World) -> None:
    policy_id = policy(world)
    to_load = {"metric": "load1", "warning": 2, "critical": 4}
    assert 0.2 == data(world.send("PUT", f"{PATH}/{policy_id}", world.admin, json=to_load))["clear_margin"]


def test_an_alert_on_load_resolves(world: World) -> None:
    at_once = {"sustained_for": 0, "clear_for": 0}
    world.send("POST", PATH, world.admin, json={"metric": "load1", "warning": 2, "critical": 4} | at_once)
    web = host(world, "192.0.2.1")
    for load, states in ((2.5, ["firing"]), (1.85, ["firing"]), (1.75, ["resolved"])):
        web.reports(1, metrics={"cpu_value": 1, "memory_value": 1, "disk_value": 1, "extra": {"load1": load}})
        assert states == [each["state"] for each in alerts(world)]


def test_thresholds_of_0_and_100_percent_are_accepted(world: World) -> None:
    for metric, direction in (("cpu", "above"), ("memory", "below")):
        ends = {"warning": 0, "critical": 100} if direction == "above" else {"warning": 100, "critical": 0}
        body = {"metric": metric, "direction": direction} | ends
        assert ends.items() <= data(world.send("POST", PATH, world.admin, json=body)).items()


def test_a_policy_older_than_the_rules_is_shown_evaluated_and_can_be_disabled(world: World) -> None:
    stored = [Policy(metric="cpu", critical=101.0), Policy(metric="load1", warning=2.0, clear_margin=5.0)]
    with world.container.uow() as uow:
        for before in stored:
            uow.alert_policies.add(before)
        uow.commit()
    web = host(world, "192.0.2.1")
    web.reports(100)
    cpu, load = policies(world)
    assert (101.0, 5.0) == (cpu["critical"], load["clear_margin"])
    for each in (cpu, load):
        body = each | {"enabled": False}
        del body["id"]
        assert 200 == world.send("PUT", f"{PATH}/{each['id']}", world.admin, json=body).status_code
        assert 200 == world.send("PUT", f"{PATH}/{each['id']}", world.admin, json={"enabled": True}).status_code
    answer = world.send("PUT", f"{PATH}/{cpu['id']}", world.admin, json={"warning": 70})
    assert ["critical"] == list(fields(answer))
    assert 200 == world.send("DELETE", f"{PATH}/{cpu['id']}", world.admin).status_code


def test_a_change_leaves_omitted_fields(world: World) -> None:
    web = host(world, "192.0.2.1", tags=("web",))
    policy_id = policy(world, scope={"tag": "web"})
    before = policies(world)[0]
    changes: list[dict[str, Any]] = [
        {"warning": None},
        {"warning": 60.5, "clear_for": 30},
        {"enabled": False},
        {"scope": {"server_id": web.id}},
        {"scope": {}},
        {"direction": "below", "warning": 20, "critical": 10},
        {"metric": "load1"},
        {},
    ]
    for change in changes:
        assert 200 == world.send("PUT", f"{PATH}/{policy_id}", world.admin, json=change).status_code, change
        before |= change
        assert [before] == policies(world)


@pytest.mark.parametrize("scope", [{}, {"tag": "web"}, {"server_id": 1}])
def test_there_is_one_for_each_metric_and_scope(world: World, scope: dict[str, Any]) -> None:
    host(world, "192.0.2.1")
    policy(world, scope=scope)
    other = policy(world, scope=scope, metric="memory")
    for answer in (
        world.send("POST", PATH, world.admin, json=AT_ONCE | {"scope": scope, "enabled": False}),
        world.send("PUT", f"{PATH}/{other}", world.admin, json={"metric": "cpu"}),
    ):
        assert {"code": 409, "msg": "该指标和范围已有告警策略", "data": {"reason": "policy_exists"}} == answer.json()
    assert ["cpu", "memory"] == [each["metric"] for each in policies(world)]


@pytest.mark.parametrize(
    ("change", "field", "chinese", "english"),
    [
        ({"metric": "CPU %"}, "metric", "指标名称无效", "not a valid metric name"),
        ({"metric": ""}, "metric", "指标名称无效", "not a valid metric name"),
        ({"metric": None}, "metric", "类型错误，应为 str", "wrong type, expected str"),
        ({"warning": None, "critical": None}, "critical", "至少需要一个阈值", "at least one threshold is required"),
        ({"warning": 85}, "critical", "严重阈值必须比警告阈值更严", "must be stricter than the warning threshold"),
        (
            {"direction": "below"},
            "critical",
            "严重阈值必须比警告阈值更严",
            "must be stricter than the warning threshold",
        ),
        ({"metric": "offline"}, "warning", "离线策略没有阈值", "the offline policy has no thresholds"),
        ({"warning": "70"}, "warning", "类型错误，应为 float | null", "wrong type, expected float | null"),
        ({"direction": "up"}, "direction", "不是允许的值", "not one of the allowed values"),
        ({"clear_margin": -1}, "clear_margin", "不能为负数", "must not be negative"),
        ({"clear_margin": 70}, "clear_margin", "恢复余量过大", "no value can clear it"),
        ({"metric": "load1", "clear_margin": 70}, "clear_margin", "恢复余量过大", "no value can clear it"),
        ({"warning": -0.1}, "warning", "必须在 0 到 100 之间", "must be between 0 and 100"),
        ({"critical": 100.1}, "critical", "必须在 0 到 100 之间", "must be between 0 and 100"),
        ({"metric": "disk:/var", "critical": 101}, "critical", "必须在 0 到 100 之间", "must be between 0 and 100"),
        ({"sustained_for": -1}, "sustained_for", "值无效：>= 0.0", "invalid: >= 0.0"),
        ({"sustained_for": 1e300}, "sustained_for", "值无效：<= 604800.0", "invalid: <= 604800.0"),
        ({"clear_for": 604801}, "clear_for", "值无效：<= 604800.0", "invalid: <= 604800.0"),
        (
            {"scope": {"tag": "web", "server_id": 1}},
            "scope",
            "只能指定服务器或标签之一",
            "choose a server or a tag, not both",
        ),
        ({"scope": {"tag": "a,b"}}, "scope", "标签须为", "a tag must have 1 to"),
        ({"scope": {"server_id": 0}}, "scope.server_id", "值无效：>= 1", "invalid: >= 1"),
        ({"scope": {"host": 1}}, "scope.host", "未知字段", "unknown field"),
        ({"enabled": 1}, "enabled", "类型错误，应为 bool", "wrong type, expected bool"),
        ({"threshold": 1}, "threshold", "未知字段", "unknown field"),
    ],
)
def test_problems_are_named_in_both_languages(
    world: World, change: dict[str, Any], field: str, chinese: str, english: str
) -> None:
    """For a new one as for a change."""
    policy_id = policy(world, metric="memory")
    for method, path, body in (("POST", PATH, AT_ONCE | change), ("PUT", f"{PATH}/{policy_id}", change)):
        for language, sentence in (("zh-CN", chinese), ("en", english)):
            answer = world.send(method, path, world.admin, json=body, headers={"Accept-Language": language})
            assert [field] == list(fields(answer))
            assert fields(answer)[field].startswith(sentence)
            assert sentence in answer.json()["msg"]
    assert ["memory"] == [each["metric"] for each in policies(world)]


@pytest.mark.parametrize("number", ["1e400", "-1e400", "NaN", "Infinity"])
def test_a_threshold_is_finite(world: World, number: str) -> None:
    body = f'{{"metric": "cpu", "warning": {number}}}'.encode()
    answer = world.send("POST", PATH, world.admin, content=body, headers={"Content-Type": "application/json"})
    assert 400 == answer.status_code
    assert [] == policies(world)


def test_a_policy_for_an_unknown_server_is_a_404(world: World) -> None:
    answer = world.send("POST", PATH, world.admin, json=AT_ONCE | {"scope": {"server_id": 99}})
    assert (404, "not_found") == refusal(answer)


@pytest.mark.parametrize(
    ("how", "body"),
    [("PUT", {"enabled": False}), ("DELETE", None)],
    ids=["disable", "delete"],
)
def test_a_change_cancels_open_alerts_and_notifies_recipients_already_notified(
    world: World, how: str, body: Any
) -> None:
    bob = with_address(world, "bob")
    policy_id, kept = policy(world), policy(world, metric="memory")
    web = host(world, "192.0.2.1", bob)
    web.reports(90, memory=90)
    deliver(world)
    assert 2 == data(world.send("GET", "/api/monitor/stats", bob))["alert_count"]
    assert 200 == world.send(how, f"{PATH}/{policy_id}", world.admin, json=body).status_code
    assert {"cpu": "cancelled", "memory": "firing"} == {each["metric"]: each["state"] for each in alerts(world, bob)}
    assert 1 == data(world.send("GET", "/api/monitor/stats", bob))["alert_count"], "at once"
    deliver(world)
    assert ["cancelled"] == [item.event_kind.value for item in world.mailer.sent[-1][1].items]
    assert (409, "alert_closed") == refusal(world.send("POST", "/api/alerts/1/ack", bob, json={}))
    web.reports(90, memory=90)
    assert [kept] == [each["policy_id"] for each in alerts(world, state="firing")]


def test_an_edit_keeps_alerts_that_are_still_breaches(world: World) -> None:
    bob = with_address(world, "bob")
    policy_id = policy(world)
    web = host(world, "192.0.2.1", bob)
    web.reports(90)
    deliver(world)
    assert 200 == world.send("POST", "/api/alerts/1/ack", bob, json={}).status_code
    sent = len(world.mailer.sent)
    assert 200 == world.send("PUT", f"{PATH}/{policy_id}", world.admin, json={"warning": 71}).status_code
    web.reports(90)
    world.container.get(AlertMaintenance)()
    [alert] = alerts(world, bob)
    assert (1, "firing", "bob") == (alert["id"], alert["state"], alert["acknowledged_by"])
    world.send("PUT", f"{PATH}/{policy_id}", world.admin, json={"warning": 91, "critical": 95})
    world.container.get(AlertMaintenance)()
    [alert] = alerts(world, bob)
    assert (1, "resolved") == (alert["id"], alert["state"])
    deliver(world)
    assert ["resolved"] == [
        item.event_kind.value for _, delivery in world.mailer.sent[sent:] for item in delivery.items
    ]


def test_a_change_without_differences_cancels_nothing(world: World) -> None:
    policy_id = policy(world)
    host(world, "192.0.2.1").reports(90)
    world.send("PUT", f"{PATH}/{policy_id}", world.admin, json={"warning": 70})
    assert ["firing"] == [each["state"] for each in alerts(world)]


def test_a_disabled_policy_disables_the_metric_where_it_applies(world: World) -> None:
    web, database = host(world, "192.0.2.1"), host(world, "192.0.2.2")
    policy(world)
    policy(world, scope={"server_id": web.id}, enabled=False)
    for each in (web, database):
        each.reports(90)
    assert [database.id] == [each["server_id"] for each in alerts(world)]


def test_users_set_policies_for_linked_servers_and_see_those_that_apply(world: World) -> None:
    bob = world.person("bob")
    own, hidden = host(world, "192.0.2.1", bob, tags=("web",)), host(world, "192.0.2.2", tags=("db",))
    everything = policy(world)
    web, _ = policy(world, scope={"tag": "web"}), policy(world, scope={"tag": "db"})
    policy(world, scope={"server_id": hidden.id})
    mine = policy(world, bob, scope={"server_id": own.id})
    assert [everything, web, mine] == [each["id"] for each in data(world.send("GET", PATH, bob))]
    assert (403, "forbidden") == refusal(world.send("PUT", f"{PATH}/{web}", bob, json={"warning": 1}))
    assert (403, "forbidden") == refusal(world.send("PUT", f"{PATH}/{mine}", bob, json={"scope": {}}))
    moved = world.send("PUT", f"{PATH}/{mine}", bob, json={"scope": {"server_id": hidden.id}})
    assert (404, "not_found") == refusal(moved)
    assert {"server_id": own.id} == data(world.send("GET", PATH, bob))[-1]["scope"]


def test_changes_are_in_the_audit_log(world: World) -> None:
    policy_id = policy(world)
    world.send("PUT", f"{PATH}/{policy_id}", world.admin, json={"warning": 71})
    world.send("DELETE", f"{PATH}/{policy_id}", world.admin)
    actions = [row["action"] for row in data(world.send("GET", "/api/audit", world.admin))]
    assert ["policy.delete", "policy.update", "policy.create"] == actions[:3]
