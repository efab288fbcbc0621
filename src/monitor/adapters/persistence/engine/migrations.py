"""Migrations of the schema, as `monitor db …` calls them, without alembic's own command line."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError

from monitor.adapters.persistence.engine import migration_lease
from monitor.adapters.persistence.engine.engine import connected, create_migration_engine, writing
from monitor.adapters.persistence.engine.migration_plans import (
    DowngradePath,
    Migration,
    MigrationRefused,
    before,
    downgrade_path,
    last_to_contract,
    last_to_expand,
    newest_contract,
    pending_after,
    revisions,
    scripts,
)
from monitor.adapters.persistence.engine.mysql_server import too_old
from monitor.adapters.persistence.engine.schema_state import (
    BEGUN,
    PROGRESS,
    Progress,
    note_step,
    noted_step,
    revision_of,
    set_contract_mark,
)
from monitor.adapters.persistence.engine.serving_processes import newer_processes, older_processes
from monitor.application.ports import Cipher
from monitor.domain.errors import MonitorError, StorageUnavailable, TransactionConflict

Database = Engine | URL | str
_PATIENCE = 60.0  # seconds to wait for another process that migrates
_TRIES = 10  # of a migration that meets deadlocks with processes that serve


class SchemaDrift(MonitorError):
    """The database and the code's tables differ; the text says how."""

    reason = "schema_drift"


def steps(database: Database, half: str | None = None, revision: str = "head") -> list[Migration]:
    """Return what `upgrade` runs, or its *half*: "expand", "contract", or "beside" (all). Changes nothing.

    Raises StorageUnavailable; MigrationRefused where the upgrade would.
    """
    engine = _engine(database)
    pending = _pending(engine)
    end: str | None = _known(revision)
    if half == "expand":
        end = last_to_expand(pending)
    elif half == "contract" and (end := last_to_contract(pending)):
        _refuse_beside(older_processes(engine, end))
    return [] if end is None else [each for each in pending if not end or each.revision <= end]


def _known(revision: str) -> str:
    """Return the revision, "" for the newest. Raises MigrationRefused for one that there is not."""
    if revision == "head":
        return ""
    if revision not in revisions():
        raise MigrationRefused(f"there is no revision {revision!r}: see `monitor db history`")
    return revision


def upgrade(database: Database, revision: str = "head", progress: Progress | None = None) -> None:
    """Create or migrate the schema. Several processes may call it. Raises StorageUnavailable, MigrationRefused."""
    engine = _engine(database)
    _known(revision)  # before anything is marked
    if contracts := newest_contract(_pending(engine)):
        _announce(engine, contracts)
    _migrate(engine, lambda config, connection: _up(config, connection, revision), progress)


def expand(database: Database, progress: Progress | None = None) -> bool:
    """Run the first half of an upgrade, or create the schema. Return whether a second half is left.

    Processes of the version before go on. Raises StorageUnavailable, MigrationRefused.
    """
    engine = _engine(database)

    def run(config: Config, connection: Connection) -> None:
        present = revision_of(connection)
        # Nothing runs on an empty database.
        target = last_to_expand(pending_after(present)) if present else "head"
        if target is not None:
            _up(config, connection, target)

    _migrate(engine, run, progress)
    return bool(_pending(engine))


def contract(database: Database, progress: Progress | None = None) -> None:
    """Run the second half. Raises StorageUnavailable; MigrationRefused while a process of the version before serves."""
    engine = _engine(database)
    target = last_to_contract(_pending(engine))
    if target is None:
        return
    _refuse_beside(_announced(engine, target))
    # Another process may have been faster, and at a later revision.
    _migrate(engine, lambda config, connection: _up(config, connection, max(target, revision_of(connection))), progress)


def _refuse_beside(older: list[str]) -> None:
    if older:
        raise MigrationRefused(
            f"processes of an older version serve, and would fail: {', '.join(older)}. Replace or stop them first"
        )


def upgrade_beside(database: Database, progress: Progress | None = None) -> list[str]:
    """Upgrade as a process does that starts: contract only if none of an older version serves. Return their names.

    Raises StorageUnavailable, MigrationRefused.
    """
    engine = _engine(database)
    contracts = newest_contract(_pending(engine))
    older = _announced(engine, contracts) if contracts else []
    if older:
        expand(engine, progress)
    else:
        upgrade(engine, progress=progress)
    return older


def _announced(engine: Engine, revision: str) -> list[str]:
    """Announce contracts up to *revision*, and return the processes that would fail on them; then withdraw it."""
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
        set_contract_mark(connection, revision)


def way_back(database: Database, revision: str) -> DowngradePath:
    """Return what a downgrade to *revision* undoes.

    Raises StorageUnavailable; MigrationRefused, also while a process serves that needs a later revision.
    """
    engine = _engine(database)
    path = downgrade_path(present_revision(engine), revision)
    if newer := newer_processes(engine, path.end):
        raise MigrationRefused(f"processes serve, and would fail: {', '.join(newer)}. Stop them first")
    return path


def downgrade(database: Database, revision: str, cipher: Cipher | None = None) -> None:
    """Go back to *revision*, as `downgrade_path` takes it. *cipher* decrypts the secrets of channels.

    Raises as `way_back` does.
    """
    engine = _engine(database)
    end = way_back(engine, revision).end

    def run(config: Config, connection: Connection) -> None:
        config.attributes["cipher"] = cipher
        _down(config, connection, end)

    _migrate(engine, run)


def present_revision(database: Database) -> str:
    """Return the revision, also a later version's; "" for an empty database. Raises StorageUnavailable."""
    with connected(_engine(database)) as connection:
        return revision_of(connection)


def check(database: Database) -> None:
    """Check that the database has the tables of the code. Raises SchemaDrift if a migration is missing."""
    with _migrating(_engine(database)) as (config, _):
        try:
            command.check(config)
        except CommandError as error:  # also if the database is at an older revision
            raise SchemaDrift(str(error)) from error


def new_revision(database: Database, message: str) -> Path:
    """Write a migration script with what *database* lacks, and return its path. It must be at the newest revision."""
    with _migrating(_engine(database)) as (config, _):
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


def _migrate(engine: Engine, run: Callable[[Config, Connection], None], progress: Progress | None = None) -> None:
    """Run migrations, and again after a conflict with a process that serves: they go on at the step that met it."""
    tries = 1 if engine.dialect.name == "sqlite" else _TRIES
    for left in reversed(range(tries)):
        try:
            with _migrating(engine) as (config, connection):
                config.attributes[PROGRESS] = progress or (lambda *_: None)
                run(config, connection)
            return
        except TransactionConflict as error:
            if not left:
                raise StorageUnavailable(str(error)) from error


def _begun(config: Config, connection: Connection) -> str:
    """Return the step that an interrupted run had begun, up or down; "" if there is none."""
    begun = noted_step(connection)
    config.attributes[BEGUN] = bool(begun)
    return begun


def _up(config: Config, connection: Connection, revision: str) -> None:
    if begun := _begun(config, connection):
        command.stamp(config, before(begun) or "base")
    pending = pending_after(revision_of(connection))
    note_step(connection, pending[0].revision if pending else "")
    command.upgrade(config, revision)
    note_step(connection, "")
    set_contract_mark(connection, revision_of(connection))


def _down(config: Config, connection: Connection, revision: str) -> None:
    if begun := _begun(config, connection):
        command.stamp(config, begun)
    note_step(connection, begun or revision_of(connection))
    command.downgrade(config, revision or "base")
    note_step(connection, "")
    set_contract_mark(connection, revision_of(connection))


@contextmanager
def _migrating(engine: Engine) -> Iterator[tuple[Config, Connection]]:
    """Run migrations in one transaction. MySQL commits after each statement that changes a table, though.

    Other processes that migrate are kept out: on SQLite by the transaction.
    """
    config, is_sqlite = _config(), engine.dialect.name == "sqlite"
    with writing(engine) as connection:
        alone = nullcontext() if is_sqlite else migration_lease.alone(engine, connection, _PATIENCE)
        with alone, connection.begin():
            config.attributes["connection"] = connection
            _known_revision(connection)
            if not is_sqlite and (why := too_old(lambda sql: connection.exec_driver_sql(sql).all())):
                raise MigrationRefused(why)
            try:
                yield config, connection
            except CommandError as error:
                raise MigrationRefused(str(error)) from error
            except DBAPIError as error:
                raise MigrationRefused(f"a migration failed: {error.orig}") from error
            if is_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()) is not None:
                raise MigrationRefused(f"a row of the table {broken[0]} would refer to nothing in {broken[2]}")


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
