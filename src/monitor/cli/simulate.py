"""`monitor simulate`: a fleet of simulated hosts, with users and history."""

import sys
from collections.abc import Sequence
from datetime import datetime, timedelta

import click

from monitor.adapters.http.edge.times import parsed
from monitor.adapters.system import SystemClock
from monitor.application.fleet.api_keys import CreateApiKey, RevokeApiKey
from monitor.application.operations.peers import ExchangePeerUpdates
from monitor.application.policies.policies import EnsureDefaultPolicies
from monitor.cli.chosen import chosen_settings
from monitor.cli.core import ensure_first_admin, first_admin, opened
from monitor.cli.live_feed import LiveFeed
from monitor.cli.output import CommandFailed, Progress
from monitor.container import Container
from monitor.demo.fleet import SetUpSimulation, Simulated
from monitor.demo.history import WriteSimulatedHistory
from monitor.demo.hosts import MAX_HOSTS, fleet_size, is_made_by
from monitor.demo.samples import LONGEST_INTERVAL
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.errors import AddressTaken
from monitor.domain.fleet.servers import Server
from monitor.domain.intake.samples import OLDEST_ACCEPTED
from monitor.settings import SettingsError
from monitor.settings.kept_secrets import prepare_data_dir

DEFAULT_HOSTS = 50
DEFAULT_DAYS = 7


@click.command()
@click.option(
    "--servers",
    type=click.IntRange(1, MAX_HOSTS),
    help=f"Number of hosts.  [default: as many as there are, else {DEFAULT_HOSTS}]",
)
@click.option(
    "--days",
    type=click.FloatRange(0, OLDEST_ACCEPTED.days),
    help=f"Length of the history.  [default: {DEFAULT_DAYS}, but not before the fleet was set up]",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Another seed gives another fleet.")
@click.option(
    "--interval",
    type=click.FloatRange(1, LONGEST_INTERVAL),
    default=15,
    show_default=True,
    help="Seconds between a host's samples.",
)
@click.option("--end", metavar="TIME", help="End of the history, UTC, such as 2026-11-01 12:00:00.  [default: now]")
@click.option(
    "--live", metavar="URL", help="Afterwards keep reporting to the server at URL, which uses the same database."
)
@click.option(
    "--password-stdin", is_flag=True, help="Read a password for the simulated users. Without it they can't log in."
)
@click.option("--yes", is_flag=True, help="Accept a database that holds other servers.")
def simulate(
    servers: int | None,
    days: float | None,
    seed: int,
    interval: float,
    end: str | None,
    live: str | None,
    password_stdin: bool,
    yes: bool,
) -> None:
    """Fill the database with a simulated fleet: hosts, users, and the samples of the last days.

    The same seed always gives the same fleet. A second run continues where the first one ended.
    """
    if live is not None and not live.startswith(("http://", "https://")):
        raise SettingsError("--live: must be an address such as http://127.0.0.1:8000")
    until = SystemClock().now() if end is None else parsed(end, "end")
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    settings = chosen_settings()
    prepare_data_dir(settings.data_dir)
    with opened(settings, migrate=True) as container:
        present = _check(container, seed, yes)
        start = until - timedelta(days=DEFAULT_DAYS if days is None else days)
        if days is None:
            # A first run with `--days 0` asked for no history: this one continues from there.
            start = max(start, min((each.created_at for each in present), default=start))
        count = servers or fleet_size(present) or DEFAULT_HOSTS
        actor, simulated = _set_up(container, seed, count, start, password, present)
        if start < until:
            _write(container, simulated, start, until, interval)
        if live is not None:
            _keep_reporting(container, actor, simulated, seed, interval, live, until)


def _check(container: Container, seed: int, yes: bool) -> list[Server]:
    """Return the simulated servers in the database. Raises CommandFailed if it holds only others, unless *yes*."""
    container.fleet.refresh()
    servers = container.fleet.directory.servers.values()
    others = [each for each in servers if not is_made_by(seed, each)]
    if others and len(others) == len(servers) and not yes:
        raise CommandFailed(
            f"the database holds {len(others)} servers of another origin, such as {others[0].name!r}: "
            "give --yes to add simulated ones to them"
        )
    return [each for each in servers if is_made_by(seed, each)]


def _set_up(
    container: Container, seed: int, count: int, created_at: datetime, password: str | None, present: Sequence[Server]
) -> tuple[Actor, Simulated]:
    ensure_first_admin(container, default_password=True)
    container.get(EnsureDefaultPolicies)()
    actor, set_up = first_admin(container, "monitor simulate"), container.get(SetUpSimulation)
    progress = Progress(sys.stderr, "servers")
    try:
        simulated = set_up(
            actor,
            seed=seed,
            count=count,
            created_at=created_at.replace(microsecond=0),
            password=password,
            known={server.ip_address: server for server in present},
            on_progress=progress.step,
        )
    except AddressTaken:
        raise CommandFailed("another server has the address of a simulated one") from None
    progress.end(count)
    set_up.set_offline_alerts(seed, enabled=False)
    return actor, simulated


def _write(container: Container, simulated: Simulated, start: datetime, end: datetime, interval: float) -> None:
    container.fleet.refresh()
    progress = Progress(sys.stderr, "samples")
    write = container.get(WriteSimulatedHistory)
    stored = write(simulated, start=start, end=end, interval=interval, on_progress=progress.step)
    progress.end(stored)
    container.get(ExchangePeerUpdates)()  # when this process ends, running servers reload the newest samples


def _keep_reporting(
    container: Container, actor: Actor, simulated: Simulated, seed: int, interval: float, url: str, since: datetime
) -> None:
    """Report until interrupted. Meanwhile a host that stops reporting raises an alert."""
    set_up = container.get(SetUpSimulation)
    key, text = container.get(CreateApiKey)(actor, name="monitor simulate", server_id=None)
    set_up.set_offline_alerts(seed, enabled=True)
    try:
        with LiveFeed(url, text, simulated, interval) as feed:
            click.echo(f"{len(simulated)} hosts report to {url}, {feed.pace} (Ctrl-C stops it)", err=True)
            feed.run(since, container.clock)
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
    finally:
        set_up.set_offline_alerts(seed, enabled=False)
        container.get(RevokeApiKey)(actor, key.id)
