"""Migrations of the schema, as `monitor db …` calls them, without alembic's own command line."""

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import URL, Connection, Engine

from monitor.adapters.persistence.engine import migration_lease
from monitor.adapters.persistence.engine.engine import create_migration_engine, writing
from monitor.adapters.persistence.engine.schema_version import scripts
from monitor.application.ports import Cipher
from monitor.domain.errors import MonitorError

Database = Engine | URL | str
_PATIENCE = 60.0  # seconds to wait for another process that migrates


class SchemaDrift(MonitorError):
    """The database and the code's tables differ; the text says how."""

    reason = "schema_drift"


class MigrationRefused(MonitorError):
    """The revision does not exist, or the database's state allows no migration; the text says why."""

    reason = "migration_refused"


def upgrade(database: Database, revision: str = "head") -> None:
    """Create or migrate the schema. Safe to call from several processes at once.

    Raises StorageUnavailable, MigrationRefused.
    """
    with _migrating(database) as config:
        command.upgrade(config, revision)


def downgrade(database: Database, revision: str, cipher: Cipher | None = None) -> None:
    """Go back to *revision* ("base" deletes all data). *cipher* decrypts the secrets of channels.

    Raises StorageUnavailable, MigrationRefused.
    """
    with _migrating(database) as config:
        config.attributes["cipher"] = cipher
        command.downgrade(config, revision)


def check(database: Database) -> None:
    """Check that the database has the tables of the code. Raises SchemaDrift if a migration is missing."""
    with _migrating(database) as config:
        try:
            command.check(config)
        except CommandError as error:  # also if the database is at an older revision
            raise SchemaDrift(str(error)) from error


def new_revision(database: Database, message: str) -> Path:
    """Write a migration script with what *database* lacks, and return its path. It must be at the newest revision."""
    with _migrating(database) as config:
        heads = ScriptDirectory.from_config(config).get_heads()
        number = int(max(heads, default="0")) + 1
        with redirect_stdout(io.StringIO()):  # alembic prints "Generating …" there
            script = command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")
    if script is None or isinstance(script, list):
        raise AssertionError("alembic made no script, or several")  # only for branches, which we do not have
    return Path(script.path)


def _config() -> Config:
    config = Config(stdout=io.StringIO())  # swallows what alembic prints for its command line
    config.set_main_option("script_location", str(scripts()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _migrating(database: Database) -> Iterator[Config]:
    """Run migrations in one transaction. MySQL commits after each statement that changes a table, though."""
    config = _config()
    with _connection(database) as connection, _alone(connection), connection.begin():
        config.attributes["connection"] = connection
        try:
            yield config
        except CommandError as error:
            raise MigrationRefused(str(error)) from error
        _check_links(connection)


@contextmanager
def _connection(database: Database) -> Iterator[Connection]:
    engine = create_migration_engine(database.url if isinstance(database, Engine) else database)
    with writing(engine) as connection:
        yield connection


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """Keep out other processes that migrate. On SQLite the transaction does."""
    if connection.dialect.name == "sqlite":
        yield
        return
    with migration_lease.alone(connection.engine, connection, _PATIENCE):
        yield


def _check_links(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise AssertionError(f"a migration left rows that refer to nothing: {broken}")
