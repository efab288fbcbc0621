"""Every command but the agent's; their errors are one line each."""

import sys
from importlib import import_module
from typing import Any

import click

from monitor.cli.failures import CommandFailed, said
from monitor.domain.errors import MonitorError
from monitor.settings import SettingsError

WRONG_SETTING = 2
_COMMANDS = {
    "up": ("monitor.cli.serve", "Everything on this machine: server, screen, and an agent for this host. Start here."),
    "serve": ("monitor.cli.serve", "The server alone, for production."),
    "agent": ("monitor.cli.commands", "Report this host to a server."),
    "db": ("monitor.cli.database", "The database's schema: upgrade, downgrade, revision, check."),
    "user": ("monitor.cli.accounts", "Accounts: create, reset-password."),
    "key": ("monitor.cli.accounts", "Agents' keys: create, revoke."),
    "history": ("monitor.cli.history", "The stored history: seal, status."),
    "mail": ("monitor.cli.mail", "E-mail: test."),
    "simulate": ("monitor.cli.simulate", "A fleet that does not exist, with its history: for a demonstration."),
}
"""Where each is, and what the list says of it. They are loaded when asked for: the web framework and the migrations
take long, and no command needs both."""


class Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(_COMMANDS[cmd_name][0]), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, what) for name, (_, what) in _COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            _end(str(error), WRONG_SETTING)
        except CommandFailed as error:
            _end(str(error), 1)
        except MonitorError as error:
            _end(said(error), 1)


def _end(line: str, code: int) -> None:
    click.echo(f"monitor: {line}", err=True)
    sys.exit(code)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Begin with `monitor up`. Every setting may also come from the environment; the README lists them.",
)
@click.version_option(package_name="monitor", prog_name="monitor")
def monitor() -> None:
    """Server monitoring: light agents report, the server stores, shows and alerts."""


@click.command(add_help_option=False, context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1)
def agent(arguments: tuple[str, ...]) -> None:
    """Report this host to a server (`monitor agent --help` for more)."""
    from monitor.adapters.agent.main import main  # only reached as `monitor -x agent`: see monitor.cli.main

    sys.exit(main(list(arguments)))
