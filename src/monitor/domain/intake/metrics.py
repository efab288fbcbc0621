"""The metrics of agents and checks: names, sections, units and ranges. Alerts, mails and the screen read this list.

After a change run `.venv/bin/python -m scripts.screen_copies`, which writes the screen's copy.
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


_CAN_BE_NEGATIVE = (Unit.DAYS, Unit.CELSIUS)


class Section(StrEnum):
    """What people look for metrics under, in display order. Custom metrics are under OTHERS."""

    SYSTEM = "system"
    DISKS = "disks"
    NETWORK = "network"
    SERVICES = "services"
    CONTAINERS = "containers"
    HOST_CHECKS = "hostChecks"
    CHECKS = "checks"
    OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Metric:
    """*chart*: the metric whose chart shows it, or None. *most*: the greatest value, where it is not the unit's.
    *readings*: what 0 and 1 mean, each in Chinese and English, where a number would say less.

    *of_instances*: True if only instances have values, such as `temp:nvme`. A name of two parts is that of instances
    with their own name between: `container:cpu` is the metric of `container:web:cpu`.
    """

    name: str
    chinese: str
    english: str
    section: Section
    unit: Unit = Unit.NONE
    chart: str | None = None
    most: float = _INFINITY
    of_instances: bool = False
    readings: tuple[tuple[str, str], tuple[str, str]] | None = None


_ON_TIME = (("按时", "on time"), ("未按时或失败", "missed or failed"))
_WHOLE = (("降级", "degraded"), ("完好", "whole"))
_ACTIVE = (("未运行", "not active"), ("运行中", "active"))
_RUNNING = (("未运行", "not running"), ("运行中", "running"))
_YES = (("否", "no"), ("是", "yes"))
_DOWN_OR_UP = (("不可用", "down"), ("可用", "up"))


def _of_instances(
    name: str, chinese: str, english: str, section: Section, unit: Unit = Unit.NONE, **options: Any
) -> Metric:
    return Metric(name, chinese, english, section, unit, chart=name, of_instances=True, **options)


METRICS = {
    metric.name: metric
    for metric in (
        Metric("cpu", "CPU", "CPU", Section.SYSTEM, Unit.PERCENT, chart="cpu"),
        Metric("memory", "内存", "Memory", Section.SYSTEM, Unit.PERCENT, chart="memory"),
        Metric("disk", "磁盘", "Disk", Section.DISKS, Unit.PERCENT, chart="disk"),
        Metric("offline", "离线", "Offline", Section.SYSTEM, Unit.SECONDS),
        Metric("clock_error", "时钟误差", "Clock error", Section.SYSTEM, Unit.SECONDS),
        Metric("check_in", "签到", "Check-in", Section.CHECKS, readings=_ON_TIME),
        Metric("load1", "负载 1 分钟", "Load 1 min", Section.SYSTEM, chart="load1"),
        Metric("load5", "负载 5 分钟", "Load 5 min", Section.SYSTEM, chart="load1"),
        Metric("load15", "负载 15 分钟", "Load 15 min", Section.SYSTEM, chart="load1"),
        Metric("swap", "交换分区", "Swap", Section.SYSTEM, Unit.PERCENT, chart="swap"),
        Metric("net_rx", "网络接收", "Network in", Section.NETWORK, Unit.BYTES_PER_SECOND, chart="net_rx"),
        Metric("net_tx", "网络发送", "Network out", Section.NETWORK, Unit.BYTES_PER_SECOND, chart="net_rx"),
        Metric("disk_read", "磁盘读取", "Disk read", Section.DISKS, Unit.BYTES_PER_SECOND, chart="disk_read"),
        Metric("disk_write", "磁盘写入", "Disk write", Section.DISKS, Unit.BYTES_PER_SECOND, chart="disk_read"),
        Metric("temperature", "温度", "Temperature", Section.SYSTEM, Unit.CELSIUS, chart="temperature"),
        Metric("uptime", "运行时间", "Uptime", Section.SYSTEM, Unit.SECONDS),
        Metric("reboot_needed", "需要重启", "Reboot needed", Section.SYSTEM, most=1, readings=_YES),
        Metric("unexpected_restart", "意外重启", "Unexpected restart", Section.SYSTEM, most=1, readings=_YES),
        Metric("processes", "进程数", "Processes", Section.SYSTEM, chart="processes"),
        Metric("pressure_cpu", "CPU 压力", "CPU pressure", Section.SYSTEM, Unit.PERCENT, chart="pressure_cpu"),
        Metric("pressure_memory", "内存压力", "Memory pressure", Section.SYSTEM, Unit.PERCENT, chart="pressure_cpu"),
        Metric("pressure_io", "I/O 压力", "I/O pressure", Section.SYSTEM, Unit.PERCENT, chart="pressure_cpu"),
        Metric("units_failed", "失败的单元", "Failed units", Section.SERVICES, chart="units_failed"),
        Metric("containers", "运行中的容器", "Running containers", Section.CONTAINERS, chart="containers"),
        _of_instances("inodes", "inode 用量", "Inodes", Section.DISKS, Unit.PERCENT),
        _of_instances("temp", "传感器温度", "Sensor temperature", Section.SYSTEM, Unit.CELSIUS),
        _of_instances("raid", "RAID 阵列", "RAID array", Section.DISKS, most=1, readings=_WHOLE),
        _of_instances("unit", "单元", "Unit", Section.SERVICES, most=1, readings=_ACTIVE),
        _of_instances("container:up", "容器", "Container", Section.CONTAINERS, most=1, readings=_RUNNING),
        _of_instances("container:cpu", "容器 CPU", "Container CPU", Section.CONTAINERS, Unit.PERCENT),
        _of_instances("container:memory", "容器内存", "Container memory", Section.CONTAINERS, Unit.BYTES),
        _of_instances("check:up", "检查", "Check", Section.HOST_CHECKS, most=1, readings=_DOWN_OR_UP),
        _of_instances("check:ms", "检查耗时", "Check time", Section.HOST_CHECKS, Unit.MILLISECONDS),
        _of_instances("check:cert_days", "证书剩余天数", "Certificate days left", Section.HOST_CHECKS, Unit.DAYS),
        Metric("up", "可用性", "Availability", Section.CHECKS, readings=_DOWN_OR_UP),
        Metric("ms", "响应时间", "Response time", Section.CHECKS, Unit.MILLISECONDS),
        Metric("cert_days", "证书有效期", "Certificate", Section.CHECKS, Unit.DAYS),
        Metric("monitor_queue_samples", "写入队列", "Queue", Section.CHECKS),
        Metric("monitor_commit_ms", "提交耗时", "Commit time", Section.CHECKS, Unit.MILLISECONDS),
        Metric("monitor_lag_ms", "事件循环延迟", "Event loop lag", Section.CHECKS, Unit.MILLISECONDS),
        Metric("monitor_outbox_age_seconds", "待发通知时长", "Outbox age", Section.CHECKS, Unit.SECONDS),
        Metric("monitor_sealing_lag_seconds", "封存滞后", "Sealing lag", Section.CHECKS, Unit.SECONDS),
        Metric("monitor_alert_states", "告警状态数", "Alert states", Section.CHECKS),
        Metric("monitor_sessions", "登录会话", "Sessions", Section.CHECKS),
    )
}
"""By name, in display order."""


def known(metric: str) -> Metric | None:
    """Return the metric, also for an instance such as `disk:/var`, or None for a custom metric."""
    kind, _, instance = metric.partition(":")
    return METRICS.get(kind) or METRICS.get(f"{kind}:{instance.rpartition(':')[2]}")


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
    return (-_INFINITY if found.unit in _CAN_BE_NEGATIVE else 0.0), float(found.most)


def thing_of(metric: str) -> str:
    """Return what the metric measures: `disk` is the file system at `/`, which agents report as `disk:/` too."""
    return "disk:/" if metric == "disk" else metric
