"""The text of /metrics. Imported by a scrape alone: prometheus_client takes 1 MB and 30 ms."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import accumulate
from typing import TypeVar

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily as Count
from prometheus_client.metrics_core import GaugeMetricFamily as Gauge
from prometheus_client.metrics_core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from monitor.adapters.http.edge.connections import Cause
from monitor.adapters.http.operations.metrics import GROUP_SIZES, Metrics
from monitor.domain.errors import MonitorError
from monitor.domain.fleet.servers import Status
from monitor.domain.intake.metrics import metric_name

Family = TypeVar("Family", Count, Gauge)
Labels = TypeVar("Labels", bound=tuple[str, ...])

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
        counted = {(status.value,): statuses[status] for status in Status}
        yield _labelled(Gauge("monitor_servers", "Registered servers by status.", labels=("status",)), counted)
        yield Gauge("monitor_intake_queue_samples", "Samples waiting for a commit.", value=metrics.queue.depth)
        requests = {(method, str(status)): count for (method, status), count in metrics.requests.copy().items()}
        yield _labelled(Count("monitor_http_requests", "Answered requests.", labels=("method", "status")), requests)
        connections = metrics.connections
        peers = {("known",): connections.known, ("unknown",): connections.unknown}
        yield _labelled(Gauge("monitor_connections", "Open connections.", labels=("peer",)), peers)
        ended = Count("monitor_connections_ended", "Ended by the server, by cause.", labels=("cause",))
        yield _labelled(ended, {(cause.value,): connections.ended[cause] for cause in Cause})
        lag, heard = metrics.lag.longest, metrics.hearing.age(metrics.clock.now())
        yield Gauge("monitor_event_loop_lag_seconds", "Longest lag of the event loop in the last minute.", value=lag)
        if heard is not None:
            said = "Since the server last proved that it hears its hosts; none is called offline for what follows."
            yield Gauge("monitor_hearing_age_seconds", said, value=heard.total_seconds())
        samples = Count("monitor_samples", "Samples by what became of them.", labels=("outcome",))
        yield _labelled(samples, {(outcome,): count for outcome, count in metrics.samples.copy().items()})
        said = "Times that the database may have lost what was acknowledged: agents send their last samples again."
        yield Count("monitor_store_epochs", said, value=metrics.epoch.begun)
        buckets = list(zip(_BOUNDS, accumulate(metrics.groups), strict=True))
        yield HistogramMetricFamily("monitor_commit_samples", "Samples in one commit.", buckets, metrics.grouped)
        yield Count("monitor_commit_time_seconds", "Time that commits took.", value=metrics.queue.commit_seconds)
        # Of several jobs with one name, the longest age stays.
        ages = {(job.name,): job.age for job in sorted(metrics.runs.states(), key=lambda job: job.age)}
        yield _labelled(Gauge("monitor_job_age_seconds", "Since a job worked without an error.", labels=("job",)), ages)
        with suppress(MonitorError):  # without the database there are none
            for name, value in metrics.read_figures().items():
                yield Gauge(name, f"The worst {metric_name(name, 1)} of a process.", value=value)


def _labelled(family: Family, values: Mapping[Labels, float]) -> Family:
    for labels, value in values.items():
        family.add_metric(labels, value)
    return family
