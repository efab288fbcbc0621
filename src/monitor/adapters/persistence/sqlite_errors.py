"""What SQLite's errors mean to the core."""

import re
import sqlite3

from monitor.adapters.persistence.errors import KeyTaken
from monitor.domain.errors import ConstraintViolated, MonitorError, StorageUnavailable, TransactionConflict

_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_UNAVAILABLE_FILE = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOTADB,
}
_COLUMNS = re.compile(r"^UNIQUE constraint failed: (\w+)\.(\w+)")


def of_sqlite(error: BaseException) -> MonitorError | None:
    """None for what is nobody's fault but ours."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the kind, the rest tells variants apart
    if code in _LOCKED:
        return TransactionConflict(str(error))
    if code in _UNAVAILABLE_FILE:
        return StorageUnavailable(str(error))
    if isinstance(error, sqlite3.IntegrityError):
        found = _COLUMNS.match(str(error))
        return KeyTaken(f"uq_{found[1]}_{found[2]}") if found else ConstraintViolated(str(error))
    return None
