"""Values with their units, in Chinese and English."""

import math

from monitor.domain.intake.metrics import Unit, unit_of

_PREFIXES = ("B/s", "kB/s", "MB/s", "GB/s", "TB/s")
_STEPS = ((86400, "天", "d"), (3600, "小时", "h"), (60, "分钟", "min"), (1, "秒", "s"))
ABSENT = "–"


def format_value(metric: str, value: float | None, language: int) -> str:
    """Return *value* with the unit of *metric*, such as "92.4 %", "1.2 MB/s" or "71 °C"."""
    if value is None or not math.isfinite(value):
        return ABSENT
    match unit_of(metric):
        case Unit.PERCENT:
            return f"{_number(value)} %"
        case Unit.BYTES_PER_SECOND:
            return _rate(value)
        case Unit.SECONDS:
            return duration(value, language)
        case Unit.CELSIUS:
            return f"{_number(value)} °C"
        case Unit.NONE:
            return _number(value)


def duration(seconds: float, language: int) -> str:
    """Return *seconds* in their two largest units, such as "3 d 2 h" or "12 min"."""
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
