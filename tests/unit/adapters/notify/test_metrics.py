"""Names and units."""

import pytest

from monitor.adapters.notify.wording.texts import duration, format_value
from monitor.domain.intake.metrics import metric_name


@pytest.mark.parametrize(
    ("metric", "chinese", "english"),
    [
        ("cpu", "CPU", "CPU"),
        ("memory", "内存", "memory"),
        ("load5", "负载 5 分钟", "load 5 min"),
        ("disk:/srv/data", "磁盘 /srv/data", "disk /srv/data"),
        ("net_rx", "网络接收", "network in"),
        ("offline", "离线", "offline"),
        ("queue.length", "queue.length", "queue.length"),
        ("shop:orders", "shop:orders", "shop:orders"),
    ],
)
def test_names(metric, chinese, english):
    """Known metrics are named, unknown ones are left alone."""
    assert (chinese, english) == (metric_name(metric, 0), metric_name(metric, 1))


@pytest.mark.parametrize(
    ("metric", "value", "expected"),
    [
        ("cpu", 92.4, "92.4 %"),
        ("memory", 100.0, "100 %"),
        ("swap", 0.0, "0 %"),
        ("disk:/var", 81.25, "81.25 %"),
        ("net_rx", 120_000.0, "120 kB/s"),
        ("net_tx", 999.4, "999 B/s"),
        ("disk_read", 999_600.0, "1 MB/s"),
        ("disk_write", 1.5e15, "1500 TB/s"),
        ("temperature", 71.0, "71 °C"),
        ("load1", 12.345, "12.35"),
        ("uptime", 93_600.0, "1 d 2 h"),
        ("orders", 1e15, "1e+15"),
        ("orders", 0.00012, "0.00012"),
        ("orders", -3.5, "-3.5"),
        ("cpu", None, "–"),
        ("cpu", float("nan"), "–"),
    ],
)
def test_values(metric, value, expected):
    """With their unit, and no more digits than people read."""
    assert expected == format_value(metric, value, 1)


@pytest.mark.parametrize(
    ("seconds", "chinese", "english"),
    [
        (0, "0 秒", "0 s"),
        (-5, "0 秒", "0 s"),
        (45.4, "45 秒", "45 s"),
        (90, "1 分钟 30 秒", "1 min 30 s"),
        (3605, "1 小时", "1 h"),
        (14_700, "4 小时 5 分钟", "4 h 5 min"),
        (187_200, "2 天 4 小时", "2 d 4 h"),
    ],
)
def test_durations(seconds, chinese, english):
    """In two units at most."""
    assert (chinese, english) == (duration(seconds, 0), duration(seconds, 1))
