"""A subject alone says what happened."""

from datetime import timedelta
from typing import Any

import pytest

from monitor.adapters.notify.wording.digest import subject
from monitor.domain.alerts.alert import AlertState, EventKind
from monitor.domain.levels import Level
from monitor.domain.policies.check_policies import CHECK_IN
from monitor.domain.policies.policies import DRILL, OFFLINE
from tests.unit.adapters.notify.messages import NOON, a_message, an_alert, an_item, ended

SILENT: dict[str, Any] = {
    "metric": OFFLINE,
    "threshold": None,
    "started_at": NOON - timedelta(minutes=3),
    "value": 90.0,
}

PEAK: dict[str, Any] = {"peak_level": Level.CRITICAL, "peak_value": 98.0, "peak_at": NOON - timedelta(minutes=5)}
JOB: dict[str, Any] = {"metric": CHECK_IN, "value": 1.0, "threshold": 0.5}
CASES = [
    (
        an_item(),
        "[CRITICAL] web-1 CPU 92.4 % (threshold 85 %)",
        "[严重] web-1 CPU 92.4 %（阈值 85 %）",
    ),
    (
        an_item(alert=an_alert(level=Level.WARNING, value=71.0, threshold=70.0, metric="disk:/var")),
        "[WARNING] web-1 disk /var 71 % (threshold 70 %)",
        "[警告] web-1 磁盘 /var 71 %（阈值 70 %）",
    ),
    (
        an_item(alert=an_alert(metric=DRILL, value=0.0, threshold=None)),
        "[DRILL] web-1 this is a drill: nothing is broken, please acknowledge it",
        "[演练] web-1 这是一次演练，并非真实故障，请确认收到",
    ),
    (
        an_item(EventKind.RESOLVED, alert=ended(metric=DRILL, value=0.0, threshold=None)),
        "[DRILL] web-1 the drill has ended",
        "[演练] web-1 演练已结束",
    ),
    (
        an_item(alert=an_alert(**JOB), server_name="backup", note="expected at 2026-11-03 12:59 (Europe/Berlin)"),
        "[CRITICAL] backup did not check in (expected at 12:59 Europe/Berlin)",
        "[严重] backup 未按时签到（应于 12:59 Europe/Berlin）",
    ),
    (
        an_item(alert=an_alert(**JOB), server_name="backup", note="expected at 2026-11-02 12:59 (Europe/Berlin)"),
        "[CRITICAL] backup did not check in (expected at 2026-11-02 12:59 Europe/Berlin)",
        "[严重] backup 未按时签到（应于 2026-11-02 12:59 Europe/Berlin）",
    ),
    (
        an_item(alert=an_alert(**JOB), server_name="backup", note="reported failure, exit status 3: no space left"),
        "[CRITICAL] backup reported failure (exit status 3, no space left)",
        "[严重] backup 报告失败（退出码 3，no space left）",
    ),
    (
        an_item(alert=an_alert(**JOB), server_name="backup", note="reported failure"),
        "[CRITICAL] backup reported failure",
        "[严重] backup 报告失败",
    ),
    (
        an_item(EventKind.REMINDED, alert=an_alert(**JOB), server_name="backup"),
        "[CRITICAL] backup has not checked in (reminder: firing for 7 min)",
        "[严重] backup 尚未恢复签到（提醒：已持续 7 分钟）",
    ),
    (
        an_item(EventKind.CANCELLED, alert=ended(AlertState.CANCELLED, **JOB), server_name="backup"),
        "[CANCELLED] backup no longer watched",
        "[已取消] backup 不再监控",
    ),
    (
        an_item(EventKind.DUE, alert=an_alert(**JOB), server_name="backup"),
        "[CRITICAL] backup has not checked in (firing for 7 min)",
        "[严重] backup 尚未恢复签到（已持续 7 分钟）",
    ),
    (
        an_item(EventKind.RESOLVED, alert=ended(**JOB), server_name="backup"),
        "[RESOLVED] backup checks in again (was down for 7 min)",
        "[已恢复] backup 恢复签到（中断 7 分钟）",
    ),
    (
        an_item(EventKind.ESCALATED),
        "[CRITICAL] web-1 CPU 92.4 % (escalated, threshold 85 %)",
        "[严重] web-1 CPU 92.4 %（已升级，阈值 85 %）",
    ),
    (
        an_item(EventKind.RESOLVED, alert=ended(value=41.0, level=Level.WARNING, **PEAK)),
        "[RESOLVED] web-1 CPU 41 % (was critical, 98 % at 11:55 UTC, lasted 7 min)",
        "[已恢复] web-1 CPU 41 %（曾为严重：11:55 UTC 达 98 %，持续 7 分钟）",
    ),
    (
        an_item(EventKind.RESOLVED, alert=ended(value=41.0, **PEAK | {"peak_at": NOON - timedelta(hours=13)})),
        "[RESOLVED] web-1 CPU 41 % (was critical, 98 % at 2026-11-02 23:00 UTC, lasted 7 min)",
        "[已恢复] web-1 CPU 41 %（曾为严重：2026-11-02 23:00 UTC 达 98 %，持续 7 分钟）",
    ),
    (
        an_item(EventKind.REMINDED, alert=an_alert(value=71.0, level=Level.WARNING, threshold=70.0, **PEAK)),
        "[WARNING] web-1 CPU 71 % (reminder: firing for 7 min, worst 98 %, threshold 70 %)",
        "[警告] web-1 CPU 71 %（提醒：已持续 7 分钟，峰值 98 %，阈值 70 %）",
    ),
    (
        an_item(EventKind.CANCELLED, alert=ended(AlertState.CANCELLED), value=None),
        "[CANCELLED] web-1 CPU (policy or server changed)",
        "[已取消] web-1 CPU（策略或服务器已变更）",
    ),
    (
        an_item(EventKind.REMINDED, alert=an_alert(fired_at=NOON - timedelta(hours=4))),
        "[CRITICAL] web-1 CPU 92.4 % (reminder: firing for 4 h, threshold 85 %)",
        "[严重] web-1 CPU 92.4 %（提醒：已持续 4 小时，阈值 85 %）",
    ),
    (
        an_item(EventKind.DUE, alert=an_alert(fired_at=NOON - timedelta(minutes=22))),
        "[CRITICAL] web-1 CPU 92.4 % (firing for 22 min, threshold 85 %)",
        "[严重] web-1 CPU 92.4 %（已持续 22 分钟，阈值 85 %）",
    ),
    (
        an_item(EventKind.DUE, alert=an_alert(**SILENT)),
        "[CRITICAL] web-1 offline (no report for 3 min)",
        "[严重] web-1 离线（已 3 分钟未上报）",
    ),
    (
        an_item(alert=an_alert(**SILENT)),
        "[CRITICAL] web-1 offline (no report for 3 min)",
        "[严重] web-1 离线（已 3 分钟未上报）",
    ),
    (
        an_item(EventKind.REMINDED, alert=an_alert(**SILENT)),
        "[CRITICAL] web-1 offline (reminder, no report for 3 min)",
        "[严重] web-1 离线（提醒，已 3 分钟未上报）",
    ),
    (
        an_item(EventKind.RESOLVED, alert=ended(**SILENT)),
        "[RESOLVED] web-1 online again (was offline for 3 min)",
        "[已恢复] web-1 恢复在线（离线 3 分钟）",
    ),
    (
        an_item(EventKind.CANCELLED, alert=ended(AlertState.CANCELLED, **SILENT)),
        "[CANCELLED] web-1 offline (policy or server changed)",
        "[已取消] web-1 离线（策略或服务器已变更）",
    ),
]


@pytest.mark.parametrize(("item", "english", "chinese"), CASES)
def test_one_item_in_both_languages(item, english, chinese):
    """Every event_kind has its own words."""
    assert (english, chinese) == tuple(subject(a_message(item, locale=locale)) for locale in ("en", "zh-CN"))


def test_a_digest_counts_alerts_and_names_the_worst():
    """The first line is the most important one."""
    items = [
        an_item(EventKind.RESOLVED, alert=ended(), server_name="db-1"),
        an_item(alert=an_alert(level=Level.WARNING), server_name="db-2"),
        an_item(server_name="db-3"),
    ]
    assert "3 alerts: [CRITICAL] db-3 CPU 92.4 % (threshold 85 %) …" == subject(a_message(*items))
    assert "3 条告警：[严重] db-3 CPU 92.4 %（阈值 85 %） …" == subject(a_message(*items, locale="zh-CN"))


def test_an_alert_that_fired_and_ended_counts_once():
    """Two events of it don't make two alerts; the subject tells how it is now."""
    items = [an_item(alert=ended()), an_item(EventKind.RESOLVED, alert=ended(), value=40.0)]
    assert "[RESOLVED] web-1 CPU 40 % (was critical, 92.4 % at 11:53 UTC, lasted 7 min)" == subject(a_message(*items))


def test_a_test_says_that_it_is_one():
    """With or without an example of an alert in it."""
    assert "[TEST] monitor test message" == subject(a_message(is_test=True))
    assert "[测试] monitor 测试消息" == subject(a_message(is_test=True, locale="zh-CN"))
    assert subject(a_message(an_item(), is_test=True)).startswith("[TEST] [CRITICAL] web-1 CPU")


def test_a_language_that_is_not_spoken_gets_the_default():
    """Better Chinese than nothing."""
    assert subject(a_message(an_item(), locale="fr")).startswith("[严重]")
    assert subject(a_message(an_item(), locale="en-GB")).startswith("[CRITICAL]")
