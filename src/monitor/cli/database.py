"""`monitor db`: the schema. A start that has to migrate runs `upgrade` in a child, so this module imports little."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.engine.halves import MigrationRefused
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
    except MigrationRefused as refused:
        raise CommandFailed(str(refused)) from None


@db.command()
@click.argument("revision", required=False)
@click.option(
    "--expand",
    "half",
    flag_value="expand",
    help="Only the first half, beside processes of the version before: what new ones need. Replace the processes then.",
)
@click.option(
    "--contract",
    "half",
    flag_value="contract",
    help="Only the second half: remove what the version before used. Refused while a process of it serves.",
)
@click.option("--beside", "half", flag_value="beside", hidden=True)  # of a process that starts
def upgrade(revision: str | None, half: str | None) -> None:
    """Bring the schema up to date, or to REVISION. Create it if there is none.

    Processes of the version before may fail on the result: to replace several one by one, upgrade in two halves.
    """
    if revision and half:
        raise click.UsageError(f"--{half} takes no revision")
    with _database() as url:
        match half:
            case "expand":
                is_half = migrations.expand(url)
                then = "expanded: replace the processes, then run `monitor db upgrade --contract`"
                click.echo(f"the schema is {then if is_half else 'up to date'}")
            case "contract":
                migrations.contract(url)
                click.echo("the schema is up to date")
            case "beside":
                if older := migrations.upgrade_beside(url):
                    click.echo(_left(older), err=True)
            case _:
                migrations.upgrade(url, revision or "head")
                click.echo(f"the schema is at {revision}" if revision else "the schema is up to date")


def _left(older: list[str]) -> str:
    return (
        f"monitor: the schema is expanded for this version and not contracted, since others serve: {', '.join(older)}. "
        "The start of the last process contracts it, or `monitor db upgrade --contract`"
    )


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
