"""What the database says of its schema, read without alembic: its revision, the step in work, and the contract's mark.

MySQL keeps a part of a step that was interrupted, and alembic sets the revision after the step. So the transaction that
begins a step notes it. On SQLite a whole migration is one transaction, and there is nothing to note.

The mark names the newest migration that contracted the schema: code that does not know it does not run on that schema.
See decision 36.
"""

from collections.abc import Callable
from enum import Enum, auto
from typing import TYPE_CHECKING

from sqlalchemy import URL, Connection, delete, insert, inspect, select, text

from monitor.adapters.persistence.engine.engine import connected, create_migration_engine
from monitor.adapters.persistence.engine.migration_lease import TABLE
from monitor.adapters.persistence.engine.migration_plans import Half, before, newest_contract, pending_after, revisions
from monitor.adapters.persistence.tables.operations import schema_contract as t

if TYPE_CHECKING:  # most starts need no alembic
    from alembic.runtime.migration import MigrationContext, MigrationInfo

BEGUN = "begun"
"""Key in alembic's options: whether an interrupted run has begun the step before."""
PROGRESS = "progress"
"""Key in alembic's options: what a step calls that takes long, and the end of each step."""
Progress = Callable[[str, int, int], object]
"""Called with the revision, and how many parts of the step are done of how many."""
# A row of the lease's table, which exists before and after the schema.
_NOTED = text("SELECT holder FROM migration_lease WHERE id = 3")
_NOTE = text("REPLACE INTO migration_lease VALUES (3, :revision, 0)")
_CLEAR = text("DELETE FROM migration_lease WHERE id = 3")
_RESTORING = text("SELECT 1 FROM migration_lease WHERE id = 4")
_BEGIN_RESTORE = text("REPLACE INTO migration_lease VALUES (4, '', 0)")
_END_RESTORE = text("DELETE FROM migration_lease WHERE id = 4")
_VERSION = text("SELECT version_num FROM alembic_version")


def revision_of(connection: Connection) -> str:
    """Return the newest revision that the schema has completely; "" for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    version = str(connection.scalar(_VERSION) or "")
    return before(version) if version and version == noted_step(connection) else version


def noted_step(connection: Connection) -> str:
    """Return the step that may be done in part; "" if there is none."""
    if connection.dialect.name == "sqlite" or not inspect(connection).has_table(TABLE):
        return ""
    return str(connection.scalar(_NOTED) or "")


def note_step(connection: Connection, revision: str) -> None:
    """Note that the step to *revision*, or back from it, begins; "": none does."""
    if connection.dialect.name != "sqlite":
        connection.execute(_NOTE if revision else _CLEAR, {"revision": revision})


def has_part_of_restore(connection: Connection) -> bool:
    """Tell whether a restore has filled a part of the database only. An SQLite file appears when it is whole."""
    if connection.dialect.name == "sqlite" or not inspect(connection).has_table(TABLE):
        return False
    return connection.scalar(_RESTORING) is not None


def note_restore(connection: Connection, *, begins: bool) -> None:
    """Note that a restore begins, or has ended. The lease's table must be there."""
    connection.execute(_BEGIN_RESTORE if begins else _END_RESTORE)


def note_next(ctx: "MigrationContext", step: "MigrationInfo", heads: object, run_args: object) -> None:
    """Note the step after one that is done, in the transaction that ends this. For alembic's `on_version_apply`."""
    if step.is_stamp or ctx.connection is None or step.up_revision_id is None:
        return
    ctx.opts[BEGUN] = False
    if step.is_upgrade:
        ctx.opts[PROGRESS](step.up_revision_id, 1, 1)
    pending = pending_after(step.up_revision_id)
    onward = pending[0].revision if pending else ""
    note_step(ctx.connection, onward if step.is_upgrade else before(step.up_revision_id))


def contract_mark(connection: Connection) -> str | None:
    """Return the revision that code must know to run on the schema ("": none); None without a mark."""
    return connection.scalar(select(t.c.revision)) if inspect(connection).has_table(t.name) else None


def set_contract_mark(connection: Connection, revision: str) -> None:
    """Mark the schema as that of *revision*, where its version has the table. A later mark than the schema is safe."""
    if inspect(connection).has_table(t.name):
        newest = newest_contract(each for each in pending_after("") if each.revision <= revision)
        connection.execute(delete(t))
        connection.execute(insert(t).values(id=1, revision=newest))


class SchemaVersion(Enum):
    PART = auto()
    """A restore has begun and not ended: nothing runs on it."""
    OLDER = auto()
    """This code does not run on it."""
    EXPANDED = auto()
    """This code runs on it, and so does the version before. It is still to be contracted."""
    CURRENT = auto()
    """This code runs on it and has nothing to migrate. A later version may have expanded it."""
    NEWER = auto()
    """Contracted by a later version: this code does not run on it."""


def version_of(database: URL | str) -> SchemaVersion:
    """Return the version; OLDER for an empty database. Raises StorageUnavailable."""
    with connected(create_migration_engine(database)) as connection:
        if has_part_of_restore(connection):
            return SchemaVersion.PART
        present, mark = revision_of(connection), contract_mark(connection)
    # The mark comes before the revision: it is set before a contract runs.
    if (present if mark is None else mark) not in {"", *revisions()}:
        return SchemaVersion.NEWER
    halves = {migration.half for migration in pending_after(present)}
    if not halves:
        return SchemaVersion.CURRENT
    return SchemaVersion.OLDER if Half.EXPAND in halves else SchemaVersion.EXPANDED
