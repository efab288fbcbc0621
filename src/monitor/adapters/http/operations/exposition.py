"""The text of a scrape by Prometheus."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = CONTENT_TYPE_LATEST


@dataclass(eq=False, slots=True, kw_only=True)
class Figures(Collector):
    """Values of one scrape.

    *requests*: by method and status. *groups*: cumulative counts of commits by size; *grouped*: samples in all of them.
    *connections*: known and unknown. *ended*: connections that the server ended, by cause. *lag*, *hearing_age*: in
    seconds; None if not measured.
    """

    requests: Mapping[tuple[str, int], int]
    samples: Mapping[str, int]
    groups: Sequence[tuple[str, int]]
    grouped: int
    servers: Mapping[str, int]
    waiting: int
    connections: Mapping[str, int]
    ended: Mapping[str, int]
    lag: float
    hearing_age: float | None

    def collect(self) -> Iterator[Metric]:
        servers = GaugeMetricFamily("monitor_servers", "Registered servers by status.", labels=("status",))
        for status, count in self.servers.items():
            servers.add_metric((status,), count)
        yield servers
        yield GaugeMetricFamily("monitor_intake_queue_samples", "Samples waiting for a commit.", value=self.waiting)
        requests = CounterMetricFamily("monitor_http_requests", "Answered requests.", labels=("method", "status"))
        for (method, answer), count in self.requests.items():
            requests.add_metric((method, str(answer)), count)
        yield requests
        connections = GaugeMetricFamily("monitor_connections", "Open connections.", labels=("peer",))
        for peer, count in self.connections.items():
            connections.add_metric((peer,), count)
        yield connections
        ended = CounterMetricFamily("monitor_connections_ended", "Ended by the server, by cause.", labels=("cause",))
        for cause, count in self.ended.items():
            ended.add_metric((cause,), count)
        yield ended
        yield GaugeMetricFamily(
            "monitor_event_loop_lag_seconds", "Longest lag of the event loop in the last minute.", value=self.lag
        )
        if self.hearing_age is not None:
            yield GaugeMetricFamily(
                "monitor_hearing_age_seconds",
                "Since the server last proved that it hears its hosts; none is called offline for what follows.",
                value=self.hearing_age,
            )
        samples = CounterMetricFamily("monitor_samples", "Samples by what became of them.", labels=("outcome",))
        for outcome, count in self.samples.items():
            samples.add_metric((outcome,), count)
        yield samples
        yield HistogramMetricFamily(
            "monitor_commit_samples", "Samples in one commit.", buckets=self.groups, sum_value=self.grouped
        )


def exposed(figures: Figures) -> bytes:
    """Return the text of *figures* and of the metrics of the process."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    registry.register(figures)
    return generate_latest(registry)
