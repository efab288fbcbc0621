"""The core on the configured database, for commands that do one thing and end."""

from collections.abc import Iterator
from contextlib import contextmanager

from monitor.cli.failures import database_of
from monitor.cli.first_run import jwt_secret, secrets_cipher
from monitor.cli.schema import ensure_schema
from monitor.container import Container, on_sql
from monitor.settings import Settings


@contextmanager
def opened(settings: Settings, *, migrate: bool = False) -> Iterator[Container]:
    """Raises SettingsError for a schema that is older and is not to be migrated; CommandFailed."""
    with database_of(settings):
        ensure_schema(settings.database_url, migrate=migrate)
        container = on_sql(settings, jwt_secret(settings), secrets_cipher(settings))
        try:
            yield container
        finally:
            container.store().close()
