"""`monitor up` and `monitor serve`"""

import dataclasses
import gc
from pathlib import Path
from typing import Any

import click

from monitor.adapters.http.edge.client_address import is_loopback
from monitor.settings import Settings, load


def _address_options(command: Any) -> Any:
    for option in (
        click.option(
            "--data-dir",
            type=click.Path(path_type=Path, file_okay=False),
            help="Where the embedded database and generated secrets live.  [env: MONITOR_DATA_DIR]",
        ),
        click.option("--port", type=click.IntRange(1, 65535), help="Default 8000.  [env: MONITOR_PORT]"),
        click.option("--host", help="Address to listen on, default 127.0.0.1.  [env: MONITOR_HOST]"),
    ):
        command = option(command)
    return command


@click.command()
@_address_options
def up(host: str | None, port: int | None, data_dir: Path | None) -> None:
    """Everything on this machine with one command: database, API, background work, and an agent for this host.

    Log in as admin with the password admin123 and change it; that password works only while listening on loopback.
    """
    settings = load(host=host, port=port, data_dir=data_dir)
    local = is_loopback(settings.host) or settings.host == "localhost"
    settings = dataclasses.replace(settings, default_password_opens_all=local)
    _start(settings, migrate=True, with_agent=True)


@click.command()
@_address_options
@click.option("--migrate", is_flag=True, help="Bring the database's schema up to date first.")
def serve(host: str | None, port: int | None, data_dir: Path | None, migrate: bool) -> None:
    """The server alone, for production: no agent, no default password.

    The first administrator's password comes from MONITOR_ADMIN_PASSWORD, or is made up and printed once.
    """
    _start(load(host=host, port=port, data_dir=data_dir), migrate=migrate, with_agent=False)


def _start(settings: Settings, *, migrate: bool, with_agent: bool) -> None:
    # Imported here: whoever asks for help, or has a setting wrong, need not wait for the web framework.
    gc.disable()  # Looking through all that is being loaded is a tenth of a start; `serving` enables it again.
    from monitor.cli.starting import run

    run(settings, migrate=migrate, with_agent=with_agent)
