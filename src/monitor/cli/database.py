"""`monitor db`"""

import click

from monitor.adapters.persistence import migrations
from monitor.cli.first_run import prepare_data_dir
from monitor.settings import load


@click.group()
def db() -> None:
    """The database's schema."""


def _url() -> str:
    settings = load()
    if settings.database_url.startswith("sqlite"):
        prepare_data_dir(settings.data_dir)
    return settings.database_url


@db.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the schema up to date (or to REVISION), creating it where there is none."""
    migrations.upgrade(_url(), revision)
    click.echo("the schema is up to date" if revision == "head" else f"the schema is at {revision}")


@db.command()
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the schema back to REVISION ("-1": one step, "base": nothing left)."""
    migrations.downgrade(_url(), revision)
    click.echo(f"the schema was taken back to {revision}")


@db.command()
@click.option("-m", "--message", required=True, help="What the new revision does.")
def revision(message: str) -> None:
    """Write a new migration from the difference between the database and the code."""
    click.echo(migrations.new_revision(_url(), message))


@db.command()
def check() -> None:
    """Whether the schema is this version's; exit code 1 where it isn't."""
    try:
        migrations.check(_url())
    except migrations.SchemaDrift as drift:
        raise click.ClickException(f"the schema is not this version's: {drift}") from None
    click.echo("the schema is up to date")
