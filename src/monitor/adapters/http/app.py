"""The HTTP application: resources, and what holds for all of them."""

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

from monitor.adapters.http.ack_page import AckController
from monitor.adapters.http.agent_install import AgentFiles, AgentInstallController
from monitor.adapters.http.alert_policies import PolicyController
from monitor.adapters.http.alerts import AlertController
from monitor.adapters.http.api_keys import ApiKeyController
from monitor.adapters.http.audit import AuditController
from monitor.adapters.http.authentication import Authentication, provide_actor, provide_caller, provide_origin
from monitor.adapters.http.backtests import BacktestController
from monitor.adapters.http.bodies import MAX_BODY, StrictRequest, json_only
from monitor.adapters.http.channels import ChannelController
from monitor.adapters.http.client_address import Network
from monitor.adapters.http.connections import PER_ADDRESS, Connections
from monitor.adapters.http.cookies import provide_tls
from monitor.adapters.http.coverage import CoverageController
from monitor.adapters.http.filling import FillingController
from monitor.adapters.http.front import Front
from monitor.adapters.http.health import HealthController
from monitor.adapters.http.hosts import Hosts
from monitor.adapters.http.intake import IntakeEndpoint
from monitor.adapters.http.intake_routes import IntakeController
from monitor.adapters.http.live import LiveController
from monitor.adapters.http.live_hub import LiveHub
from monitor.adapters.http.loop_lag import LoopLag
from monitor.adapters.http.metrics import Metrics, MetricsController
from monitor.adapters.http.notifications import NotificationController
from monitor.adapters.http.pages import PageController
from monitor.adapters.http.preferences import SettingsController
from monitor.adapters.http.recent import RecentController
from monitor.adapters.http.refused_requests import noting
from monitor.adapters.http.samples import SampleController
from monitor.adapters.http.schema import openapi_config
from monitor.adapters.http.series import SeriesController, SeriesSchema
from monitor.adapters.http.server_batches import ServerBatchController
from monitor.adapters.http.server_csv import ServerCsvController
from monitor.adapters.http.server_policies import ServerPolicyController
from monitor.adapters.http.servers import ServerController
from monitor.adapters.http.sessions import LOG_INS_AT_ONCE, SessionController
from monitor.adapters.http.silences import SilenceController
from monitor.adapters.http.stats import LatestTexts, StatsController
from monitor.adapters.http.ui import built_ui
from monitor.adapters.http.users import UserController, UserOptionController
from monitor.application.alert_news import TakeAlertNews
from monitor.application.alerting import Alerting
from monitor.application.fleet import Fleet
from monitor.application.hearing import OwnHearing
from monitor.application.intake_queue import IntakeQueue
from monitor.application.ports.clock import Clock
from monitor.application.refusals import Refusals
from monitor.application.sessions import Authenticate
from monitor.domain.quotas import UNLIMITED, Quotas

DRAIN_SECONDS = 8.0
"""What waits at shutdown is stored within this time; with it a stop takes at most ten seconds."""

PAGES = (AckController, HealthController, MetricsController, PageController)
RESOURCES = (
    AlertController,
    AgentInstallController,
    ApiKeyController,
    AuditController,
    BacktestController,
    ChannelController,
    CoverageController,
    IntakeController,
    FillingController,
    LiveController,
    NotificationController,
    PolicyController,
    RecentController,
    SampleController,
    SeriesController,
    ServerBatchController,
    ServerController,
    ServerCsvController,
    ServerPolicyController,
    SessionController,
    SettingsController,
    SilenceController,
    StatsController,
    UserController,
    UserOptionController,
)
"""Under `/api`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """*ui_directory*: where the built screen lies; where there is none, `/` leads to the API's documentation."""

    version: str
    default_password_opens_all: bool
    agent_files: AgentFiles
    offline_after: timedelta
    hosts: Hosts
    has_https_base: bool
    trusted_proxies: Sequence[Network] = ()
    connections_per_address: int = PER_ADDRESS
    ui_directory: Path | None = None
    quotas: Quotas = UNLIMITED


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpApplication:
    """*asgi* is to be served, on *connections*; *hub* ends its streams when a shutdown begins."""

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
    """*use_cases*: by the names that handlers ask for them, each a factory."""
    connections = Connections(settings.connections_per_address, settings.trusted_proxies)
    lag = LoopLag()
    metrics = Metrics(fleet, queue, connections, lag, hearing, clock)
    intake = IntakeEndpoint(fleet, queue, clock, metrics)
    hub = LiveHub(fleet, authenticate, clock, take_alert_news, settings.quotas)
    shared: dict[str, Any] = {
        "agent_files": settings.agent_files,
        "alerting": alerting,
        "authenticate": authenticate,
        "clock": clock,
        "configured_offline_after": settings.offline_after,
        "default_password_opens_all": settings.default_password_opens_all,
        "fleet": fleet,
        "hearing": hearing,
        "intake": intake,
        "intake_queue": queue,
        "live_hub": hub,
        "log_in_turns": asyncio.Semaphore(LOG_INS_AT_ONCE),
        "latest_texts": LatestTexts(),
        "operator_metrics": metrics,
    }
    app = Litestar(
        [Router("/api", route_handlers=RESOURCES), *PAGES],
        dependencies=_given(use_cases, shared),
        middleware=[Authentication(authenticate)],
        guards=[json_only],
        exception_handlers={Exception: noting(refusals, clock)},
        openapi_config=openapi_config(settings.version),
        plugins=[SeriesSchema()],
        request_class=StrictRequest,
        request_max_body_size=MAX_BODY,
        lifespan=[partial(_running, intake, hub, lag)],
        logging_config=None,
    )
    ui = built_ui(settings.ui_directory)
    front = Front(
        app,
        intake,
        metrics,
        ui,
        trusted=settings.trusted_proxies,
        hosts=settings.hosts,
        has_https_base=settings.has_https_base,
    )
    return HttpApplication(asgi=front, litestar=app, hub=hub, connections=connections)


@asynccontextmanager
async def _running(intake: IntakeEndpoint, hub: LiveHub, lag: LoopLag, _: Litestar) -> AsyncIterator[None]:
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
    """What handlers can ask for, by name."""
    return {
        **{name: _provide(make) for name, make in use_cases.items()},
        **{name: _provide(partial(_same, held)) for name, held in shared.items()},
        "actor": Provide(provide_actor, sync_to_thread=False),
        "caller": Provide(provide_caller, sync_to_thread=False),
        "origin": Provide(provide_origin, sync_to_thread=False),
        "tls": Provide(provide_tls, sync_to_thread=False),
    }


def _same(held: Any) -> Any:
    return held


def _provide(make: Callable[[], Any]) -> Provide:
    # The framework can't read the signature of a compiled provider: hide it in a function.
    def provide() -> Any:
        return make()

    return Provide(provide, sync_to_thread=False)
