"""Which step of a migration is in work, as the database itself says.

MySQL keeps a part of a step that was interrupted, and alembic sets the revision after it. So the step is written down
in the transaction that begins it. On SQLite a whole migration is one transaction, and there is nothing to note.
"""

from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from monitor.adapters.persistence.engine.migration_lease import TABLE
from monitor.adapters.persistence.engine.schema_scripts import before, pending_after

if TYPE_CHECKING:  # most starts need no alembic
    from alembic.runtime.migration import MigrationContext, MigrationInfo
BEGUN = "begun"
"""Key in alembic's options: whether an interrupted run has begun the step before."""
# A row of the table that is there before and after the schema.
_NOTED = text("SELECT holder FROM migration_lease WHERE id = 3")
_NOTE = text("REPLACE INTO migration_lease VALUES (3, :revision, 0)")
_CLEAR = text("DELETE FROM migration_lease WHERE id = 3")
_VERSION = text("SELECT version_num FROM alembic_version")


def revision_of(connection: Connection) -> str:
    """Return the newest revision of which the schema has everything; "" for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    version = str(connection.scalar(_VERSION) or "")
    return before(version) if version and version == noted(connection) else version


def noted(connection: Connection) -> str:
    """Return the step of which the schema may have a part; "" if there is none."""
    if connection.dialect.name == "sqlite" or not inspect(connection).has_table(TABLE):
        return ""
    return str(connection.scalar(_NOTED) or "")


def note(connection: Connection, revision: str) -> None:
    """Note that the step to *revision*, or back from it, begins; "": none does."""
    if connection.dialect.name != "sqlite":
        connection.execute(_NOTE if revision else _CLEAR, {"revision": revision})


def note_next(ctx: "MigrationContext", step: "MigrationInfo", heads: object, run_args: object) -> None:
    """Note the step after one that is done, in the transaction that ends this. For alembic's `on_version_apply`."""
    if step.is_stamp or ctx.connection is None or step.up_revision_id is None:
        return
    ctx.opts[BEGUN] = False
    pending = pending_after(step.up_revision_id)
    onward = pending[0].revision if pending else ""
    note(ctx.connection, onward if step.is_upgrade else before(step.up_revision_id))
