"""The requests of a Prometheus that scrapes many hosts, read by the product's own reader."""

import pytest

from bench import scrapes
from bench.scrapes import Scrapes
from monitor.adapters.http.intake.remote_write import Points, RemoteWrite

TEXT = """\
# HELP node_cpu_seconds_total Seconds the CPUs spent in each mode.
# TYPE node_cpu_seconds_total counter
node_cpu_seconds_total{cpu="0",mode="idle"} 100
node_cpu_seconds_total{cpu="0",mode="steal"} 0
# TYPE node_load1 gauge
node_load1 0.5
# TYPE node_memory_MemTotal_bytes gauge
node_memory_MemTotal_bytes 1000
# TYPE go_threads gauge
go_threads 7
"""
START = 1_893_499_200_000


def read(*bodies: bytes) -> dict[tuple[str, str], Points]:
    """Return the points of all series, by instance, and name or mode."""
    found: dict[tuple[str, str], Points] = {}
    reader = RemoteWrite(lambda labels: labels)
    for body in bodies:
        for labels, points in reader.read(body):
            assert "node" == labels["job"]
            found.setdefault((labels["instance"], labels.get("mode", labels["__name__"])), []).extend(points)
    return found


def test_each_host_has_each_series_of_node_exporter_once() -> None:
    made = Scrapes(TEXT, 3, START)
    names = ("idle", "steal", "node_load1", "node_memory_MemTotal_bytes")
    assert 4 == made.series
    found = read(*made.requests(0))
    assert {(f"10.0.0.{host}:9100", name) for host in range(3) for name in names} == found.keys()
    assert {1} == {len(points) for points in found.values()}


def test_hosts_are_scraped_at_different_times_of_the_interval_each_always_at_the_same() -> None:
    found = read(*(body for number in range(2) for body in Scrapes(TEXT, 3, START).requests(number)))
    assert [0, 5000, 10_000] == [found[f"10.0.0.{host}:9100", "node_load1"][0][0] - START for host in range(3)]
    assert {15_000} == {second - first for (first, _), (second, _) in found.values()}


def test_counters_that_count_grow_and_some_gauges_change() -> None:
    made = Scrapes(TEXT, 1, START)
    (idle, steal, load, memory) = [
        [value for _, value in points] for points in read(*made.requests(0), *made.requests(1)).values()
    ]
    assert idle[0] == 100 < idle[1]
    assert ([0, 0], [1000, 1000]) == (steal, memory)
    assert 0.49 <= min(load) < max(load) <= 0.5


def test_requests_are_full_and_the_same_for_everyone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrapes, "PER_REQUEST", 5)
    bodies = Scrapes(TEXT, 3, START).requests(7)
    assert [5, 5, 2] == [len(read(body)) for body in bodies]
    assert bodies == Scrapes(TEXT, 3, START).requests(7)
