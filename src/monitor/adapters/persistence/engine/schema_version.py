"""Whether a database's schema is that of this code, found without loading alembic: most starts need no more."""

from enum import Enum, auto
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Select, column, select, table
from sqlalchemy import inspect as look_into

from monitor.adapters.persistence.engine.engine import connected, create_migration_engine

_PRESENT: Select[Any] = select(column("version_num")).select_from(table("alembic_version"))


class SchemaVersion(Enum):
    OLDER = auto()
    CURRENT = auto()
    NEWER = auto()
    """Made by a later version, with migrations that this one does not know."""


def version_of(database: URL | str) -> SchemaVersion:
    """Return the version; OLDER for an empty database. Raises StorageUnavailable."""
    known = revisions()
    with connected(create_migration_engine(database)) as connection:
        if not look_into(connection).has_table("alembic_version"):
            return SchemaVersion.OLDER
        present = set(connection.scalars(_PRESENT))
    if present - known:
        return SchemaVersion.NEWER
    return SchemaVersion.CURRENT if present == {max(known)} else SchemaVersion.OLDER


def revisions() -> set[str]:
    """Return the revisions of all scripts: names begin with them, in order."""
    return {script.name.partition("_")[0] for script in (scripts() / "versions").glob("*_*.py")}


def scripts() -> Path:
    """Return alembic's directory: in the installed package, or beside `src` in a checkout."""
    package = Path(__file__).resolve().parents[3]
    installed, in_checkout = package / "_alembic", package.parents[1] / "alembic"
    return installed if installed.is_dir() else in_checkout
