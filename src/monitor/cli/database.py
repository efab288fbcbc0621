"""`monitor db` and `monitor history`: the schema; seal now what the server would seal later; sizes."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import click

from monitor.adapters.http.edge.envelope import parsed, written
from monitor.adapters.persistence.engine import migrations
from monitor.application.history.ports import TierSize
from monitor.cli.core import opened
from monitor.cli.data_dir import kept_cipher, prepare_data_dir
from monitor.cli.moving import move
from monitor.cli.output import CommandFailed, Progress, database_of
from monitor.container import Container
from monitor.domain.history.rollups import ROLLUP_SPANS
from monitor.settings import load


@click.group()
def db() -> None:
    """Manage the database's schema."""


@contextmanager
def _database() -> Iterator[str]:
    """Yield the address of the database. Raises SettingsError, CommandFailed."""
    settings = load()
    if settings.database_url.startswith("sqlite"):
        prepare_data_dir(settings.data_dir)
    try:
        with database_of(settings):
            yield settings.database_url
    except migrations.MigrationRefused as refused:
        raise CommandFailed(str(refused)) from None


@db.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the schema up to date, or to REVISION. Create it if there is none."""
    with _database() as url:
        migrations.upgrade(url, revision)
    click.echo("the schema is up to date" if revision == "head" else f"the schema is at {revision}")


# "-1" is a revision, not an option.
@db.command(context_settings={"ignore_unknown_options": True})
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the schema back to REVISION ("-1": one step, "base": nothing left). Data in removed tables is lost."""
    with _database() as url:
        migrations.downgrade(url, revision, kept_cipher(load()))
    click.echo(f"the schema was taken back to {revision}")


@db.command()
@click.option("-m", "--message", required=True, help="What the new revision does.")
def revision(message: str) -> None:
    """Write a new migration from the difference between the database and the code."""
    with _database() as url:
        click.echo(migrations.new_revision(url, message))


@db.command()
def check() -> None:
    """Check that the schema is this version's. If not, the exit code is 1."""
    with _database() as url:
        try:
            migrations.check(url)
        except migrations.SchemaDrift as drift:
            raise CommandFailed(f"the schema is not this version's: {drift}") from None
    click.echo("the schema is up to date")


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
        container.fleet().refresh()
        kept = container.fleet().directory.preferences
        until = until or container.clock().now() - timedelta(days=kept.raw_days)
        servers = max(1, len(container.fleet().directory.servers))
        progress, sealed, gone, rows = Progress(sys.stderr, "rows"), 0, 0, 0
        for step in container.seal_history()(until, in_turn=False):
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
        sizes = container.queries().history.sizes()
        for name, size in sizes.items():
            click.echo(_line(_NAMES[name], size))
        if moved := _moved(container):
            click.echo(f"{moved:,} of these chunks and rollups lie at {container.archive().place}.")
        click.echo("Raw samples are sealed as soon as their hour has ended, so they count twice.")
        click.echo("Bytes are those of the tables' pages, including indexes.")
        if any(size.is_estimate for size in sizes.values()):
            click.echo("~ marks an estimate: SQLite was built without dbstat, or the MySQL account lacks PROCESS.")


def _moved(container: Container) -> int:
    """Return how many blocks lie in the archive."""
    with container.uow() as uow:
        return sum(uow.blocks.count(width, 0)[1] for width in (0, *ROLLUP_SPANS))


def _line(name: str, size: TierSize) -> str:
    samples = f"{size.samples:,}" if size.samples else ""
    count = f"{'~' if size.is_estimate else ''}{size.bytes:,}"
    return f"{name:20}{size.rows:>14,}{samples:>16}{count:>18}  {_at(size.first):19}  {_at(size.last):19}".rstrip()


def _at(moment: datetime | None) -> str:
    return "" if moment is None else written(moment)
