"""The API: what the framework serves, with the use cases of a container. `asgi` loads it late."""

import asyncio
from dataclasses import dataclass
from typing import Any

from litestar import Litestar

from monitor.adapters.agent import VERSION
from monitor.adapters.agent.install.bundle import build_bundle, install_command, install_script
from monitor.adapters.http.accounts import sessions, single_sign_on
from monitor.adapters.http.checks import checks
from monitor.adapters.http.edge.rendering import rendering
from monitor.adapters.http.fleet import agents
from monitor.adapters.http.intake.endpoint import IntakeEndpoint
from monitor.adapters.http.intake.prometheus import PrometheusEndpoint
from monitor.adapters.http.live.hub import LiveHub
from monitor.adapters.http.operations.metrics import Metrics
from monitor.adapters.http.routes import Parts, Routes
from monitor.application.accounts.authentication import Authenticate
from monitor.application.accounts.recording import Refusals
from monitor.application.notifications.mail_settings import MailInForce
from monitor.container import Container


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
    settings = container.settings
    authenticate = container.get(Authenticate)
    held = {
        "agent_files": agents.AgentFiles(
            install_script=install_script,
            install_command=install_command,
            bundle=build_bundle,
            version=VERSION,
            mail=container.get(MailInForce),
        ),
        "check_turns": asyncio.Semaphore(checks.RUNS_AT_ONCE),
        "configured_base_url": settings.base_url,
        "configured_offline_after": settings.offline_after,
        "intake": intake,
        "log_in_turns": asyncio.Semaphore(sessions.LOG_INS_AT_ONCE),
        "operator_metrics": counters,
        "prometheus": prometheus,
        "sign_on_turns": asyncio.Semaphore(single_sign_on.AT_ONCE),
    }

    def part(name: str, kind: Any) -> Any:
        return held[name] if name in held else container.part(name, kind)

    parts = Parts(part=part, authenticate=authenticate, render=rendering(container.get(Refusals), container.clock))
    return Api(litestar=(routes or Routes()).serving(parts), hub=container.get(LiveHub))
