"""The list of metrics, with unit and bounds of a name."""

import pytest

from monitor.domain.intake.metrics import (
    METRICS,
    Unit,
    bounds,
    has_readings,
    known,
    metric_name,
    reading,
    thing_of,
    unit_of,
)
from scripts.screen_copies import SOURCES, texts

INFINITY = float("inf")


@pytest.mark.parametrize(
    ("metric", "unit", "range_"),
    [
        ("cpu", Unit.PERCENT, (0, 100)),
        ("disk:/var", Unit.PERCENT, (0, 100)),
        ("net_rx:eth0", Unit.BYTES_PER_SECOND, (0, INFINITY)),
        ("temperature", Unit.CELSIUS, (-INFINITY, INFINITY)),
        ("temp:nvme", Unit.CELSIUS, (-INFINITY, INFINITY)),
        ("unit:nginx.service", Unit.NONE, (0, 1)),
        ("container:web:up", Unit.NONE, (0, 1)),
        ("container:web:memory", Unit.BYTES, (0, INFINITY)),
        ("check:site:ms", Unit.MILLISECONDS, (0, INFINITY)),
        ("check:site:cert_days", Unit.DAYS, (-INFINITY, INFINITY)),
        ("queue_length", Unit.NONE, (-INFINITY, INFINITY)),
    ],
)
def test_unit_and_bounds_of_a_metric(metric, unit, range_):
    assert unit == unit_of(metric)
    assert range_ == bounds(metric)


@pytest.mark.parametrize("metric", ["queue_length", "container:web", "check:up_to_date", "cpu_value"])
def test_a_custom_metric_is_unknown(metric):
    assert known(metric) is None


@pytest.mark.parametrize(
    ("metric", "names"),
    [
        ("disk:/var", ("磁盘 /var", "disk /var")),
        ("container:web:cpu", ("容器 CPU web", "container CPU web")),
        ("check:site:ms", ("检查耗时 site", "check time site")),
        ("raid:md0", ("RAID 阵列 md0", "RAID array md0")),
        ("pressure_io", ("I/O 压力", "I/O pressure")),
    ],
)
def test_names_in_sentences(metric, names):
    assert (metric_name(metric, 0), metric_name(metric, 1)) == names


def test_each_chart_is_named_by_its_first_metric():
    charts = [metric.chart for metric in METRICS.values() if metric.chart]
    assert all(next(m.name for m in METRICS.values() if m.chart == chart) == chart for chart in charts)


def test_the_screen_has_a_current_copy():
    assert {path: (SOURCES / path).read_text() for path in texts()} == texts()


def test_what_is_on_or_off_is_read_in_words():
    assert ("not active", "运行中") == (reading("unit:nginx.service", 0.0, 1), reading("unit:nginx.service", 1.0, 0))
    assert "not running" == reading("container:a:b:up", 0.0, 1)
    assert ["", "", ""] == [reading("container:a:cpu", 0.0, 1), reading("queue", 0.0, 1), reading("up", None, 1)]
    assert has_readings("raid:md0")
    assert not has_readings("units_failed")


def test_disk_is_the_file_system_at_the_root():
    assert ["disk:/", "disk:/", "disk:/var", "cpu"] == list(map(thing_of, ["disk", "disk:/", "disk:/var", "cpu"]))
