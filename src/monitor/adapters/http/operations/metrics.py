"""GET /metrics, for an operator's Prometheus."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from monitor.adapters.http.edge.authentication import ANONYMOUS
from monitor.adapters.http.edge.client_address import client_address, is_forwarded, is_loopback
from monitor.adapters.http.edge.connections import Cause, Connections
from monitor.adapters.http.edge.hosts import has_known_host
from monitor.adapters.http.operations.health import LoopLag
from monitor.application.alerts.offline import OwnHearing
from monitor.application.fleet.fleet import Fleet
from monitor.application.intake.queue import IntakeQueue, Submission
from monitor.application.ports import Clock
from monitor.domain.errors import InvalidApiKey
from monitor.domain.fleet.api_keys import digest
from monitor.domain.fleet.servers import Status

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_GROUP_SIZES = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000)
_BOUNDS = (*(f"{size}.0" for size in _GROUP_SIZES), "+Inf")


class Metrics:
    """Counters of this process, as plain numbers. `exposition` turns them into text."""

    def __init__(
        self,
        fleet: Fleet,
        queue: IntakeQueue,
        connections: Connections,
        lag: LoopLag,
        hearing: OwnHearing,
        clock: Clock,
    ) -> None:
        self._fleet = fleet
        self._queue = queue
        self._connections = connections
        self._lag = lag
        self._hearing = hearing
        self._clock = clock
        self._requests = Counter[tuple[str, int]]()
        self._samples = Counter[str]()
        self._groups = [0] * (len(_GROUP_SIZES) + 1)
        self._grouped = 0

    def answered(self, method: str, status: int) -> None:
        # Invented methods must not create series.
        self._requests[method if method in _METHODS else "other", status] += 1

    def rejected(self, count: int) -> None:
        if count:
            self._samples["rejected"] += count

    def committed(self, group: list[Submission]) -> None:
        for submission in group:
            if submission.error is not None:
                self._samples["failed"] += len(submission.samples)
            for outcome in submission.outcomes:
                self._samples[outcome.value] += 1
        size = sum(len(submission.samples) for submission in group)
        self._groups[bisect_left(_GROUP_SIZES, size)] += 1
        self._grouped += size

    def exposed(self) -> tuple[bytes, str]:
        """Return the text and its content type."""
        # Imported here: only a scrape needs prometheus_client, which takes 1 MB and 30 ms.

        statuses = [live.status for live in self._fleet.live.values()]
        heard = self._hearing.age(self._clock.now())
        figures = Figures(
            requests=dict(self._requests),
            samples=dict(self._samples),
            groups=list(zip(_BOUNDS, accumulate(self._groups), strict=True)),
            grouped=self._grouped,
            servers={status.value: statuses.count(status) for status in Status},
            waiting=self._queue.depth,
            connections={"known": self._connections.known, "unknown": self._connections.unknown},
            lag=self._lag.longest,
            hearing_age=None if heard is None else heard.total_seconds(),
            ended={cause.value: self._connections.ended[cause] for cause in Cause},
        )
        return exposed(figures), CONTENT_TYPE


class MetricsController(Controller):
    path = "/metrics"
    opt = ANONYMOUS
    include_in_schema = False

    @get("/", sync_to_thread=True)
    def scrape(
        self, request: Request[Any, Any, Any], operator_metrics: NamedDependency[Metrics], fleet: NamedDependency[Fleet]
    ) -> Response[bytes]:
        """Open to loopback, and to others with a fleet key in `X-API-Key` or as a Bearer token."""
        _check_access(request, fleet)
        text, kind = operator_metrics.exposed()
        return Response(text, media_type=kind)


def _check_access(request: Request[Any, Any, Any], fleet: Fleet) -> None:
    # Behind a proxy on this host every client looks local, and so does a page of another site in a local browser.
    scope = request.scope
    if is_loopback(client_address(scope)) and not is_forwarded(scope) and has_known_host(scope):
        return
    text = request.headers.get("x-api-key") or request.headers.get("authorization", "").removeprefix("Bearer ")
    if not text:
        raise InvalidApiKey
    fleet.refresh()
    if fleet.directory.key(digest(text)).server_id is not None:
        raise HTTPException(status_code=403)


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
