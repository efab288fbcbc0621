"""Every command but the agent's; their errors are one line each."""

import sys
from typing import Any

import click

from monitor.adapters.http.messages import failure, problem, use_language
from monitor.cli.accounts import key, user
from monitor.cli.database import db
from monitor.cli.serve import serve, up
from monitor.domain.errors import InvalidInput, MonitorError
from monitor.settings import SettingsError


class OneLineErrors(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            click.echo(f"monitor: {error}", err=True)
            sys.exit(2)
        except MonitorError as error:
            click.echo(f"monitor: {said(error)}", err=True)
            sys.exit(1)


def said(error: MonitorError) -> str:
    use_language("en")
    fields = None
    if isinstance(error, InvalidInput):
        fields = {name: problem(found) for name, found in error.problems.items()}
    return failure(error.reason, fields)


@click.group(
    cls=OneLineErrors,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Begin with `monitor up`. Every setting may also come from the environment; the README lists them.",
)
@click.version_option(package_name="monitor", prog_name="monitor")
def monitor() -> None:
    """Server monitoring: light agents report, the server stores, shows and alerts."""


@monitor.command(add_help_option=False, context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1)
def agent(arguments: tuple[str, ...]) -> None:
    """Report this host to a server (`monitor agent --help` for more)."""
    from monitor.adapters.agent.main import main  # only reached as `monitor -x agent`: see monitor.cli.main

    sys.exit(main(list(arguments)))


monitor.add_command(up)
monitor.add_command(serve)
monitor.add_command(db)
monitor.add_command(user)
monitor.add_command(key)
