"""The metrics that agents send: names, units and ranges. The one list that alerts, mails and the screen read.

After a change run `.venv/bin/python -m scripts.metrics`, which writes the screen's copy.
"""

from dataclasses import dataclass
from enum import StrEnum

LEAST_PERCENT, MOST_PERCENT = 0, 100
"""The range of every percentage that is accepted, compared or drawn."""
_INFINITY = float("inf")


class Unit(StrEnum):
    PERCENT = "percent"
    BYTES_PER_SECOND = "bytes_per_second"
    SECONDS = "seconds"
    CELSIUS = "celsius"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """*chart*: the metric whose chart shows it, or None."""

    name: str
    chinese: str
    english: str
    unit: Unit = Unit.NONE
    chart: str | None = None
    can_be_negative: bool = False


METRICS = (
    Metric(name="cpu", chinese="CPU", english="CPU", unit=Unit.PERCENT, chart="cpu"),
    Metric(name="memory", chinese="内存", english="Memory", unit=Unit.PERCENT, chart="memory"),
    Metric(name="disk", chinese="磁盘", english="Disk", unit=Unit.PERCENT, chart="disk"),
    Metric(name="offline", chinese="离线", english="Offline", unit=Unit.SECONDS),
    Metric(name="check_in", chinese="签到", english="Check-in"),
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
)
"""In display order."""
_BY_NAME = {metric.name: metric for metric in METRICS}


def known(metric: str) -> Metric | None:
    """Return the metric, also for an instance such as `disk:/var`, or None for a custom metric."""
    return _BY_NAME.get(metric.partition(":")[0])


def metric_name(metric: str, language: int) -> str:
    """Return the name of *metric* as inside a sentence. A custom metric keeps its name.

    *language*: 0 Chinese, 1 English.
    """
    found = known(metric)
    if found is None:
        return metric
    english = found.english if found.english.isupper() else found.english.lower()
    return f"{(found.chinese, english)[language]} {metric.partition(':')[2]}".strip()


def unit_of(metric: str) -> Unit:
    """Return the unit. Custom metrics have `Unit.NONE`."""
    found = known(metric)
    return Unit.NONE if found is None else found.unit


def is_percent(metric: str) -> bool:
    return unit_of(metric) is Unit.PERCENT


def bounds(metric: str) -> tuple[float, float]:
    """Return the least and the greatest possible value; infinite if unknown."""
    if is_percent(metric):
        return float(LEAST_PERCENT), float(MOST_PERCENT)
    found = known(metric)
    return (-_INFINITY if found is None or found.can_be_negative else 0.0), _INFINITY
