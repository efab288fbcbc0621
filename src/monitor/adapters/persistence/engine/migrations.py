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

from monitor.adapters.persistence.engine import contract_mark, migration_lease
from monitor.adapters.persistence.engine.engine import connected, create_migration_engine, writing
from monitor.adapters.persistence.engine.halves import (
    Migration,
    MigrationRefused,
    last_to_contract,
    last_to_expand,
    newest_contract,
)
from monitor.adapters.persistence.engine.older_processes import older_processes
from monitor.adapters.persistence.engine.schema_scripts import pending_after, revisions, scripts
from monitor.adapters.persistence.engine.schema_version import revision_of
from monitor.application.ports import Cipher
from monitor.domain.errors import MonitorError

Database = Engine | URL | str
_PATIENCE = 60.0  # seconds to wait for another process that migrates


class SchemaDrift(MonitorError):
    """The database and the code's tables differ; the text says how."""

    reason = "schema_drift"


def upgrade(database: Database, revision: str = "head") -> None:
    """Create or migrate the schema: both halves. Safe to call from several processes at once.

    Raises StorageUnavailable, MigrationRefused.
    """
    engine = _engine(database)
    if contracts := newest_contract(_pending(engine)):
        _announce(engine, contracts)
    with _migrating(engine) as (config, connection):
        command.upgrade(config, revision)
        contract_mark.put(connection, revision_of(connection))


def expand(database: Database) -> bool:
    """Run the first half of an upgrade: processes of the version before go on. Create the schema if there is none.

    Returns whether a second half is left. Raises StorageUnavailable, MigrationRefused.
    """
    engine = _engine(database)
    with _migrating(engine) as (config, connection):
        present = revision_of(connection)
        # Nothing runs on an empty database.
        target = last_to_expand(pending_after(present)) if present else "head"
        if target is not None:
            command.upgrade(config, target)
            contract_mark.put(connection, revision_of(connection))
    return bool(_pending(engine))


def contract(database: Database) -> None:
    """Run the second half of an upgrade, once no process of the version before serves.

    Raises StorageUnavailable; MigrationRefused, also while such a process serves.
    """
    engine = _engine(database)
    target = last_to_contract(_pending(engine))
    if target is None:
        return
    if older := _announced(engine, target):
        raise MigrationRefused(
            f"processes of an older version serve, and would fail: {', '.join(older)}. Replace or stop them first"
        )
    with _migrating(engine) as (config, connection):
        if revision_of(connection) < target:  # another process may have been faster
            command.upgrade(config, target)
        contract_mark.put(connection, revision_of(connection))


def upgrade_beside(database: Database) -> list[str]:
    """Upgrade as a process does that starts: contract only if none of an older version serves. Return their names.

    Raises StorageUnavailable, MigrationRefused.
    """
    engine = _engine(database)
    contracts = newest_contract(_pending(engine))
    older = _announced(engine, contracts) if contracts else []
    if older:
        expand(engine)
    else:
        upgrade(engine)
    return older


def _announced(engine: Engine, revision: str) -> list[str]:
    """Announce contracts up to *revision*, and return the processes that would fail on them; then withdraw it.

    The processes are looked for afterwards: an older one that starts meanwhile finds the mark.
    """
    _announce(engine, revision)
    older = older_processes(engine, revision)
    if older:
        with connected(engine) as connection:
            present = revision_of(connection)
        _announce(engine, present)
    return older


def _announce(engine: Engine, revision: str) -> None:
    """Set the mark in a transaction of its own: that of the migrations may take minutes to be seen."""
    with writing(engine) as connection, connection.begin():
        contract_mark.put(connection, revision)


def downgrade(database: Database, revision: str, cipher: Cipher | None = None) -> None:
    """Go back to *revision* ("base" deletes all data). *cipher* decrypts the secrets of channels.

    Raises StorageUnavailable, MigrationRefused.
    """
    with _migrating(database) as (config, connection):
        config.attributes["cipher"] = cipher
        command.downgrade(config, revision)
        contract_mark.put(connection, revision_of(connection))


def check(database: Database) -> None:
    """Check that the database has the tables of the code. Raises SchemaDrift if a migration is missing."""
    with _migrating(database) as (config, _):
        try:
            command.check(config)
        except CommandError as error:  # also if the database is at an older revision
            raise SchemaDrift(str(error)) from error


def new_revision(database: Database, message: str) -> Path:
    """Write a migration script with what *database* lacks, and return its path. It must be at the newest revision."""
    with _migrating(database) as (config, _):
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
def _migrating(database: Database) -> Iterator[tuple[Config, Connection]]:
    """Run migrations in one transaction. MySQL commits after each statement that changes a table, though."""
    config = _config()
    with writing(_engine(database)) as connection, _alone(connection), connection.begin():
        config.attributes["connection"] = connection
        _known_revision(connection)
        try:
            yield config, connection
        except CommandError as error:
            raise MigrationRefused(str(error)) from error
        _check_links(connection)


def _engine(database: Database) -> Engine:
    return create_migration_engine(database.url if isinstance(database, Engine) else database)


def _pending(engine: Engine) -> list[Migration]:
    """Raises MigrationRefused if the schema is newer than this code."""
    with connected(engine) as connection:
        return pending_after(_known_revision(connection))


def _known_revision(connection: Connection) -> str:
    present = revision_of(connection)
    if present and present not in revisions():
        raise MigrationRefused("the database's schema is newer than this version of monitor")
    return present


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
