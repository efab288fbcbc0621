"""What mails and chats say about checks."""

from datetime import timedelta
from typing import Any

from monitor.adapters.notify.mail.bodies import mail_text
from monitor.adapters.notify.wording.facts import facts
from monitor.adapters.notify.wording.headline import headline
from monitor.application.notifications.sender_ports import Item
from monitor.domain.alerts.alert import EventKind
from monitor.domain.fleet.servers import Kind
from monitor.domain.levels import Level
from tests.unit.adapters.notify.messages import NOON, a_message, an_alert, an_hour, an_item, ended


def an_item_of_check(metric: str = "up", event_kind: EventKind = EventKind.FIRED, **changes: Any) -> Item:
    given: dict[str, Any] = {
        "metric": metric,
        "value": 0.0,
        "threshold": 0.5,
        "level": Level.CRITICAL,
        "peak_value": 0.0,
    }
    make = ended if event_kind is EventKind.RESOLVED else an_alert
    alert = make(**given | {"peak_level": Level.CRITICAL, "processes": ()} | changes.pop("alert", {}))
    return an_item(event_kind, alert=alert, server_name="shop", ip_address="", kind=Kind.CHECK, **changes)


def said(item: Item, language: int = 1) -> str:
    return headline(item, language, NOON)


def test_down_says_why() -> None:
    item = an_item_of_check(failure="connection refused")
    assert "[CRITICAL] shop is down: connection refused" == said(item)
    assert "[严重] shop 不可用：connection refused" == said(item, 0)
    assert "[CRITICAL] shop is down" == said(an_item_of_check())
    reminder = an_item_of_check(event_kind=EventKind.REMINDED, failure="status 503")
    assert "[CRITICAL] shop is down: status 503 (reminder: firing for 7 min)" == said(reminder)


def test_up_again_says_for_how_long_it_was_down() -> None:
    item = an_item_of_check(event_kind=EventKind.RESOLVED, failure="connection refused")
    assert "[RESOLVED] shop is up again (was down for 7 min)" == said(item)


def test_a_certificate() -> None:
    def item(days: float, **changes: Any) -> Item:
        return an_item_of_check("cert_days", alert={"value": days, "threshold": 3.0, "peak_value": days}, **changes)

    assert "[CRITICAL] shop certificate ends in 2 days (threshold 3 d)" == said(item(2.0))
    assert "[CRITICAL] shop certificate ends in 1 day (threshold 3 d)" == said(item(1.01))
    assert "[CRITICAL] shop certificate ended 1.5 days ago (threshold 3 d)" == said(item(-1.5))
    assert "[严重] shop 证书将在 2.5 天后到期（阈值 3 天）" == said(item(2.5), 0)


def test_facts() -> None:
    item = an_item_of_check(target="https://shop.example/***", failure="connection refused")
    found = dict(facts(item, 1, NOON + timedelta(minutes=1)))
    expected = {"Check": "shop", "Target": "https://shop.example/***", "Failure": "connection refused"}
    assert expected.items() <= found.items()
    assert not {"Server", "Value", "Threshold", "Worst"} & found.keys()


def an_item_of_host(metric: str, value: float, event_kind: EventKind = EventKind.FIRED, **changes: Any) -> Item:
    make = ended if event_kind is EventKind.RESOLVED else an_alert
    given: dict[str, Any] = {"metric": metric, "value": value, "threshold": 0.5, "peak_value": 0.0, "processes": ()}
    return an_item(event_kind, alert=make(**given), **changes)


def test_units_containers_and_arrays_are_said_in_words() -> None:
    unit = an_item_of_host("unit:nginx.service", 0.0)
    assert "[CRITICAL] web-1 unit nginx.service is not active" == said(unit)
    assert "[严重] web-1 单元 nginx.service 未运行" == said(unit, 0)
    assert "[CRITICAL] web-1 container web is not running" == said(an_item_of_host("container:web:up", 0.0))
    assert "[CRITICAL] web-1 RAID array md0 is degraded" == said(an_item_of_host("raid:md0", 0.0))
    assert "[CRITICAL] web-1 check gateway is down" == said(an_item_of_host("check:gateway:up", 0.0))
    reminder = an_item_of_host("container:web:up", 0.0, EventKind.REMINDED)
    assert "[CRITICAL] web-1 container web is not running (reminder: firing for 7 min)" == said(reminder)
    resolved = an_item_of_host("unit:nginx.service", 1.0, EventKind.RESOLVED)
    assert "[RESOLVED] web-1 unit nginx.service is active (lasted 7 min)" == said(resolved)


def test_what_is_said_in_words_has_no_numbers_beside_them() -> None:
    found = dict(facts(an_item_of_host("unit:nginx.service", 0.0), 1, NOON))
    assert not {"Value", "Threshold", "Worst"} & found.keys()
    text = mail_text(a_message(an_item_of_host("unit:nginx.service", 0.0, last_hour=an_hour([1.0] * 30 + [0.0] * 30))))
    assert "| bottom: not active, top: active" in text
    assert "▁" in text
    assert "█" in text
