"""GET /metrics: what an operator's Prometheus may scrape."""

from collections.abc import Iterator
from typing import Any

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from prometheus_client import CollectorRegistry, Counter, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from monitor.adapters.http.authentication import ANONYMOUS
from monitor.adapters.http.client_address import client_address, is_forwarded, is_loopback
from monitor.application.fleet import Fleet
from monitor.application.intake_queue import IntakeQueue, Submission
from monitor.domain.api_keys import digest
from monitor.domain.errors import InvalidApiKey
from monitor.domain.servers import Status

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_GROUP_SIZES = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000)


class Metrics:
    def __init__(self, fleet: Fleet, queue: IntakeQueue) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.registry.register(_Gauges(fleet, queue))
        self._requests = Counter(
            "monitor_http_requests", "Answered requests.", ("method", "status"), registry=self.registry
        )
        self._samples = Counter(
            "monitor_samples", "Samples by what became of them.", ("outcome",), registry=self.registry
        )
        self._group = Histogram(
            "monitor_commit_samples", "Samples in one commit.", buckets=_GROUP_SIZES, registry=self.registry
        )

        self._answers: dict[tuple[str, int], Counter] = {}

    def answered(self, method: str, status: int) -> None:
        counter = self._answers.get((method, status))
        if counter is None:
            # Whoever makes methods up must not make series.
            counter = self._requests.labels(method if method in _METHODS else "other", str(status))
            if method in _METHODS:
                self._answers[method, status] = counter
        counter.inc()

    def rejected(self, count: int) -> None:
        if count:
            self._samples.labels("rejected").inc(count)

    def committed(self, group: list[Submission]) -> None:
        counts: dict[str, int] = {}
        for submission in group:
            if submission.error is not None:
                counts["failed"] = counts.get("failed", 0) + len(submission.samples)
            for outcome in submission.outcomes:
                counts[outcome.value] = counts.get(outcome.value, 0) + 1
        for name, count in counts.items():
            self._samples.labels(name).inc(count)
        self._group.observe(sum(len(submission.samples) for submission in group))


class _Gauges(Collector):
    """Read when scraped."""

    def __init__(self, fleet: Fleet, queue: IntakeQueue) -> None:
        self._fleet = fleet
        self._queue = queue

    def collect(self) -> Iterator[GaugeMetricFamily]:
        statuses = [live.status for live in self._fleet.live.values()]
        servers = GaugeMetricFamily("monitor_servers", "Registered servers by status.", labels=("status",))
        for status in Status:
            servers.add_metric([status.value], statuses.count(status))
        yield servers
        yield GaugeMetricFamily(
            "monitor_intake_queue_samples", "Samples waiting for a commit.", value=self._queue.depth
        )


class MetricsController(Controller):
    path = "/metrics"
    opt = ANONYMOUS
    include_in_schema = False

    @get("/", sync_to_thread=True)
    def scrape(
        self, request: Request[Any, Any, Any], operator_metrics: NamedDependency[Metrics], fleet: NamedDependency[Fleet]
    ) -> Response[bytes]:
        """For loopback, or with a fleet key in `X-API-Key` or as Bearer token."""
        _check_access(request, fleet)
        return Response(generate_latest(operator_metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _check_access(request: Request[Any, Any, Any], fleet: Fleet) -> None:
    # A proxy on this host makes everybody look local; what it forwards is not.
    if is_loopback(client_address(request.scope)) and not is_forwarded(request.scope):
        return
    text = request.headers.get("x-api-key") or request.headers.get("authorization", "").removeprefix("Bearer ")
    if not text:
        raise InvalidApiKey
    fleet.refresh()
    if fleet.directory.key(digest(text)).server_id is not None:
        raise HTTPException(status_code=403)
