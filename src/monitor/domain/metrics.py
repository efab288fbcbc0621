"""Which metrics are percents, and which can never be negative."""

_PERCENTS = frozenset({"cpu", "memory", "disk", "swap"})
_COUNTS_AND_RATES = frozenset(
    {"load1", "load5", "load15", "net_rx", "net_tx", "disk_read", "disk_write", "uptime", "processes"}
)
_INFINITY = float("inf")


def is_percent(metric: str) -> bool:
    """Also of one instance, such as `disk:/var`."""
    return metric.partition(":")[0] in _PERCENTS


def bounds(metric: str) -> tuple[float, float]:
    """The least and the greatest value that *metric* can have; infinite where nobody knows, as of custom metrics."""
    if is_percent(metric):
        return 0.0, 100.0
    return (0.0 if metric.partition(":")[0] in _COUNTS_AND_RATES else -_INFINITY), _INFINITY
