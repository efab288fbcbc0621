"""The core on the configured database, for commands: its schema, its first administrator."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from monitor.adapters.persistence.engine.schema_state import SchemaVersion, version_of
from monitor.application.accounts.users import EnsureFirstAdmin
from monitor.assembly import on_sql
from monitor.cli.chosen import chosen_settings
from monitor.cli.output import PART_OF_RESTORE, CommandFailed, database_of
from monitor.container import Container
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.accounts.users import DEFAULT_PASSWORD
from monitor.domain.errors import InvalidInput
from monitor.settings import Settings, SettingsError
from monitor.settings.kept_secrets import jwt_secret, secrets_cipher


@contextmanager
def opened(settings: Settings | None = None, *, migrate: bool = False) -> Iterator[Container]:
    """Open the core; *settings* default to those of the environment. *migrate*: upgrade an older schema first.

    Raises SettingsError, also for an older schema; CommandFailed, also for a newer one.
    """
    settings = settings or chosen_settings()
    with database_of(settings):
        if migrate:
            _migrate_apart(settings)
        _check_schema(settings.database_url)
        container = on_sql(settings, jwt_secret(settings), secrets_cipher(settings))
        try:
            yield container
        finally:
            container.store.close()


def _check_schema(database_url: str) -> None:
    match version_of(database_url):
        case SchemaVersion.PART:
            raise CommandFailed(PART_OF_RESTORE)
        case SchemaVersion.NEWER:
            raise CommandFailed("the database's schema is newer than this version of monitor: install the newer one")
        case SchemaVersion.OLDER:
            raise SettingsError(
                "the database's schema is not this version's: run `monitor db upgrade`, or `monitor serve --migrate`"
            )


def _migrate_apart(settings: Settings) -> None:
    """Upgrade the schema in a child process, so that the server does not keep alembic's 12 MB.

    If that fails, exits with the child's exit code; the child has printed why.
    """
    if version_of(settings.database_url) in (SchemaVersion.OLDER, SchemaVersion.EXPANDED):
        command = [sys.executable, "-m", "monitor", "db", "upgrade", "--beside"]
        environment = os.environ | {"MONITOR_DATA_DIR": str(settings.data_dir)}
        done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)  # noqa: S603 - our own
        if done.returncode:
            sys.exit(done.returncode)


def ensure_first_admin(container: Container, *, default_password: bool) -> str | None:
    """Create the first administrator if there are no users. Return the password if it is a new one to be shown.

    Raises SettingsError.
    """
    configured = container.settings.admin_password
    password = configured or (DEFAULT_PASSWORD if default_password else secrets.token_urlsafe(12))
    try:
        created = container.get(EnsureFirstAdmin)(password)
    except InvalidInput:
        raise SettingsError("MONITOR_ADMIN_PASSWORD: must not be a common password") from None
    return password if created and configured is None else None


def operator(name: str = "command line") -> Actor:
    """Return an actor called *name* in the audit log: a person at the server's own machine may do everything."""
    return Actor(user_id=UserId(0), username=name, role=Role.ADMIN)


def first_admin(container: Container, name: str) -> Actor:
    """Return the first administrator as an actor called *name* in the audit log."""
    admin = next(user for user in container.queries.users.all(operator(name)) if user.role is Role.ADMIN)
    return Actor(user_id=admin.id, username=name, role=Role.ADMIN)
