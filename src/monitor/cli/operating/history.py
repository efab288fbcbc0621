"""`monitor history`: seal or move now what the server would later, and show the sizes."""

import sys
from datetime import datetime, timedelta

import click

from monitor.adapters.http.edge.times import parsed, written
from monitor.application.history.archiving import ArchiveHistory
from monitor.application.history.ports import TierSize
from monitor.application.history.sealing import SealHistory
from monitor.cli.core import opened
from monitor.cli.operating.moving import counts, move
from monitor.cli.output import Progress
from monitor.container import Container
from monitor.domain.history.rollups import ROLLUP_SPANS

_NAMES = {
    "samples": "raw samples",
    "chunks": "sealed chunks",
    "600": "10-minute rollups",
    "3600": "1-hour rollups",
    "43200": "half-day rollups",
}


@click.group()
def history() -> None:
    """Manage the stored history: raw samples, sealed chunks and rollups."""


@history.command()
@click.option(
    "--before",
    metavar="TIME",
    help="Delete sealed rows before TIME, UTC, such as 2026-11-01 12:00:00.  [default: as configured]",
)
def seal(before: str | None) -> None:
    """Seal every hour that has ended, and delete raw samples that are sealed and old enough.

    A server may run at the same time. Stopping this command at any point loses nothing.
    """
    until = None if before is None else parsed(before, "before")
    with opened() as container:
        container.fleet.refresh()
        kept = container.fleet.directory.preferences
        until = until or container.clock.now() - timedelta(days=kept.raw_days)
        servers = max(1, len(container.fleet.directory.servers))
        progress, sealed, gone, rows = Progress(sys.stderr, "rows"), 0, 0, 0
        for step in container.get(SealHistory)(until, in_turn=False):
            sealed, gone, rows = sealed + step.sealed, gone + step.deleted, rows + max(step.sealed, step.deleted)
            progress.step(min(1.0, step.servers / servers), rows)
        progress.end(rows)
        click.echo(f"{sealed:,} samples sealed, {gone:,} rows gone", err=True)


history.add_command(move)


@history.command()
def status() -> None:
    """Show rows, bytes and time range of each tier."""
    with opened() as container:
        click.echo(f"{'':20}{'rows':>14}{'samples':>16}{'bytes':>18}  {'from':19}  {'to':19}")
        sizes = container.queries.history.sizes()
        for name, size in sizes.items():
            click.echo(_line(_NAMES[name], size))
        if moved := counts(container, [(width, 0) for width in (0, *ROLLUP_SPANS)])[1]:
            click.echo(f"{moved:,} of these chunks and rollups lie at {container.queries.archive.place}.")
        if waiting := _waiting(container):
            click.echo(f"{waiting:,} are old enough to be moved to {container.queries.archive.place}.")
        click.echo("Raw samples are sealed as soon as their hour has ended, so they count twice.")
        click.echo("Bytes are those of the tables' pages, including indexes.")
        if any(size.is_estimate for size in sizes.values()):
            click.echo("~ marks an estimate: SQLite was built without dbstat, or the MySQL account lacks PROCESS.")


def _waiting(container: Container) -> int:
    """Return how many blocks are to follow into the archive, if there is one."""
    if container.settings.history is None:
        return 0
    container.fleet.refresh()
    return counts(container, container.get(ArchiveHistory).old_enough(container.fleet.directory.preferences))[0]


def _line(name: str, size: TierSize) -> str:
    samples = f"{size.samples:,}" if size.samples else ""
    count = f"{'~' if size.is_estimate else ''}{size.bytes:,}"
    return f"{name:20}{size.rows:>14,}{samples:>16}{count:>18}  {_at(size.first):19}  {_at(size.last):19}".rstrip()


def _at(moment: datetime | None) -> str:
    return "" if moment is None else written(moment)
