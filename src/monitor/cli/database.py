"""`monitor db`: the schema. Every start runs `upgrade` in a child, so this module imports little."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from monitor.adapters.persistence.engine import migrations
from monitor.cli.data_dir import kept_cipher, prepare_data_dir
from monitor.cli.output import CommandFailed, database_of
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
