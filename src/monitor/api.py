"""The API: what the framework serves, with the use cases of a container. `asgi` loads it late."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from litestar import Litestar

from monitor.adapters.agent import VERSION
from monitor.adapters.agent.install.bundle import build_bundle, install_command, install_script
from monitor.adapters.http.accounts import sessions, single_sign_on
from monitor.adapters.http.checks import checks, pings
from monitor.adapters.http.edge.rendering import rendering
from monitor.adapters.http.fleet import agent_install
from monitor.adapters.http.history import stats
from monitor.adapters.http.intake.endpoint import IntakeEndpoint
from monitor.adapters.http.intake.prometheus import PrometheusEndpoint
from monitor.adapters.http.live.hub import LiveHub
from monitor.adapters.http.operations.metrics import Metrics
from monitor.adapters.http.routes import Parts, Routes
from monitor.container import Container

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
class Api:
    """*hub* ends its streams when a shutdown begins."""

    litestar: Litestar
    hub: LiveHub


def serve(
    container: Container,
    intake: IntakeEndpoint,
    prometheus: PrometheusEndpoint,
    counters: Metrics,
    routes: Routes | None,
) -> Api:
    """*routes*: from now on they serve this container alone; None: new ones."""
    settings, clock, authenticate = container.settings(), container.clock(), container.authenticate()
    base_url = settings.base_url
    hub = LiveHub(
        container.fleet(),
        authenticate,
        clock,
        container.take_alert_news(),
        container.quotas(),
        container.count_servers(),
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
    litestar = (routes or Routes()).serving(
        Parts(
            provided={**handled(container), **{name: partial(held.get, name) for name in held}},
            authenticate=authenticate,
            render=rendering(container.refusals(), clock),
        )
    )
    return Api(litestar=litestar, hub=hub)


def handled(container: Container) -> dict[str, Callable[[], Any]]:
    """Return the providers of HANDLED by name."""
    return {name: getattr(container, name) for name in HANDLED}
