"""The web application, with the use cases of a container. Most of it is in `api`, which is loaded late."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from monitor.adapters.http import ui
from monitor.adapters.http.edge.answers import App
from monitor.adapters.http.edge.connections import Connections
from monitor.adapters.http.edge.hosts import HostCheck, known_hosts
from monitor.adapters.http.edge.uvicorn_parts import Take
from monitor.adapters.http.front import Front
from monitor.adapters.http.intake.endpoint import IntakeEndpoint
from monitor.adapters.http.intake.prometheus import PrometheusEndpoint
from monitor.adapters.http.intake.shortcut import Shortcut
from monitor.adapters.http.late import Late
from monitor.adapters.http.operations import living, metrics
from monitor.application.alerts.offline import OwnHearing
from monitor.application.checks.runs import RunDueChecks
from monitor.application.intake.assembling import Assembler
from monitor.application.intake.queue import CurrentEpoch, IntakeQueue
from monitor.application.notifications.mail_settings import MailInForce
from monitor.application.operations.itself import OwnFigures, ReadFigures
from monitor.application.operations.job_runs import JobRuns
from monitor.container import Container
from monitor.domain.errors import Unavailable

if TYPE_CHECKING:  # see `late`
    from litestar import Litestar

    from monitor.adapters.http.live.hub import LiveHub
    from monitor.adapters.http.routes import Routes
    from monitor.api import Api

log = structlog.get_logger()

DRAIN_SECONDS = 8.0
"""Time to store waiting samples at shutdown; a stop then takes at most ten seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpApplication:
    """Serve *asgi* on *connections*. *take*: see `http_protocol`. *api*: start it once the rest answers. *running*:
    while it takes requests, as ASGI's lifespan says."""

    asgi: App
    running: Callable[[], AbstractAsyncContextManager[None]]
    take: Take
    api: "Late[Api]"
    connections: Connections

    @property
    def litestar(self) -> "Litestar":
        return self.api.made().litestar

    @property
    def hub(self) -> "LiveHub":
        return self.api.made().hub


def build(
    container: Container, ui_directory: Path | None = ui.BUILT, routes: "Routes | None" = None
) -> HttpApplication:
    """*ui_directory*: of the built screen; without one, `/` leads to the API's documentation."""
    settings, clock, fleet, queue = container.settings, container.clock, container.fleet, container.get(IntakeQueue)
    base_url = settings.base_url
    connections = Connections(settings.connections_per_address, settings.trusted_proxies)
    lag = living.LoopLag()
    container.get(OwnFigures).longest_lag = lambda: lag.longest
    epoch, runs, figures = container.get(CurrentEpoch), container.get(JobRuns), container.get(ReadFigures)
    counters = metrics.Metrics(fleet, queue, connections, lag, container.get(OwnHearing), clock, epoch, runs, figures)
    intake = IntakeEndpoint(fleet, queue, clock, counters, epoch.durable_after)
    prometheus = PrometheusEndpoint(intake, container.get(Assembler), fleet, queue, clock, counters)

    def make() -> "Api":
        from monitor.api import serve

        return serve(container, intake, prometheus, counters, routes)

    api = Late(make)
    hosts = known_hosts(
        listens_on=settings.host, base_url=base_url, allowed=settings.allowed_hosts, machine=socket.gethostname()
    )
    running = partial(_running, intake, prometheus, api, lag, container.get(RunDueChecks))
    front = Front(
        app=api,
        running=running,
        intake=intake,
        prometheus=prometheus,
        metrics=counters,
        ui=ui.built_ui(ui_directory),
        trusted=settings.trusted_proxies,
        has_https_base=base_url is not None and base_url.startswith("https://"),
        slow_after=settings.slow_after.total_seconds(),
        host_check=HostCheck(hosts, base_url=lambda: container.get(MailInForce).base_url),
    )
    shortcut = Shortcut(intake, fleet, queue, clock, counters)
    return HttpApplication(asgi=front, running=running, take=shortcut.take, api=api, connections=connections)


@asynccontextmanager
async def _running(
    intake: IntakeEndpoint, prometheus: PrometheusEndpoint, api: "Late[Api]", lag: living.LoopLag, checks: RunDueChecks
) -> AsyncIterator[None]:
    intake.start()
    prometheus.start()
    lag.start()
    try:
        yield
    finally:
        lag.stop()
        await api.close()
        try:
            await asyncio.to_thread(checks.close)  # while the intake still takes their samples
        except Unavailable as error:
            log.warning("results of checks are lost", error=repr(error))
        await prometheus.close(DRAIN_SECONDS)
        await intake.close(DRAIN_SECONDS)
