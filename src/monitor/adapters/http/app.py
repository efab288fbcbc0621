"""The HTTP application: all resources, and what they share."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from litestar import Litestar, Router
from litestar.di import Provide
from litestar.types import ASGIApp

from monitor.adapters.http import pages
from monitor.adapters.http.accounts import audit, sessions, users
from monitor.adapters.http.alerts import alerts, backtests, policies, silences
from monitor.adapters.http.edge import authentication
from monitor.adapters.http.edge.authentication import Authentication
from monitor.adapters.http.edge.bodies import MAX_BODY, StrictRequest, json_only
from monitor.adapters.http.edge.client_address import Network
from monitor.adapters.http.edge.connections import PER_ADDRESS, Connections
from monitor.adapters.http.edge.errors import rendering
from monitor.adapters.http.edge.hosts import Hosts
from monitor.adapters.http.edge.openapi import openapi_config
from monitor.adapters.http.fleet import agent_install, api_keys, batches, servers
from monitor.adapters.http.front import Front
from monitor.adapters.http.history import samples, series, stats
from monitor.adapters.http.intake.endpoint import IntakeEndpoint
from monitor.adapters.http.intake.routes import IntakeController
from monitor.adapters.http.live.hub import LiveHub
from monitor.adapters.http.live.routes import LiveController
from monitor.adapters.http.notifications import channels, notifications
from monitor.adapters.http.operations import health, metrics, preferences
from monitor.application.accounts.authentication import Authenticate
from monitor.application.accounts.limits import Refusals
from monitor.application.alerts.evaluation import Alerting
from monitor.application.alerts.offline import OwnHearing
from monitor.application.alerts.state_cache import TakeAlertNews
from monitor.application.fleet.fleet import Fleet
from monitor.application.intake.queue import IntakeQueue
from monitor.application.ports import Clock
from monitor.domain.accounts.limits import UNLIMITED, Quotas

DRAIN_SECONDS = 8.0
"""Time to store waiting samples at shutdown; a stop then takes at most ten seconds."""

PAGES = (alerts.AckController, health.HealthController, metrics.scrape, pages.PageController)
RESOURCES = (
    IntakeController,
    LiveController,
    agent_install.install,
    alerts.AlertController,
    api_keys.ApiKeyController,
    audit.newest,
    backtests.BacktestController,
    batches.ServerCsvController,
    batches.run,
    channels.ChannelController,
    notifications.NotificationController,
    notifications.coverage,
    policies.PolicyController,
    policies.policies,
    preferences.SettingsController,
    samples.newest,
    samples.recent,
    series.filling,
    series.series,
    servers.ServerController,
    sessions.SessionController,
    silences.SilenceController,
    stats.stats,
    users.UserController,
    users.options,
)
"""Under `/api`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """*ui_directory*: of the built screen; without one, `/` leads to the API's documentation."""

    version: str
    agent_files: agent_install.AgentFiles
    offline_after: timedelta
    hosts: Hosts
    has_https_base: bool
    trusted_proxies: Sequence[Network] = ()
    connections_per_address: int = PER_ADDRESS
    ui_directory: Path | None = None
    quotas: Quotas = UNLIMITED


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpApplication:
    """Serve *asgi* on *connections*. *hub* ends its streams when a shutdown begins."""

    asgi: ASGIApp
    litestar: Litestar
    hub: LiveHub
    connections: Connections


def create_app(
    settings: HttpSettings,
    use_cases: Mapping[str, Callable[[], Any]],
    *,
    fleet: Fleet,
    queue: IntakeQueue,
    clock: Clock,
    authenticate: Authenticate,
    alerting: Alerting,
    take_alert_news: TakeAlertNews,
    refusals: Refusals,
    hearing: OwnHearing,
) -> HttpApplication:
    """*use_cases*: factories by the names of the handlers' parameters."""
    connections = Connections(settings.connections_per_address, settings.trusted_proxies)
    lag = health.LoopLag()
    counters = metrics.Metrics(fleet, queue, connections, lag, hearing, clock)
    intake = IntakeEndpoint(fleet, queue, clock, counters)
    hub = LiveHub(fleet, authenticate, clock, take_alert_news, settings.quotas)
    shared: dict[str, Any] = {
        "agent_files": settings.agent_files,
        "alerting": alerting,
        "authenticate": authenticate,
        "clock": clock,
        "configured_offline_after": settings.offline_after,
        "fleet": fleet,
        "hearing": hearing,
        "intake": intake,
        "intake_queue": queue,
        "live_hub": hub,
        "log_in_turns": asyncio.Semaphore(sessions.LOG_INS_AT_ONCE),
        "latest_texts": stats.LatestTexts(),
        "operator_metrics": counters,
    }
    app = Litestar(
        [Router("/api", route_handlers=RESOURCES), *PAGES],
        dependencies=_given(use_cases, shared),
        middleware=[Authentication(authenticate)],
        guards=[json_only],
        exception_handlers={Exception: rendering(refusals, clock)},
        openapi_config=openapi_config(settings.version),
        plugins=[series.SeriesSchema()],
        request_class=StrictRequest,
        request_max_body_size=MAX_BODY,
        lifespan=[partial(_running, intake, hub, lag)],
        logging_config=None,
    )
    ui = pages.built_ui(settings.ui_directory)
    front = Front(
        app,
        intake,
        counters,
        ui,
        trusted=settings.trusted_proxies,
        hosts=settings.hosts,
        has_https_base=settings.has_https_base,
    )
    return HttpApplication(asgi=front, litestar=app, hub=hub, connections=connections)


@asynccontextmanager
async def _running(intake: IntakeEndpoint, hub: LiveHub, lag: health.LoopLag, _: Litestar) -> AsyncIterator[None]:
    intake.start()
    hub.start()
    lag.start()
    try:
        yield
    finally:
        lag.stop()
        await hub.close()
        await intake.close(DRAIN_SECONDS)


def _given(use_cases: Mapping[str, Callable[[], Any]], shared: Mapping[str, Any]) -> dict[str, Provide]:
    """Return the dependencies of handlers, by the names of their parameters."""
    return {
        **{name: _provide(make) for name, make in use_cases.items()},
        **{name: _provide(partial(_same, held)) for name, held in shared.items()},
        "actor": Provide(authentication.provide_actor, sync_to_thread=False),
        "caller": Provide(authentication.provide_caller, sync_to_thread=False),
        "origin": Provide(authentication.provide_origin, sync_to_thread=False),
        "show_servers": Provide(servers.ShowServers, sync_to_thread=False),
        "tls": Provide(authentication.provide_tls, sync_to_thread=False),
    }


def _same(held: Any) -> Any:
    return held


def _provide(make: Callable[[], Any]) -> Provide:
    # The framework cannot read the signature of a compiled provider.
    def provide() -> Any:
        return make()

    return Provide(provide, sync_to_thread=False)
