"""The database's schema, before a command uses it."""

import os
import subprocess
import sys

from monitor.adapters.persistence.engine.schema_version import SchemaVersion, version_of
from monitor.cli.failures import CommandFailed
from monitor.settings import Settings, SettingsError


def ensure_schema(database_url: str, *, migrate: bool = False) -> None:
    """Raises SettingsError for an older schema that is not to be migrated, CommandFailed for a newer one."""
    match version_of(database_url):
        case SchemaVersion.NEWER:
            raise CommandFailed("the database's schema is newer than this version of monitor: install the newer one")
        case SchemaVersion.OLDER if not migrate:
            raise SettingsError(
                "the database's schema is not this version's: run `monitor db upgrade`, or `monitor serve --migrate`"
            )
        case SchemaVersion.OLDER:
            # Imported here: it loads alembic, a quarter of a second that most starts can do without.
            from monitor.adapters.persistence.engine import migrations

            migrations.upgrade(database_url)


def migrate_apart(settings: Settings) -> None:
    """Migrate an older schema in a process of its own: a server would keep the 12 MB that alembic takes.

    Exits with the code of that process, which says itself what failed.
    """
    if version_of(settings.database_url) is SchemaVersion.OLDER:
        command = [sys.executable, "-m", "monitor", "db", "upgrade"]
        environment = os.environ | {"MONITOR_DATA_DIR": str(settings.data_dir)}
        done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)  # noqa: S603 - our own
        if done.returncode:
            sys.exit(done.returncode)
