"""A message says what was held, and why it is sent now."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.adapters.notify.webhook.channel import _quiet
from monitor.adapters.notify.wording.facts import facts
from monitor.domain.alerts.alert import EventKind
from monitor.domain.alerts.quiet import MINUTE, Notice, Why
from monitor.domain.levels import Level
from monitor.domain.times import microseconds
from tests.unit.adapters.notify.messages import NOON, an_item

HELD = (17, microseconds(NOON - timedelta(minutes=168)), 12 * MINUTE)


@pytest.mark.parametrize(
    ("why", "held", "english", "chinese"),
    [
        (Why.FIRST, (), "", ""),
        (Why.SECOND, (), "further short ones are held; at most one a day", "此后短暂的告警暂缓通知，每天最多一条"),
        (
            Why.LASTED,
            HELD,
            "17 held since 09:12 UTC, longest 12 min, it lasts longer than the others",
            "自 09:12 UTC 起有 17 条告警暂缓通知，最长持续 12 分钟，持续时间比平时长",
        ),
        (
            Why.DAILY,
            HELD,
            "17 held since 09:12 UTC, longest 12 min, none was sent for a day",
            "自 09:12 UTC 起有 17 条告警暂缓通知，最长持续 12 分钟，超过一天未发送此类通知",
        ),
        (Why.HIGHER, (), "worse than before", "级别高于此前的告警"),
        (Why.ADDED_UP, (), "held ones have fired for hours in all", "暂缓通知的告警累计已持续数小时"),
    ],
)
def test_in_both_languages(why: Why, held: tuple[int, int, int], english: str, chinese: str) -> None:
    notice = Notice(microseconds(NOON), Level.CRITICAL, why, *held)
    item = replace(an_item(EventKind.DUE), notice=notice)
    for language, label, expected in ((1, "Quiet", english), (0, "通知频率", chinese)):
        assert dict(facts(item, language, NOON)).get(label, "") == expected


def test_as_json() -> None:
    notice = Notice(microseconds(NOON), Level.CRITICAL, Why.LASTED, *HELD)
    expected = {"why": "lasted", "held": 17, "held_from": "2026-11-03T09:12:00Z", "held_longest": 720.0}
    assert expected == _quiet(notice)
