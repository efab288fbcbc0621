"""`monitor simulate`"""

import sys
from datetime import datetime, timedelta
from pathlib import Path

import click

from monitor.adapters.http.edge.times import parsed
from monitor.adapters.system import SystemClock
from monitor.cli.core import opened
from monitor.cli.failures import CommandFailed
from monitor.cli.first_run import ensure_first_admin, first_admin, prepare_data_dir
from monitor.cli.live_feed import LiveFeed
from monitor.cli.progress import Progress
from monitor.container import Container
from monitor.domain.errors import AddressTaken
from monitor.domain.fleet.servers import Server
from monitor.domain.intake.samples import OLDEST_ACCEPTED
from monitor.domain.simulation.hosts import MAX_HOSTS, fleet_size, is_made_by
from monitor.domain.simulation.samples import LONGEST_INTERVAL
from monitor.settings import SettingsError, load

FEW = 50


@click.command()
@click.option(
    "--servers",
    type=click.IntRange(1, MAX_HOSTS),
    help=f"How many hosts.  [default: those that are there already, else {FEW}]",
)
@click.option(
    "--days", type=click.FloatRange(0, OLDEST_ACCEPTED.days), default=7, show_default=True, help="How far back."
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Another one is another fleet.")
@click.option(
    "--interval",
    type=click.FloatRange(1, LONGEST_INTERVAL),
    default=15,
    show_default=True,
    help="Seconds between a host's samples.",
)
@click.option("--end", metavar="TIME", help="Where the history ends, UTC, such as 2026-11-01 12:00:00.  [default: now]")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the embedded database lives.  [env: MONITOR_DATA_DIR]",
)
@click.option("--live", metavar="URL", help="Then go on reporting to the server that runs there on this database.")
@click.option("--password-stdin", is_flag=True, help="Read a password for the people (else nobody can log in as one).")
@click.option("--yes", is_flag=True, help="Also into a database that holds other servers.")
def simulate(
    servers: int | None,
    days: float,
    seed: int,
    interval: float,
    end: str | None,
    data_dir: Path | None,
    live: str | None,
    password_stdin: bool,
    yes: bool,
) -> None:
    """Fill the database with a fleet that does not exist: hosts, people, and what they would have reported.

    The same seed always gives the same. Running it again goes on where it ended.
    """
    if live is not None and not live.startswith(("http://", "https://")):
        raise SettingsError("--live: must be an address such as http://127.0.0.1:8000")
    until = SystemClock().now() if end is None else parsed(end, "end")
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    settings = load(data_dir=data_dir)
    prepare_data_dir(settings.data_dir)
    with opened(settings, migrate=True) as container:
        present = _check(container, seed, yes)
        simulation = _Simulation(container, seed, servers or fleet_size(present) or FEW, interval)
        simulation.set_up(until - timedelta(days=days), password)
        simulation.write(until - timedelta(days=days), until)
        if live is not None:
            simulation.go_on(live, until)


def _check(container: Container, seed: int, yes: bool) -> list[Server]:
    """The simulated ones that are there. Where it has filled a database before, it may do so again, whatever has joined
    since. Raises CommandFailed."""
    container.fleet().refresh()
    servers = container.fleet().directory.servers.values()
    others = [each for each in servers if not is_made_by(seed, each)]
    if others and len(others) == len(servers) and not yes:
        raise CommandFailed(
            f"the database holds {len(others)} servers of another origin, such as {others[0].name!r}: "
            "give --yes to add simulated ones to them"
        )
    return [each for each in servers if is_made_by(seed, each)]


class _Simulation:
    def __init__(self, container: Container, seed: int, count: int, interval: float) -> None:
        self._container = container
        self._seed = seed
        self._count = count
        self._interval = interval

    def set_up(self, created_at: datetime, password: str | None) -> None:
        container = self._container
        ensure_first_admin(container, default_password=True)
        container.ensure_default_policies()()
        set_up = container.set_up_simulation()
        self._actor = first_admin(container, "monitor simulate")
        try:
            self._simulated = set_up(
                self._actor,
                seed=self._seed,
                count=self._count,
                created_at=created_at.replace(microsecond=0),
                password=password,
            )
        except AddressTaken:
            raise CommandFailed("another server has the address of a simulated one") from None
        set_up.watch_silence(self._seed, enabled=False)

    def write(self, start: datetime, end: datetime) -> None:
        self._container.fleet().refresh()
        progress = Progress(sys.stderr, "samples")
        write = self._container.write_simulated_history()
        stored = write(self._simulated, start=start, end=end, interval=self._interval, step=progress.step)
        progress.end(stored)
        self._container.keep_in_step()()  # once this process is gone, servers that run read the newest samples anew

    def go_on(self, url: str, since: datetime) -> None:
        """Until it is interrupted. Meanwhile a host that falls silent is an alert."""
        container = self._container
        set_up = container.set_up_simulation()
        key, text = container.create_api_key()(self._actor, name="monitor simulate", server_id=None)
        set_up.watch_silence(self._seed, enabled=True)
        try:
            with LiveFeed(url, text, self._simulated, self._interval) as feed:
                count = len(self._simulated)
                click.echo(f"{count} hosts report to {url}, {feed.pace} (Ctrl-C stops it)", err=True)
                feed.run(since, container.clock())
        except KeyboardInterrupt:
            click.echo("stopped", err=True)
        finally:
            set_up.watch_silence(self._seed, enabled=False)
            container.revoke_api_key()(self._actor, key.id)
