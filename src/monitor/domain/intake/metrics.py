"""The metrics of agents and checks: names, units and ranges. The one list that alerts, mails and the screen read.

After a change run `.venv/bin/python -m scripts.metrics`, which writes the screen's copy.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LEAST_PERCENT, MOST_PERCENT = 0, 100
"""The range of every percentage that is accepted, compared or drawn."""
_INFINITY = float("inf")
_HALF = 0.5


class Unit(StrEnum):
    PERCENT = "percent"
    BYTES = "bytes"
    BYTES_PER_SECOND = "bytes_per_second"
    MILLISECONDS = "milliseconds"
    SECONDS = "seconds"
    DAYS = "days"
    CELSIUS = "celsius"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """*chart*: the metric whose chart shows it, or None. *most*: the greatest value, where it is not the unit's.
    *readings*: what 0 and 1 mean, each in Chinese and English, where a number would say less.

    *of_instances*: True if only instances have values, such as `temp:nvme`. A name of two parts is that of instances
    with their own name between: `container:cpu` is the metric of `container:web:cpu`.
    """

    name: str
    chinese: str
    english: str
    unit: Unit = Unit.NONE
    chart: str | None = None
    can_be_negative: bool = False
    most: float = _INFINITY
    of_instances: bool = False
    readings: tuple[tuple[str, str], tuple[str, str]] | None = None


_DOWN_OR_UP = (("不可用", "down"), ("可用", "up"))


def _of_instances(name: str, chinese: str, english: str, **options: Any) -> Metric:
    return Metric(name=name, chinese=chinese, english=english, chart=name, of_instances=True, **options)


METRICS = (
    Metric(name="cpu", chinese="CPU", english="CPU", unit=Unit.PERCENT, chart="cpu"),
    Metric(name="memory", chinese="内存", english="Memory", unit=Unit.PERCENT, chart="memory"),
    Metric(name="disk", chinese="磁盘", english="Disk", unit=Unit.PERCENT, chart="disk"),
    Metric(name="offline", chinese="离线", english="Offline", unit=Unit.SECONDS),
    Metric(name="clock_error", chinese="时钟误差", english="Clock error", unit=Unit.SECONDS),
    Metric(
        name="check_in",
        chinese="签到",
        english="Check-in",
        readings=(("按时", "on time"), ("未按时或失败", "missed or failed")),
    ),
    Metric(name="load1", chinese="负载 1 分钟", english="Load 1 min", chart="load1"),
    Metric(name="load5", chinese="负载 5 分钟", english="Load 5 min", chart="load1"),
    Metric(name="load15", chinese="负载 15 分钟", english="Load 15 min", chart="load1"),
    Metric(name="swap", chinese="交换分区", english="Swap", unit=Unit.PERCENT, chart="swap"),
    Metric(name="net_rx", chinese="网络接收", english="Network in", unit=Unit.BYTES_PER_SECOND, chart="net_rx"),
    Metric(name="net_tx", chinese="网络发送", english="Network out", unit=Unit.BYTES_PER_SECOND, chart="net_rx"),
    Metric(name="disk_read", chinese="磁盘读取", english="Disk read", unit=Unit.BYTES_PER_SECOND, chart="disk_read"),
    Metric(name="disk_write", chinese="磁盘写入", english="Disk write", unit=Unit.BYTES_PER_SECOND, chart="disk_read"),
    Metric(
        name="temperature",
        chinese="温度",
        english="Temperature",
        unit=Unit.CELSIUS,
        chart="temperature",
        can_be_negative=True,
    ),
    Metric(name="uptime", chinese="运行时间", english="Uptime", unit=Unit.SECONDS),
    Metric(name="processes", chinese="进程数", english="Processes", chart="processes"),
    Metric(name="pressure_cpu", chinese="CPU 压力", english="CPU pressure", unit=Unit.PERCENT, chart="pressure_cpu"),
    Metric(
        name="pressure_memory", chinese="内存压力", english="Memory pressure", unit=Unit.PERCENT, chart="pressure_cpu"
    ),
    Metric(name="pressure_io", chinese="I/O 压力", english="I/O pressure", unit=Unit.PERCENT, chart="pressure_cpu"),
    Metric(name="units_failed", chinese="失败的单元", english="Failed units", chart="units_failed"),
    Metric(name="containers", chinese="运行中的容器", english="Running containers", chart="containers"),
    _of_instances("inodes", "inode 用量", "Inodes", unit=Unit.PERCENT),
    _of_instances("temp", "传感器温度", "Sensor temperature", unit=Unit.CELSIUS, can_be_negative=True),
    _of_instances("raid", "RAID 阵列", "RAID array", most=1, readings=(("降级", "degraded"), ("完好", "whole"))),
    _of_instances("unit", "单元", "Unit", most=1, readings=(("未运行", "not active"), ("运行中", "active"))),
    _of_instances(
        "container:up", "容器", "Container", most=1, readings=(("未运行", "not running"), ("运行中", "running"))
    ),
    _of_instances("container:cpu", "容器 CPU", "Container CPU", unit=Unit.PERCENT),
    _of_instances("container:memory", "容器内存", "Container memory", unit=Unit.BYTES),
    _of_instances("check:up", "检查", "Check", most=1, readings=_DOWN_OR_UP),
    _of_instances("check:ms", "检查耗时", "Check time", unit=Unit.MILLISECONDS),
    _of_instances("check:cert_days", "证书剩余天数", "Certificate days left", unit=Unit.DAYS, can_be_negative=True),
    Metric(name="up", chinese="可用性", english="Availability", readings=_DOWN_OR_UP),
    Metric(name="ms", chinese="响应时间", english="Response time", unit=Unit.MILLISECONDS),
    Metric(
        name="cert_days",
        chinese="证书有效期",
        english="Certificate",
        unit=Unit.DAYS,
        can_be_negative=True,
    ),
)
"""In display order."""
_BY_NAME = {metric.name: metric for metric in METRICS}


def known(metric: str) -> Metric | None:
    """Return the metric, also for an instance such as `disk:/var`, or None for a custom metric."""
    kind, _, instance = metric.partition(":")
    return _BY_NAME.get(kind) or _BY_NAME.get(f"{kind}:{instance.rpartition(':')[2]}")


def _instance(metric: str, found: Metric) -> str:
    instance = metric.partition(":")[2]
    return instance.rpartition(":")[0] if ":" in found.name else instance


def metric_name(metric: str, language: int) -> str:
    """Return the name of *metric* as inside a sentence. A custom metric keeps its name.

    *language*: 0 Chinese, 1 English.
    """
    found = known(metric)
    if found is None:
        return metric
    english = " ".join(word if word.isupper() else word.lower() for word in found.english.split())
    return f"{(found.chinese, english)[language]} {_instance(metric, found)}".strip()


def unit_of(metric: str) -> Unit:
    """Return the unit. Custom metrics have `Unit.NONE`."""
    found = known(metric)
    return Unit.NONE if found is None else found.unit


def reading(metric: str, value: float | None, language: int) -> str:
    """Return what *value* means, such as "not active"; "" if it is unknown, or the metric is a number.

    *language*: as of `metric_name`.
    """
    found = known(metric)
    if found is None or found.readings is None or value is None:
        return ""
    return found.readings[value >= _HALF][language]


def has_readings(metric: str) -> bool:
    found = known(metric)
    return found is not None and found.readings is not None


def is_percent(metric: str) -> bool:
    return unit_of(metric) is Unit.PERCENT


def bounds(metric: str) -> tuple[float, float]:
    """Return the least and the greatest possible value; infinite if unknown."""
    if is_percent(metric):
        return float(LEAST_PERCENT), float(MOST_PERCENT)
    found = known(metric)
    if found is None:
        return -_INFINITY, _INFINITY
    return (-_INFINITY if found.can_be_negative else 0.0), float(found.most)
