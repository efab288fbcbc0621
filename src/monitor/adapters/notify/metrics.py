"""What metrics are called and how their values are written, in Chinese and English."""

import math

from monitor.domain.metrics import is_percent
from monitor.domain.policies import OFFLINE

_NAMES = {
    "cpu": ("CPU", "CPU"),
    "memory": ("内存", "memory"),
    "disk": ("磁盘", "disk"),
    "swap": ("交换空间", "swap"),
    "load1": ("1 分钟负载", "load (1 min)"),
    "load5": ("5 分钟负载", "load (5 min)"),
    "load15": ("15 分钟负载", "load (15 min)"),
    "net_rx": ("网络接收", "network received"),
    "net_tx": ("网络发送", "network sent"),
    "disk_read": ("磁盘读取", "disk read"),
    "disk_write": ("磁盘写入", "disk written"),
    "temperature": ("温度", "temperature"),
    "uptime": ("运行时间", "uptime"),
    "processes": ("进程数", "processes"),
    OFFLINE: ("离线", "offline"),
}
_BYTES_PER_SECOND = frozenset({"net_rx", "net_tx", "disk_read", "disk_write"})
_SECONDS = frozenset({"uptime", OFFLINE})
_PREFIXES = ("B/s", "kB/s", "MB/s", "GB/s", "TB/s")
_STEPS = ((86400, "天", "d"), (3600, "小时", "h"), (60, "分钟", "min"), (1, "秒", "s"))
ABSENT = "–"


def metric_name(metric: str, language: int) -> str:
    """*language*: 0 Chinese, 1 English. A name that is nobody's but an agent's stays as it is."""
    base, _, of = metric.partition(":")
    if base not in _NAMES:
        return metric
    return f"{_NAMES[base][language]} {of}".strip()


def written(metric: str, value: float | None, language: int) -> str:
    """*value* with the unit of *metric*, such as "92.4 %", "1.2 MB/s", "71 °C"."""
    if value is None or not math.isfinite(value):
        return ABSENT
    if is_percent(metric):
        return f"{_number(value)} %"
    base = metric.partition(":")[0]
    if base in _BYTES_PER_SECOND:
        return _rate(value)
    if base in _SECONDS:
        return duration(value, language)
    if base == "temperature":
        return f"{_number(value)} °C"
    return _number(value)


def duration(seconds: float, language: int) -> str:
    """In its two largest units: "3 d 2 h", "12 min"."""
    left = max(0, round(seconds))
    parts = []
    for size, *units in _STEPS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {units[language]}")
        elif parts:
            break
    return " ".join(parts[:2]) or f"0 {_STEPS[-1][1 + language]}"


def _rate(value: float) -> str:
    power = 0
    while abs(value) >= 999.5 and power < len(_PREFIXES) - 1:
        value, power = value / 1000, power + 1
    return f"{float(f'{value:.3g}'):g} {_PREFIXES[power]}"


def _number(value: float) -> str:
    if value and not 0.01 <= abs(value) < 1e12:
        return f"{value:.4g}"
    return f"{value:.2f}".rstrip("0").rstrip(".")
