"""The text of /metrics. Imported by a scrape alone: prometheus_client takes 1 MB and 30 ms."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import TypeVar

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from monitor.adapters.http.edge.connections import Cause
from monitor.adapters.http.operations.metrics import GROUP_SIZES, Metrics
from monitor.domain.fleet.servers import Status

Family = TypeVar("Family", CounterMetricFamily, GaugeMetricFamily)

_BOUNDS = (*(f"{size}.0" for size in GROUP_SIZES), "+Inf")


def exposed(metrics: Metrics) -> tuple[bytes, str]:
    """Return the text of *metrics* and of the metrics of the process, and its content type."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    registry.register(_Figures(metrics))
    return generate_latest(registry), CONTENT_TYPE_LATEST


class _Figures(Collector):
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        metrics = self._metrics
        hosts, live = metrics.fleet.directory.servers, metrics.fleet.live
        statuses = Counter(live[server_id].status for server_id in hosts if server_id in live)
        yield _labelled(
            GaugeMetricFamily("monitor_servers", "Registered servers by status.", labels=("status",)),
            {(status.value,): statuses[status] for status in Status},
        )
        yield GaugeMetricFamily(
            "monitor_intake_queue_samples", "Samples waiting for a commit.", value=metrics.queue.depth
        )
        yield _labelled(
            CounterMetricFamily("monitor_http_requests", "Answered requests.", labels=("method", "status")),
            {(method, str(status)): count for (method, status), count in metrics.requests.copy().items()},
        )
        connections = metrics.connections
        yield _labelled(
            GaugeMetricFamily("monitor_connections", "Open connections.", labels=("peer",)),
            {("known",): connections.known, ("unknown",): connections.unknown},
        )
        yield _labelled(
            CounterMetricFamily("monitor_connections_ended", "Ended by the server, by cause.", labels=("cause",)),
            {(cause.value,): connections.ended[cause] for cause in Cause},
        )
        yield GaugeMetricFamily(
            "monitor_event_loop_lag_seconds",
            "Longest lag of the event loop in the last minute.",
            value=metrics.lag.longest,
        )
        if (heard := metrics.hearing.age(metrics.clock.now())) is not None:
            yield GaugeMetricFamily(
                "monitor_hearing_age_seconds",
                "Since the server last proved that it hears its hosts; none is called offline for what follows.",
                value=heard.total_seconds(),
            )
        yield _labelled(
            CounterMetricFamily("monitor_samples", "Samples by what became of them.", labels=("outcome",)),
            {(outcome,): count for outcome, count in metrics.samples.copy().items()},
        )
        yield CounterMetricFamily(
            "monitor_store_epochs",
            "Times that the database may have lost what was acknowledged: agents send their last samples again.",
            value=metrics.epoch.begun,
        )
        yield HistogramMetricFamily(
            "monitor_commit_samples",
            "Samples in one commit.",
            buckets=list(zip(_BOUNDS, accumulate(metrics.groups), strict=True)),
            sum_value=metrics.grouped,
        )


def _labelled(family: Family, values: Mapping[tuple[str, ...], float]) -> Family:
    for labels, value in values.items():
        family.add_metric(labels, value)
    return family
