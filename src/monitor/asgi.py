"""The web application with the use cases of a container."""

import socket
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from monitor.adapters.agent.install.bundle import build_bundle, install_command, install_script
from monitor.adapters.http.app import HttpApplication, HttpSettings, create_app
from monitor.adapters.http.edge.hosts import known_hosts
from monitor.adapters.http.fleet.agent_install import AgentFiles
from monitor.adapters.http.pages import BUILT
from monitor.container import Container

HANDLED = (
    "acknowledge_alert",
    "acknowledge_alerts",
    "acknowledge_by_link",
    "backtests",
    "change_password",
    "change_preferences",
    "change_servers",
    "change_user",
    "check_coverage",
    "create_api_key",
    "create_policy",
    "create_server",
    "create_silence",
    "create_user",
    "delete_policy",
    "delete_server",
    "delete_servers",
    "delete_silence",
    "delete_user",
    "end_session",
    "export_servers",
    "filling_disks",
    "import_servers",
    "live_tickets",
    "log_in",
    "log_out",
    "manage_channels",
    "queries",
    "read_recent",
    "read_series",
    "refresh_session",
    "reset_password",
    "retry_notification",
    "revoke_api_key",
    "silence_servers",
    "test_channel",
    "update_policy",
    "update_profile",
    "update_server",
)
"""Names of the use cases that HTTP handlers ask for."""


def build(container: Container, ui_directory: Path | None = BUILT) -> HttpApplication:
    settings = container.settings()
    base_url = settings.base_url
    return create_app(
        HttpSettings(
            version=version("monitor"),
            agent_files=AgentFiles(
                install_script=install_script,
                install_command=install_command,
                bundle=build_bundle,
                base_url=base_url,
            ),
            offline_after=settings.offline_after,
            hosts=known_hosts(
                listens_on=settings.host,
                base_url=base_url,
                allowed=settings.allowed_hosts,
                machine=socket.gethostname(),
            ),
            has_https_base=base_url is not None and base_url.startswith("https://"),
            trusted_proxies=settings.trusted_proxies,
            connections_per_address=settings.connections_per_address,
            ui_directory=ui_directory,
            quotas=container.quotas(),
        ),
        handled(container),
        fleet=container.fleet(),
        queue=container.intake_queue(),
        clock=container.clock(),
        authenticate=container.authenticate(),
        alerting=container.alerting(),
        take_alert_news=container.take_alert_news(),
        refusals=container.refusals(),
        hearing=container.hearing(),
    )


def handled(container: Container) -> dict[str, Callable[[], Any]]:
    """Return the factories of HANDLED by name."""
    return {name: getattr(container, name) for name in HANDLED}
