"""What the samples of a host have to be, from node-exporter's raw series: written without the product's own code."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

Raw = Mapping[int, Mapping[str, list[tuple[dict[str, str], float]]]]
"""Series with labels and values, by time (milliseconds) and metric."""


def by_time(series: Iterable[tuple[dict[str, str], Iterable[tuple[int, float]]]]) -> Raw:
    found: dict[int, dict[str, list[tuple[dict[str, str], float]]]] = defaultdict(lambda: defaultdict(list))
    for labels, points in series:
        # Once each: a sender that is stopped within a request sends it again, and VictoriaMetrics keeps both.
        for at, value in dict(points).items():
            if value == value:  # no mark of an ended series
                found[at][labels["__name__"]].append((labels, value))
    return found


def samples(raw: Raw) -> dict[int, dict[str, float]]:
    """Return cpu, memory, disk, load1, and the bytes of each interface, by time; not of the first scrape."""
    times = sorted(at for at in raw if "node_load1" in raw[at])
    return {at: _sample(raw[before], raw[at], (at - before) / 1000) for before, at in pairwise(times)}


def _sample(before: Mapping[str, Any], now: Mapping[str, Any], seconds: float) -> dict[str, float]:
    def one(name: str, **wanted: str) -> float:
        [value] = [value for labels, value in now[name] if wanted.items() <= labels.items()]
        return float(value)

    then = {(each["cpu"], each["mode"]): value for each, value in before["node_cpu_seconds_total"]}
    spent = {
        (each["cpu"], each["mode"]): max(0.0, value - then[each["cpu"], each["mode"]])
        for each, value in now["node_cpu_seconds_total"]
    }
    total = sum(spent.values())
    busy = total - sum(value for (_, mode), value in spent.items() if mode in ("idle", "iowait"))
    size, free, available = (one(f"node_filesystem_{part}_bytes", mountpoint="/") for part in ("size", "free", "avail"))
    memory = one("node_memory_MemTotal_bytes")
    sample = {
        "cpu": 100 * busy / total,
        "memory": 100 * (1 - one("node_memory_MemAvailable_bytes") / memory),
        "disk": 100 * (size - free) / (size - free + available),
        "load1": one("node_load1"),
    }
    received = {each["device"]: value for each, value in before["node_network_receive_bytes_total"]}
    for labels, value in now["node_network_receive_bytes_total"]:
        if labels["device"].startswith("eth"):
            sample[f"net_rx:{labels['device']}"] = (value - received[labels["device"]]) / seconds
    return sample
