"""What the databases' errors mean to the core."""

import re
from dataclasses import dataclass

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from monitor.domain.errors import (
    ConstraintViolated,
    MonitorError,
    StorageUnavailable,
    TransactionConflict,
    TransactionLost,
)

DOOMED = "doomed"
"""Key in `Connection.info` of the error after which the transaction may be incomplete."""


@dataclass(eq=False)
class KeyTaken(ConstraintViolated):
    """A row with this key exists. *key*: the constraint's name, "PRIMARY" or "uq_<table>_<column>…"."""

    key: str


# Lock wait timeout, deadlock, and MariaDB's "record has changed since last read".
_CONFLICTS = {1205, 1213, 1020}
# Server errors that an operator, not a programmer, can solve: no room (1021, 1114), too
# many connections (1040, 1203, 1226), no access (1044, 1045, 1129, 1130, 1698), no such database (1049), network (1152,
# 1158-1161, 1184), killed (1317), read-only (1290, 1792, 1836), broken files (1015, 1016, 1026, 1030), a statement that
# took too long (1969, 3024), an error at the commit, as of a cluster that lost its quorum (1180).
_UNAVAILABLE_SERVER = {
    *(1015, 1016, 1021, 1026, 1030, 1040, 1044, 1045, 1049, 1114, 1129, 1130, 1152, 1158, 1159, 1160, 1161, 1180, 1184),
    *(1203, 1226, 1290, 1317, 1698, 1792, 1836, 1969, 3024),
}
_CLIENT_CODES = range(2000, 3000)  # the client library's: no connection, or a lost one
# May be over in a moment: a cluster's node that is not ready (1047), shutting down or killed (1053, 1927), a lost
# connection (2006, 2013). Not 2003, nobody listens: callers would wait in vain for as long as a database is down.
_LOST = {1047, 1053, 1927, 2006, 2013}

_KEY = re.compile(r"for key '(?:[^'.]*\.)?([^'.]+)'$")


def of_mysql(error: BaseException) -> MonitorError | None:
    """Return the core's error; None for a bug of ours."""
    from pymysql import err  # imported here: with SQLite the driver is not loaded

    code, message = error.args[0] if error.args else 0, str(error.args[-1]) if error.args else ""
    if code in _CONFLICTS:
        return TransactionConflict(message)
    if code in _LOST:
        return TransactionLost(message)
    if code in _UNAVAILABLE_SERVER or code in _CLIENT_CODES or isinstance(error, err.InterfaceError):
        return StorageUnavailable(message)
    if isinstance(error, err.IntegrityError):
        found = _KEY.search(message)
        return KeyTaken(found[1]) if found else ConstraintViolated(message)
    return None


# Numbers as sqlite.org/rescode.html lists them: with MySQL the module sqlite3 (1 MB) is not loaded.
_LOCKED = {5, 6}  # busy, locked
# No permission (3), memory (7), or room (13); read-only (8), interrupted (9), and files that cannot be read, opened
# or locked, or are no database (10, 11, 14, 15, 26).
_UNAVAILABLE_FILE = {3, 7, 8, 9, 10, 11, 13, 14, 15, 26}
_CONSTRAINTS = {19, 20}  # constraint, and a value of another type
_COLUMNS = re.compile(r"^UNIQUE constraint failed: (\w+)\.(\w+)")


def of_sqlite(error: BaseException) -> MonitorError | None:
    """Return the core's error; None for a bug of ours."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the kind, the rest the variant
    if code in _LOCKED:
        return TransactionConflict(str(error))
    if code in _UNAVAILABLE_FILE:
        return StorageUnavailable(str(error))
    if code in _CONSTRAINTS:
        found = _COLUMNS.match(str(error))
        return KeyTaken(f"uq_{found[1]}_{found[2]}") if found else ConstraintViolated(str(error))
    return None


def translated(error: BaseException) -> MonitorError | None:
    """Return the core's error; None for a bug of ours."""
    match type(error).__module__.partition(".")[0]:
        case "sqlite3":
            return of_sqlite(error)
        case "pymysql":
            return of_mysql(error)
    return None


def translate_errors_of(engine: Engine) -> None:
    """Make *engine* raise the core's errors, and mark the connection's transaction as DOOMED."""

    @event.listens_for(engine, "handle_error")
    def translate(context: ExceptionContext) -> None:
        original = context.original_exception
        error = original if isinstance(original, MonitorError) else translated(original)
        if error is None:
            return
        if context.connection is not None and not context.connection.invalidated:
            context.connection.info[DOOMED] = error
        if error is not original:
            raise error from original
