"""Whether this code runs on a database's schema, found without loading alembic: most starts need no more."""

from enum import Enum, auto

from sqlalchemy import URL

from monitor.adapters.persistence.engine import contract_mark
from monitor.adapters.persistence.engine.engine import connected, create_migration_engine
from monitor.adapters.persistence.engine.halves import Half
from monitor.adapters.persistence.engine.schema_scripts import pending_after, revisions
from monitor.adapters.persistence.engine.step_in_work import revision_of


class SchemaVersion(Enum):
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
        present, mark = revision_of(connection), contract_mark.of(connection)
    # The mark comes before the revision: it is set before a contract runs.
    if (present if mark is None else mark) not in {"", *revisions()}:
        return SchemaVersion.NEWER
    halves = {migration.half for migration in pending_after(present)}
    if not halves:
        return SchemaVersion.CURRENT
    return SchemaVersion.OLDER if Half.EXPAND in halves else SchemaVersion.EXPANDED
