"""The web application: all HTTP resources, with the use cases of a container."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from litestar import Litestar
from litestar.types import ASGIApp

from monitor.adapters.agent.install.bundle import build_bundle, install_command, install_script
from monitor.adapters.agent.version import VERSION
from monitor.adapters.http import pages
from monitor.adapters.http.accounts import sessions, single_sign_on
from monitor.adapters.http.checks import checks, pings
from monitor.adapters.http.edge.connections import Connections
from monitor.adapters.http.edge.errors import rendering
from monitor.adapters.http.edge.hosts import HostCheck, known_hosts
from monitor.adapters.http.edge.uvicorn_parts import Take
from monitor.adapters.http.fleet import agent_install
from monitor.adapters.http.front import Front
from monitor.adapters.http.history import stats
from monitor.adapters.http.intake.endpoint import IntakeEndpoint
from monitor.adapters.http.intake.prometheus import PrometheusEndpoint
from monitor.adapters.http.intake.shortcut import Shortcut
from monitor.adapters.http.live.hub import LiveHub
from monitor.adapters.http.operations import health, metrics
from monitor.adapters.http.routes import Parts, Routes
from monitor.application.checks.runs import RunDueChecks
from monitor.container import Container
from monitor.domain.errors import Unavailable

log = structlog.get_logger()

DRAIN_SECONDS = 8.0
"""Time to store waiting samples at shutdown; a stop then takes at most ten seconds."""

HANDLED = (
    "acknowledge_alert",
    "acknowledge_alerts",
    "acknowledge_by_link",
    "add_passkey",
    "alerting",
    "apply_configuration",
    "find_ends",
    "authenticate",
    "backtests",
    "begin_passkey",
    "begin_passkey_login",
    "begin_sign_on",
    "change_check",
    "change_check_in",
    "change_password",
    "change_preferences",
    "change_servers",
    "change_team",
    "change_user",
    "check_coverage",
    "clock",
    "count_noise",
    "count_servers",
    "create_api_key",
    "create_check",
    "create_check_in",
    "create_policy",
    "create_server",
    "create_silence",
    "create_token",
    "create_team",
    "create_user",
    "delete_check",
    "delete_check_in",
    "delete_policy",
    "delete_server",
    "delete_servers",
    "delete_silence",
    "delete_team",
    "delete_user",
    "end_session",
    "end_sessions",
    "explain_alert",
    "export_audit",
    "export_servers",
    "filling_disks",
    "find_held_back",
    "finish_sign_on",
    "fleet",
    "hearing",
    "identity_provider",
    "import_servers",
    "intake_queue",
    "judge_alert",
    "list_servers",
    "live_tickets",
    "log_in",
    "log_in_by_link",
    "log_in_with_passkey",
    "log_out",
    "manage_channels",
    "manage_totp",
    "part_identity",
    "pause_check_in",
    "preview_silence",
    "plans",
    "queries",
    "read_check_ins",
    "read_configuration",
    "read_recent",
    "read_series",
    "read_uptime",
    "reauthenticate",
    "reauthenticate_with_passkey",
    "refresh_session",
    "remove_passkey",
    "reset_factors",
    "reset_password",
    "retry_notification",
    "revoke_api_key",
    "revoke_token",
    "run_check",
    "secrets",
    "show_outlooks",
    "silence_servers",
    "takes_passwords",
    "test_channel",
    "update_policy",
    "update_profile",
    "update_server",
)
"""Names of the parts of the container that HTTP handlers ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpApplication:
    """Serve *asgi* on *connections*. *take*: see `http_protocol`. *hub* ends its streams when a shutdown begins."""

    asgi: ASGIApp
    take: Take
    litestar: Litestar
    hub: LiveHub
    connections: Connections


def build(
    container: Container, ui_directory: Path | None = pages.BUILT, routes: Routes | None = None
) -> HttpApplication:
    """*ui_directory*: of the built screen; without one, `/` leads to the API's documentation."""
    settings, clock, fleet, queue = container.settings(), container.clock(), container.fleet(), container.intake_queue()
    base_url = settings.base_url
    connections = Connections(settings.connections_per_address, settings.trusted_proxies)
    lag = health.LoopLag()
    counters = metrics.Metrics(fleet, queue, connections, lag, container.hearing(), clock, container.epoch())
    intake = IntakeEndpoint(fleet, queue, clock, counters, container.epoch().durable_after)
    prometheus = PrometheusEndpoint(intake, container.assembler(), fleet, queue, clock, counters)
    authenticate = container.authenticate()
    hub = LiveHub(
        fleet, authenticate, clock, container.take_alert_news(), container.quotas(), container.count_servers()
    )
    held = {
        "agent_files": agent_install.AgentFiles(
            install_script=install_script,
            install_command=install_command,
            bundle=build_bundle,
            version=VERSION,
            base_url=base_url,
        ),
        "check_turns": asyncio.Semaphore(checks.RUNS_AT_ONCE),
        "configured_base_url": base_url,
        "configured_offline_after": settings.offline_after,
        "intake": intake,
        "latest_texts": stats.LatestTexts(),
        "live_hub": hub,
        "log_in_turns": asyncio.Semaphore(sessions.LOG_INS_AT_ONCE),
        "operator_metrics": counters,
        "ping_desk": pings.PingDesk(
            container.record_pings(),
            container.ping_limits(),
            container.unstored_pings(),
            clock,
            container.queries().check_ins.ping_keys,
        ),
        "prometheus": prometheus,
        "sign_on_turns": asyncio.Semaphore(single_sign_on.AT_ONCE),
    }
    app = (routes or Routes()).serving(
        Parts(
            provided={**handled(container), **{name: partial(held.get, name) for name in held}},
            authenticate=authenticate,
            render=rendering(container.refusals(), clock),
            running=partial(_running, intake, prometheus, hub, lag, container.run_due_checks()),
        )
    )
    hosts = known_hosts(
        listens_on=settings.host,
        base_url=base_url,
        allowed=settings.allowed_hosts,
        machine=socket.gethostname(),
    )
    front = Front(
        app=app,
        intake=intake,
        prometheus=prometheus,
        metrics=counters,
        ui=pages.built_ui(ui_directory),
        trusted=settings.trusted_proxies,
        has_https_base=base_url is not None and base_url.startswith("https://"),
        host_check=HostCheck(hosts),
    )
    shortcut = Shortcut(intake, fleet, queue, clock, counters)
    return HttpApplication(asgi=front, take=shortcut.take, litestar=app, hub=hub, connections=connections)


@asynccontextmanager
async def _running(
    intake: IntakeEndpoint,
    prometheus: PrometheusEndpoint,
    hub: LiveHub,
    lag: health.LoopLag,
    checks: RunDueChecks,
) -> AsyncIterator[None]:
    intake.start()
    prometheus.start()
    hub.start()
    lag.start()
    try:
        yield
    finally:
        lag.stop()
        await hub.close()
        try:
            await asyncio.to_thread(checks.close)  # while the intake still takes their samples
        except Unavailable as error:
            log.warning("results of checks are lost", error=repr(error))
        await prometheus.close(DRAIN_SECONDS)
        await intake.close(DRAIN_SECONDS)


def handled(container: Container) -> dict[str, Callable[[], Any]]:
    """Return the providers of HANDLED by name."""
    return {name: getattr(container, name) for name in HANDLED}
