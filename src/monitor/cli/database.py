"""`monitor db`: the schema. A start that has to migrate runs `upgrade` in a child, so this module imports little."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.engine.migration_plans import (
    NO_LOSS,
    MigrationRefused,
    described,
    newest_revision,
)
from monitor.adapters.persistence.engine.schema_state import SchemaVersion, version_of
from monitor.cli.chosen import chosen_settings
from monitor.cli.operating.upgrading import prepared
from monitor.cli.output import PART_OF_RESTORE, CommandFailed, database_of
from monitor.settings import Settings
from monitor.settings.kept_secrets import kept_cipher, prepare_data_dir


@click.group()
def db() -> None:
    """Manage the database's schema."""


@contextmanager
def _database(settings: Settings | None = None) -> Iterator[str]:
    """Yield the address of the database. Raises SettingsError, CommandFailed."""
    settings = settings or chosen_settings()
    if settings.database_url.startswith("sqlite"):
        prepare_data_dir(settings.data_dir)
    try:
        with database_of(settings):
            if version_of(settings.database_url) is SchemaVersion.PART:
                raise CommandFailed(PART_OF_RESTORE)
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
@click.option("--no-backup", is_flag=True, help="Copy nothing before.")
def upgrade(revision: str | None, half: str | None, no_backup: bool) -> None:
    """Bring the schema up to date, or to REVISION. Create it if there is none.

    It says before what it does, how long that takes and the room it needs, and copies the database first.
    Processes of the version before may fail on the result: to replace several one by one, upgrade in two halves.
    """
    if revision and half:
        raise click.UsageError(f"--{half} takes no revision")
    settings = chosen_settings()
    with _database(settings) as url, prepared(settings, half, revision or "head", backs_up=not no_backup) as progress:
        match half:
            case "expand":
                is_half = migrations.expand(url, progress)
                then = "expanded: replace the processes, then run `monitor db upgrade --contract`"
                click.echo(f"the schema is {then if is_half else 'up to date'}")
            case "contract":
                migrations.contract(url, progress)
                click.echo("the schema is up to date")
            case "beside":
                if older := migrations.upgrade_beside(url, progress):
                    click.echo(_left(older), err=True)
            case _:
                migrations.upgrade(url, revision or "head", progress)
                click.echo(f"the schema is at {revision}" if revision else "the schema is up to date")


def _left(older: list[str]) -> str:
    return (
        f"monitor: the schema is expanded for this version and not contracted, since others serve: {', '.join(older)}. "
        "The start of the last process contracts it, or `monitor db upgrade --contract`"
    )


# "-1" is a revision, not an option.
@db.command(context_settings={"ignore_unknown_options": True})
@click.argument("revision", required=False)
@click.option("--yes", is_flag=True, help="Do not ask.")
def downgrade(revision: str | None, yes: bool) -> None:
    """Take the schema back to REVISION, after saying what is lost. Refused while a process serves that needs more.

    REVISION is one of those that `monitor db history` lists: the newest that the version knows to which you go back.
    "-1" is one step back, "base" leaves nothing.
    """
    if revision is None:
        raise click.UsageError("name a revision: `monitor db history` lists them")
    with _database() as url:
        present = migrations.present_revision(url)
        way = migrations.way_back(url, revision)
        lost = "\n  ".join(["Lost:", *(f"{step.revision}  {step.loss}" for step in way.losses)])
        click.echo(f"{present or 'base'} back to {way.end or 'base'}. {lost if way.losses else NO_LOSS}")
        if not yes and sys.stdin.isatty():
            click.confirm("Go on?", abort=True)
        migrations.downgrade(url, revision, kept_cipher(chosen_settings()))
    click.echo(f"the schema was taken back to {way.end or 'base'}")


@db.command()
def history() -> None:
    """List the revisions of the schema, and which of them the database has."""
    with _database() as url:
        present = migrations.present_revision(url)
    for each in described():
        click.echo(f"{each.revision}{' *' if each.revision == present else '  '} {each.title}")
    click.echo(f"The database has {present or 'no revision yet'}. This version of monitor needs {newest_revision()}.")


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
