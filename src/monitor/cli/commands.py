"""The list of commands, and those that run for long: up, serve and agent."""

import dataclasses
import gc
import sys
from importlib import import_module
from typing import Any

import click

from monitor.adapters.http.edge.client_address import is_loopback
from monitor.cli.chosen import chosen_settings, with_data_dir
from monitor.cli.output import CommandFailed, sentence_of
from monitor.domain.errors import MonitorError
from monitor.settings import Settings, SettingsError

WRONG_SETTING = 2
_COMMANDS = {
    "up": ("commands", "Run everything on this machine: server, web UI, and an agent for this host. Start here."),
    "serve": ("commands", "Run only the server, for production."),
    "agent": ("commands", "Report this host to a server."),
    "backup": ("operating.backup", "Write everything into one file, while the server runs."),
    "restore": ("operating.backup", "Fill an empty database from a backup."),
    "db": ("database", "Manage the database's schema: upgrade, downgrade, revision, check."),
    "user": ("administration", "Manage accounts: create, reset-password, reset-factors, login-link."),
    "key": ("administration", "Manage API keys of agents: create, revoke."),
    "history": ("operating.history", "Manage the stored history: seal, status, move."),
    "mail": ("administration", "Check the mail settings: test."),
    "doctor": ("doctor.command", "Say what is wrong with an installation, and what to do."),
    "simulate": ("simulate", "Fill the database with a simulated fleet and its history, for a demonstration."),
}
_REMOTE = {
    "status": ("remote_commands", "Show how many servers there are, and what fires."),
    "servers": ("remote_commands", "List servers."),
    "alerts": ("remote_commands", "List alerts."),
    "ack": ("remote_commands", "Acknowledge alerts."),
    "silence": ("remote_commands", "Hold back notifications about a server."),
    "config": ("configuration", "Export the configuration as a file."),
    "plan": ("configuration", "Say what a configuration file would change, and whom it would page."),
    "apply": ("configuration", "Apply a configuration file."),
    "import": ("operating.importing", "Add what another program watches, by its export."),
    "api": ("remote_commands", "Send any request to the API."),
}
"""Commands that ask a running server."""
_ALL = _COMMANDS | _REMOTE
"""The module of each command, and its line in the list. A module is imported when its command is called: the web
framework and the migrations load slowly, and no command needs both."""


class Commands(click.Group):
    """Prints an expected error as one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_ALL)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _ALL:
            return None
        name = "import_" if cmd_name == "import" else cmd_name  # a keyword
        command: click.Command = getattr(import_module(f"monitor.cli.{_ALL[cmd_name][0]}"), name)
        return command if cmd_name == "agent" else with_data_dir(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, listed in (
            ("Commands", _COMMANDS),
            ("Commands for a running server: MONITOR_URL and a personal token in MONITOR_TOKEN", _REMOTE),
        ):
            with formatter.section(title):
                formatter.write_dl([(name, what) for name, (_, what) in listed.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            _end(str(error), WRONG_SETTING)
        except CommandFailed as error:
            _end(str(error), 1)
        except MonitorError as error:
            _end(sentence_of(error), 1)


def _end(line: str, code: int) -> None:
    click.echo(f"monitor: {line}", err=True)
    sys.exit(code)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with `monitor up`. Every setting can also come from the environment; docs/settings.md lists them.",
)
@click.version_option(package_name="monitor", prog_name="monitor")
def monitor() -> None:
    """Server monitoring: small agents report, the server stores, shows and alerts."""


with_data_dir(monitor)


def _address_options(command: Any) -> Any:
    for option in (
        click.option(
            "--port", type=click.IntRange(1, 65535), help="Port to listen on.  [env: MONITOR_PORT]  [default: 8000]"
        ),
        click.option("--host", help="Address to listen on.  [env: MONITOR_HOST]  [default: 127.0.0.1]"),
    ):
        command = option(command)
    return command


@click.command()
@_address_options
def up(host: str | None, port: int | None) -> None:
    """Run everything on this machine: database, API, web UI, background work, and an agent for this host.

    Log in as admin with the password admin123, and change it. This password works only while the server listens on
    loopback.
    """
    settings = chosen_settings(host=host, port=port)
    local = is_loopback(settings.host) or settings.host == "localhost"
    settings = dataclasses.replace(settings, allows_default_password=local)
    _start(settings, migrate=True, with_agent=True)


@click.command()
@_address_options
@click.option("--migrate", is_flag=True, help="Bring the database's schema up to date first.")
def serve(host: str | None, port: int | None, migrate: bool) -> None:
    """Run only the server, for production: no agent, no default password.

    MONITOR_ADMIN_PASSWORD is the first administrator's password. If it is not set, a random one is printed once.
    """
    _start(chosen_settings(host=host, port=port), migrate=migrate, with_agent=False)


def _start(settings: Settings, *, migrate: bool, with_agent: bool) -> None:
    gc.disable()  # Collections while modules load take a tenth of a start. `serving` enables them again.
    from monitor.cli.serving import run  # Imported here: the web framework is not needed for help or a wrong setting.

    run(settings, migrate=migrate, with_agent=with_agent)


@click.command(add_help_option=False, context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1)
def agent(arguments: tuple[str, ...]) -> None:
    """Report this host to a server (`monitor agent --help` for more)."""
    from monitor.adapters.agent.main import main  # Reached only as `monitor -x agent`: see monitor.cli.main.

    sys.exit(main(list(arguments)))
