"""The database's schema, before a command uses it."""

from monitor.adapters.persistence.schema_version import SchemaVersion, version_of
from monitor.cli.failures import CommandFailed
from monitor.settings import SettingsError


def ensure_schema(database_url: str, *, migrate: bool = False) -> bool:
    """Whether it had to be migrated.

    Raises SettingsError for one that is older and is not to be migrated, CommandFailed for one that is newer."""
    match version_of(database_url):
        case SchemaVersion.NEWER:
            raise CommandFailed("the database's schema is newer than this version of monitor: install the newer one")
        case SchemaVersion.OLDER if not migrate:
            raise SettingsError(
                "the database's schema is not this version's: run `monitor db upgrade`, or `monitor serve --migrate`"
            )
        case SchemaVersion.OLDER:
            # Imported here: it loads alembic, a quarter of a second that most starts can do without.
            from monitor.adapters.persistence import migrations

            migrations.upgrade(database_url)
            return True
    return False
